"""How alike two ideas are, and whether they are the same."""
