"""Measuring the text model on what people decided in one organisation."""
