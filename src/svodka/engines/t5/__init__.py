"""T5's encoder, decoder and search of our own: the numbers of transformers' own, faster."""
