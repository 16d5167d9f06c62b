"""Articles as they arrive."""
