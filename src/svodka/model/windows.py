"""Overlapping windows over a long token sequence, each token owned by exactly one of them."""

from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens [start, stop) of a sequence, of which [own_start, own_stop) belong to this window."""

    start: int
    stop: int
    own_start: int
    own_stop: int


def cut(n_tokens: int, capacity: int, *, overlap: int, limit: int) -> list[Window]:
    """Cover a sequence with as few windows of at most `capacity` tokens as share `overlap` with their neighbour.

    All windows are equally long, and no longer than they must be: full ones would read many tokens twice where the
    last has little left to cover. A token that lies in two windows is owned by the one in which it stands further from
    the edge. What the `limit` of windows cannot cover is left out at the end.

    Args:
        n_tokens: length of the sequence.
        capacity: content tokens of a window, special tokens not counted.
        overlap: tokens that neighbours share at least, less than `capacity`.
        limit: most windows.
    """
    stride = capacity - overlap
    covered = min(n_tokens, capacity + (limit - 1) * stride)
    n = max(1, -(-(covered - overlap) // stride))
    size = -(-(covered + (n - 1) * overlap) // n)
    starts = [i * (covered - size) // max(1, n - 1) for i in range(n)]
    # Where two windows overlap, the middle of the overlap divides them.
    edges = [0, *((left + size + right) // 2 for left, right in pairwise(starts)), covered]
    return [Window(start, start + size, *owned) for start, owned in zip(starts, pairwise(edges), strict=True)]
