"""Training: from a config and prepared data to a bundle. `run` tells the whole story in order."""
