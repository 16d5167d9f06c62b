"""Chat completions, in the narrow form in which readers and bookmark managers ask for tags or a summary."""
