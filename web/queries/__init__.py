"""Reads for the pages: each function returns frozen values and changes nothing."""
