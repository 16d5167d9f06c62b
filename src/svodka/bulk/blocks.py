"""Rows in blocks that are always the same: what is computed together decides the last digits of a score."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from svodka.inputs.readers import read_rows
from svodka.inputs.rows import Row
from svodka.inputs.sources import Source
from svodka.inputs.streams import Meter

_BLOCK_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that are annotated together; no run, resumed or on a cluster, ever divides them otherwise.

    Attributes:
        source: number of the source among all, from 0.
        number: number of the block in its source, from 0.
        rows: its rows.
    """

    source: int
    number: int
    rows: tuple[Row, ...]

    def digest(self) -> bytes:
        """sha256 of the rows with their places."""
        told = hashlib.sha256()
        for row in self.rows:
            for part in (row.where.encode("utf-8", "surrogateescape"), row.head.encode(), row.data):
                told.update(len(part).to_bytes(8, "big") + part)
        return told.digest()


def cut_blocks(sources: Iterable[Source], meter: Meter) -> Iterator[Block]:
    """The blocks of all sources in order, read as they are asked for."""
    for i, source in enumerate(sources):
        yield from source_blocks(source, i, meter)


def source_blocks(source: Source, i: int, meter: Meter) -> Iterator[Block]:
    """The blocks of source `i`: `block_rows` rows each, fewer where these would be too many bytes.

    Raises:
        DataError: as `read_rows`.
    """
    number, rows, held = 0, list[Row](), 0
    for row in read_rows(source, meter):
        rows.append(row)
        held += len(row.data)
        if len(rows) == source.block_rows or held >= _BLOCK_BYTES:
            yield Block(i, number, tuple(rows))
            number, rows, held = number + 1, [], 0
    if rows:
        yield Block(i, number, tuple(rows))
