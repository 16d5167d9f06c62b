"""Parts of scripts/scoreboard.py: what a bundle is worth on several corpora, how large and how fast it is, tables."""
