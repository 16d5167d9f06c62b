"""Whatever a newsroom has, read into articles."""
