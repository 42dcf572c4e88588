"""Duplicates, measured beside other ways to find them."""
