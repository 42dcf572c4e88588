"""Why: words that spoke, sentences that match, earlier ideas, limits that seem to be touched."""
