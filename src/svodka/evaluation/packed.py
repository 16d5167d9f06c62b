"""Matrices as a report keeps them: 0/1 by the positions of the ones, scores as packed float32."""

import base64
import math
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

_ENCODING = "base64 of zlib of little-endian float32, row by row"
# What reading a damaged record may raise.
DAMAGE = (LookupError, TypeError, ValueError, AttributeError, OverflowError, MemoryError, zlib.error)


def rounded(scores: Matrix) -> Matrix:
    """Scores as they come back from a report, so that its numbers follow from what it keeps."""
    return scores.astype("<f4").astype(np.float64)


def positions(matrix: Matrix) -> list[list[int]]:
    """The columns of the ones of each row."""
    return [np.flatnonzero(row).tolist() for row in matrix]


def matrix_of(rows: Sequence[Sequence[int]], width: int) -> Matrix:
    """The 0/1 matrix [n, width] that `positions` told of."""
    matrix = np.zeros((len(rows), width))
    for i, places in enumerate(rows):
        matrix[i, places] = 1.0
    return matrix


def packed(matrix: Matrix) -> dict[str, Any]:
    """Scores in JSON."""
    body = base64.b64encode(zlib.compress(matrix.astype("<f4").tobytes(), 9)).decode("ascii")
    return {"shape": list(matrix.shape), "encoding": _ENCODING, "data": body}


def unpacked(body: Mapping[str, Any]) -> Matrix:
    """Read what `packed` gave; raises any of `DAMAGE`."""
    n_bytes = 4 * math.prod(body["shape"])
    # No more than it says: a few bytes unpack to gigabytes.
    plain = zlib.decompressobj().decompress(base64.b64decode(body["data"]), max(n_bytes, 0) + 1)
    return np.frombuffer(plain, dtype="<f4").reshape(body["shape"]).astype(np.float64)
