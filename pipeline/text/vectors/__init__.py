"""One vector per idea, and the nearest among many."""
