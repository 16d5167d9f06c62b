"""Memory that one batch after another is computed in."""

from math import prod

from torch import Tensor


class Workspace:
    """Gives the tensors of a batch the memory that those of the batch before had.

    Memory that was given back comes anew from the system, page by page and each page cleared first: for the hundreds of
    megabytes that a decoder's caches take, that is a good part of the time that a batch takes.
    """

    def __init__(self) -> None:
        self._pieces: list[Tensor] = []
        self._taken = 0

    def clear(self) -> None:
        """Begin a batch: what was taken before may be written over from now on."""
        self._taken = 0

    def take(self, *shape: int, like: Tensor) -> Tensor:
        """A tensor of a shape, of the kind and on the device of `like`, that holds anything.

        A batch that takes tensors in the order of the batch before needs no memory but for those that are larger.
        """
        size = prod(shape)
        if self._taken == len(self._pieces):
            self._pieces.append(like.new_empty(size))
        elif not _fits(self._pieces[self._taken], size, like):
            self._pieces[self._taken] = like.new_empty(0)  # the smaller one goes before the larger comes
            self._pieces[self._taken] = like.new_empty(size)
        self._taken += 1
        return self._pieces[self._taken - 1][:size].view(shape)


def _fits(piece: Tensor, size: int, like: Tensor) -> bool:
    return len(piece) >= size and piece.dtype == like.dtype and piece.device == like.device
