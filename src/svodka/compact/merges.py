"""Byte-pair encoding: the pieces that stand between characters and a token."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any


class Merges:
    """The merges of a BPE model, as its `tokenizer.json` holds them."""

    def __init__(self, model: Mapping[str, Any]) -> None:
        self._rank = {(left, right): rank for rank, (left, right) in enumerate(model["merges"])}
        self._prefix = model.get("continuing_subword_prefix") or ""
        self._suffix = model.get("end_of_word_suffix") or ""

    def ingredients(self, token: str) -> set[str]:
        """Every piece on the way from characters to `token`, the token included; none if no merges lead to it.

        No merge crosses the edges of what ends as one token. So inside it the merges of any text are those of the
        token alone, lowest rank first and leftmost among equals, and these pieces are all that the token ever needs.
        """
        parts = self._characters(token)
        seen = set(parts)
        while len(parts) > 1:
            ranks = [self._rank.get(pair, len(self._rank)) for pair in pairwise(parts)]
            at = ranks.index(min(ranks))
            if ranks[at] == len(self._rank):
                return set()
            parts[at : at + 2] = [self.product(parts[at], parts[at + 1])]
            seen.add(parts[at])
        return seen

    def product(self, left: str, right: str) -> str:
        """What a merge makes of two pieces."""
        return left + right[len(self._prefix) :]

    def _characters(self, token: str) -> list[str]:
        """The pieces that a token starts from: characters, marked as the model marks those inside and at the end."""
        inside = bool(self._prefix) and token.startswith(self._prefix)
        last = bool(self._suffix) and token.endswith(self._suffix)
        bare = token[len(self._prefix) * inside : len(token) - len(self._suffix) * last]
        parts = [self._prefix * (inside or i > 0) + character for i, character in enumerate(bare)]
        return [*parts[:-1], parts[-1] + self._suffix * last] if parts else []
