"""Encoders of other people's making. Each module is imported only when its encoder is asked for."""
