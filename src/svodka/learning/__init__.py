"""Learning tags from corrections, and what goes to and comes from people who correct. See README.md."""
