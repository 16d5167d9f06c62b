"""The order of training rows: new in each epoch, known from the seed and the epoch alone, like lengths together."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import torch
from torch.utils.data import Dataset

from svodka.training.mixture import Draw, epoch_rows
from svodka.training.states import StateStore, with_states

# Batches' worth of rows that are sorted by length at a time: enough to save padding, few enough to stay random.
_POOL = 50


class EpochOrder(Dataset[dict[str, Any]]):
    """Rows in the order of the current epoch, for a loader that reads them from first to last.

    The order depends on nothing drawn before, so that a run resumed in mid-epoch reads what it would have read.
    The Trainer's own grouping by length draws from the global generator, and does not.
    """

    def __init__(
        self,
        rows: Any,
        *,
        batch_size: int,
        seed: int,
        windows: int | None = None,
        draws: Sequence[Draw] | None = None,
        store: StateStore | None = None,
    ) -> None:
        """Wrap encoded rows.

        Args:
            rows: a `datasets.Dataset` with the column `length`.
            batch_size, seed: of the order.
            windows: an article is cut to its first ones; None: whole.
            draws: what an epoch reads of each corpus; None: all rows.
            store: has the token states of what is read, which each row then brings along.
        """
        self._store = store
        self._rows, self._windows = rows, windows
        self._draws = [Draw(len(rows))] if draws is None else draws
        self._lengths = torch.tensor(rows["length"][:])
        if windows is not None:
            # An article's windows are of one length, but for rounding.
            counts = torch.tensor(_window_counts(rows)).clamp(min=1)
            self._lengths = (self._lengths * counts.clamp(max=windows) / counts).long()
        self._batch_size, self._seed = batch_size, seed
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        """Take up the order of an epoch; accelerate's loader calls this."""
        chosen = epoch_rows(self._draws, seed=self._seed, epoch=epoch)
        self._order = chosen[epoch_order(self._lengths[chosen], self._batch_size, seed=self._seed, epoch=epoch)]

    @property
    def steps(self) -> int:
        """Batches of an epoch, a last, smaller one included."""
        return -(-len(self) // self._batch_size)

    @property
    def size(self) -> int:
        """Rows of the split."""
        return len(self._rows)

    def read(self, epochs: int, *, besides: Iterable[int] = ()) -> Iterator[list[list[int]]]:
        """Windows of every row that some of the first `epochs` read, and of others by position, each row once."""
        drawn = torch.cat([epoch_rows(self._draws, seed=self._seed, epoch=epoch) for epoch in range(epochs)])
        for index in sorted({*drawn.tolist(), *besides}):
            yield self._rows[index]["input_ids"][: self._windows]

    def telling(self, known: torch.Tensor) -> list[int]:
        """Positions of the rows of corpora that tell of any tag; `known` [corpora, l]."""
        return known.any(dim=1)[torch.tensor(self._rows["corpus"][:])].nonzero().flatten().tolist()

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, position: int) -> dict[str, Any]:
        return self.row(int(self._order[position]))

    def row(self, index: int) -> dict[str, Any]:
        """A row by its position in the split, cut as an epoch reads it."""
        row: dict[str, Any] = self._rows[index] | {"index": index}
        row = row if self._windows is None else first_windows(row, self._windows)
        return row if self._store is None else with_states(row, self._store)


def _window_counts(rows: Any) -> list[int]:
    # By Arrow: as lists of numbers the windows of a corpus take gigabytes.
    from pyarrow import compute

    blocks = rows.select_columns(["input_ids"]).with_format("arrow").iter(batch_size=1000)
    return [n for block in blocks for n in compute.list_value_length(block["input_ids"]).to_pylist()]


def first_windows(row: dict[str, Any], count: int) -> dict[str, Any]:
    """An encoded row as if its article ended with window `count`."""
    if len(row["input_ids"]) <= count:
        return row
    sentence_ids = row["sentence_ids"][:count]
    n_read = 1 + max(0, *(owner for window in sentence_ids for owner in window))
    return row | {
        "input_ids": row["input_ids"][:count],
        "sentence_ids": sentence_ids,
        "n_sentences": n_read,
        "sentence_labels": row["sentence_labels"][:n_read],
    }


def epoch_order(lengths: torch.Tensor, batch_size: int, *, seed: int, epoch: int) -> torch.Tensor:
    """A permutation of the rows [n] in which every batch holds rows of like length, and the batches are shuffled.

    Args:
        lengths: [n], tokens of each row.
        batch_size: rows of a batch; a last, smaller batch stays last.
        seed, epoch: what the permutation depends on.
    """
    generator = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
    shuffled = torch.randperm(len(lengths), generator=generator)
    pools = torch.split(shuffled, batch_size * _POOL)
    sorted_pools = [pool[lengths[pool].argsort(descending=True, stable=True)] for pool in pools]
    batches = torch.split(torch.cat([*sorted_pools, shuffled[:0]]), batch_size)
    whole = [batch for batch in batches if len(batch) == batch_size]
    places = torch.randperm(len(whole), generator=generator)
    return torch.cat([*(whole[place] for place in places), *batches[len(whole) :], shuffled[:0]])
