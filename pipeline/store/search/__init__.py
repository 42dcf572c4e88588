"""The indexes of vectors and of rare words, which follow the database."""
