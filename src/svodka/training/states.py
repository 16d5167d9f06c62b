"""Token states of a backbone that stays as it is, kept on disk: each article is read once for a whole training.

They are found by what was read, not by where it stood: other labels, another order or another run find them again.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from svodka.errors import DataError

Windows = Sequence[Sequence[int]]
# (padded ids [w, t], mask [w, t]) -> states [w, t, d]
Reader = Callable[[Tensor, Tensor], Tensor]

_RECORD = np.dtype([("digest", "S16"), ("start", "<i8"), ("tokens", "<i4")])
_BATCH_TOKENS = 4_096
_SAVED_EVERY = 64  # batches between two moments at which a killed run would find its states again


class StateStore:
    """A folder with the states [tokens, d] of all windows that were read, as float16, and where each begins."""

    def __init__(self, folder: Path, width: int) -> None:
        """Open a folder, or make it; states behind the last whole record, and records without states, are cut off.

        Raises:
            DataError: the folder holds states of another width.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._width, self._index, self._data = width, folder / "index.bin", folder / "states.f16"
        stated = folder / "width"
        if stated.exists() and stated.read_text() != str(width):
            raise DataError(f"{folder} holds states of width {stated.read_text()}, not {width}; name another folder")
        stated.write_text(str(width))
        raw = self._index.read_bytes() if self._index.exists() else b""
        records = np.frombuffer(raw[: len(raw) // _RECORD.itemsize * _RECORD.itemsize], _RECORD)
        # After a power failure the index may be there and states that it names not.
        there = self._data.stat().st_size // (2 * width) if self._data.exists() else 0
        records = records[: int(np.searchsorted(records["start"] + records["tokens"], there, side="right"))]
        self._found = {bytes(r["digest"]).ljust(16, b"\0"): (int(r["start"]), int(r["tokens"])) for r in records}
        self._end = max((start + tokens for start, tokens in self._found.values()), default=0)
        self._map: NDArray[np.float16] | None = None

    @classmethod
    def of(cls, folder: Path, backbone: torch.nn.Module, width: int) -> "StateStore":
        """The store of a backbone below `folder`, named by its weights."""
        digest = hashlib.sha256()
        for name, tensor in backbone.state_dict().items():
            digest.update(name.encode())
            digest.update(tensor.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().data)
        return cls(folder / digest.hexdigest()[:16], width)

    def __len__(self) -> int:
        return len(self._found)

    def states(self, windows: Windows) -> list[Tensor]:
        """States [t, d] of each window of an article, float16."""
        if self._map is None or len(self._map) < self._end:
            self._map = np.memmap(self._data, np.float16, mode="r").reshape(-1, self._width)
        found = [self._found[_digest(window)] for window in windows]
        return [torch.from_numpy(np.array(self._map[start : start + tokens])) for start, tokens in found]

    def fill(self, articles: Iterable[Windows], read: Reader, *, pad_id: int, say: Callable[[str], None]) -> None:
        """Read the windows that are not there yet, long ones first.

        Args:
            articles: windows of each article.
            read: the backbone.
            pad_id: token id of the padding.
            say: takes a line on how far it is.
        """
        wanted = {_digest(window): window for windows in articles for window in windows}
        missing = sorted((w for digest, w in wanted.items() if digest not in self._found), key=len, reverse=True)
        left = sum(map(len, missing))
        if missing:
            say(f"reading {len(missing):,} windows of {left:,} tokens once; {len(wanted) - len(missing):,} are known")
        with self._data.open("r+b" if self._data.exists() else "w+b") as data, self._index.open("ab") as index:
            data.truncate(self._end * self._width * 2)
            data.seek(0, 2)
            index.truncate(len(self._found) * _RECORD.itemsize)
            records: list[tuple[bytes, int, int]] = []
            for number, batch in enumerate(_batches(missing), 1):
                records += self._write(batch, read, pad_id, data)
                left -= sum(map(len, batch))
                if number % _SAVED_EVERY == 0:
                    records = self._save(records, data, index)
                    say(f"{left:,} tokens to read")
            self._save(records, data, index)

    def _write(self, batch: Sequence[Sequence[int]], read: Reader, pad: int, file: BinaryIO) -> list[Any]:
        width = max(map(len, batch))
        ids = torch.tensor([[*window, *[pad] * (width - len(window))] for window in batch])
        mask = torch.tensor([[1] * len(window) + [0] * (width - len(window)) for window in batch])
        with torch.inference_mode():
            states = read(ids, mask).to("cpu", torch.float16)
        records = []
        for window, found in zip(batch, states, strict=True):
            file.write(found[: len(window)].contiguous().numpy().tobytes())
            records.append((_digest(window), self._end, len(window)))
            self._end += len(window)
        return records

    def _save(self, records: Sequence[tuple[bytes, int, int]], data: BinaryIO, index: BinaryIO) -> list[Any]:
        # The index last: what it names is there.
        data.flush()
        index.write(np.array(list(records), _RECORD).tobytes())
        index.flush()
        self._found.update({digest: (start, tokens) for digest, start, tokens in records})
        return []


class WithStates(Dataset[dict[str, Any]]):
    """Encoded rows, each with the states of its windows."""

    def __init__(self, rows: Any, store: StateStore) -> None:
        self._rows, self._store = rows, store

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, position: int) -> dict[str, Any]:
        return with_states(self._rows[position], self._store)


def with_states(row: Mapping[str, Any], store: StateStore) -> dict[str, Any]:
    """An encoded row with `states`, those of its windows."""
    return {**row, "states": store.states(row["input_ids"])}


def _digest(window: Sequence[int]) -> bytes:
    return hashlib.blake2b(np.asarray(window, dtype="<i4").tobytes(), digest_size=16).digest()


def _batches(windows: Sequence[Sequence[int]]) -> Iterator[list[Sequence[int]]]:
    batch: list[Sequence[int]] = []
    for window in windows:  # longest first, so that the first sets the width
        if batch and (len(batch) + 1) * len(batch[0]) > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch
