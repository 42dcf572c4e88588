"""Ideas are claimed, read with the text model, and wait for their turn."""
