"""Where ideas go and what people decide on them, each change in one transaction."""
