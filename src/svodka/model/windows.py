"""Overlapping windows over a long token sequence, each token owned by exactly one of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens [start, stop) of a sequence, of which [own_start, own_stop) belong to this window."""

    start: int
    stop: int
    own_start: int
    own_stop: int


def cut(n_tokens: int, capacity: int, *, overlap: int, limit: int) -> list[Window]:
    """Cover a sequence with windows of `capacity` tokens that share `overlap` with their neighbour.

    The last window is moved back so that it is full; a token that lies in two windows is owned by the one in
    which it stands further from the edge. What the `limit` of windows cannot cover is left out at the end.

    Args:
        n_tokens: length of the sequence.
        capacity: content tokens of a window, special tokens not counted.
        overlap: tokens shared by neighbours, less than `capacity`.
        limit: most windows.
    """
    stride = capacity - overlap
    covered = min(n_tokens, capacity + (limit - 1) * stride)
    starts = list(range(0, max(covered - overlap, 1), stride))
    starts[-1] = max(0, min(starts[-1], covered - capacity))
    stops = [min(start + capacity, covered) for start in starts]
    # Where two windows overlap, the middle of the overlap divides them.
    edges = [0, *((start + stop) // 2 for start, stop in zip(starts[1:], stops[:-1], strict=True)), covered]
    return [Window(a, z, edges[i], edges[i + 1]) for i, (a, z) in enumerate(zip(starts, stops, strict=True))]
