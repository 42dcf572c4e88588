"""What the encoder that ships with Kader is worth, beside words alone and beside MiniLM."""
