"""Kader's own encoder and those of other people's making. Each is imported only when it is asked for."""
