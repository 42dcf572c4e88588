"""How well touched limits are found: `python -m benchmarks.limits`."""
