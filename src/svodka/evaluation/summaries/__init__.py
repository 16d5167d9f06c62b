"""How good the summaries are: ROUGE, chrF, length, and what they copy."""
