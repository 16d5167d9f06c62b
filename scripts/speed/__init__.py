"""Parts of scripts/benchmark.py: models of fixed shapes, the contenders, and how they are timed and told of."""
