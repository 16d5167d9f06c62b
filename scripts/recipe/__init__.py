"""The parts of `scripts/backbone.py`: a pretrained encoder fetched, decoded and cut to what the corpora need."""
