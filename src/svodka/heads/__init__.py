"""The heads: what reads the token states of an article. One head is one file."""
