"""What stands in a text: words and character n-grams, their weights, sentences, language."""
