"""A bundle with a smaller vocabulary: only the tokens that a corpus uses, the same answers where no other is needed."""
