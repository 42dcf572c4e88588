"""The shell around the pure core: claims rows, gathers facts, records what was decided."""
