"""How good the tags are: scores, calibration, curves, pairs, slices, mistakes. n articles, l tags throughout."""
