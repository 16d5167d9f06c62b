"""Moved to `svodka.bundle.reference`."""

from svodka.bundle.reference import (
    Counts,
    Floats,
    Pieces,
    Reference,
    count_pieces,
    jensen_shannon,
    make_reference,
    owned_pieces,
    score_features,
    text_features,
    unseen_share,
)

__all__ = [
    "Counts",
    "Floats",
    "Pieces",
    "Reference",
    "count_pieces",
    "jensen_shannon",
    "make_reference",
    "owned_pieces",
    "score_features",
    "text_features",
    "unseen_share",
]
