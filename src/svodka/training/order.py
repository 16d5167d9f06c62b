"""The order of training rows: new in each epoch, known from the seed and the epoch alone, like lengths together."""

from typing import Any

import torch
from torch.utils.data import Dataset

# Batches' worth of rows that are sorted by length at a time: enough to save padding, few enough to stay random.
_POOL = 50


class EpochOrder(Dataset[dict[str, Any]]):
    """Rows in the order of the current epoch, for a loader that reads them from first to last.

    The order depends on nothing drawn before, so that a run resumed in mid-epoch reads what it would have read.
    The Trainer's own grouping by length draws from the global generator, and does not.
    """

    def __init__(self, rows: Any, *, batch_size: int, seed: int, windows: int | None = None) -> None:
        """Wrap encoded rows (a `datasets.Dataset` with the column `length`), cut to their first `windows`."""
        self._rows, self._windows = rows, windows
        self._lengths = torch.tensor(rows["length"])
        if windows is not None:
            widest = max((len(window) for row in rows["input_ids"] for window in row[:1]), default=0)
            self._lengths = self._lengths.clamp(max=windows * widest)
        self._batch_size, self._seed = batch_size, seed
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        """Take up the order of an epoch; accelerate's loader calls this."""
        self._order = epoch_order(self._lengths, self._batch_size, seed=self._seed, epoch=epoch)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, position: int) -> dict[str, Any]:
        row: dict[str, Any] = self._rows[int(self._order[position])]
        return row if self._windows is None else first_windows(row, self._windows)


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
