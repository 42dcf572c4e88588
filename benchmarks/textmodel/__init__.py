"""How well the text model routes, on real sets and beside others; see `python -m benchmarks.textmodel --help`."""
