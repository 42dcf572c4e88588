"""From scores to probabilities, and to the promise about errors of what is decided alone."""
