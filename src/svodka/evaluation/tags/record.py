"""What a report keeps of the tags: enough to compute every number of them anew."""

import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svodka.errors import DataError

Matrix = NDArray[np.float64]

_ENCODING = "base64 of zlib of little-endian float32, row by row"


@dataclass(frozen=True)
class TagSystem:
    """One system's answer.

    Attributes:
        decided: [n, l], 0 or 1.
        scores: [n, l], rounded to float32.
        probabilities: whether scores are probabilities.
    """

    decided: Matrix
    scores: Matrix
    probabilities: bool

    @classmethod
    def of(cls, decided: Matrix, scores: Matrix, *, probabilities: bool) -> "TagSystem":
        """Round the scores to what a report keeps, so that its numbers follow from what it keeps."""
        return cls(decided, scores.astype("<f4").astype(np.float64), probabilities)


@dataclass(frozen=True)
class TagRecord:
    """Gold [n, l] and what each system gave, the model first."""

    names: tuple[str, ...]
    gold: Matrix
    systems: Mapping[str, TagSystem]

    def to_dict(self) -> dict[str, Any]:
        """The JSON form: gold and decisions as positions in `vocabulary`, scores packed."""
        return {
            "vocabulary": list(self.names),
            "gold": _positions(self.gold),
            "systems": {
                name: {
                    "decided": _positions(system.decided),
                    "scores": _packed(system.scores),
                    "probabilities": system.probabilities,
                }
                for name, system in self.systems.items()
            },
        }

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> "TagRecord":
        """Read what `to_dict` gave.

        Raises:
            DataError: damaged.
        """
        try:
            names = tuple(body["vocabulary"])
            systems = {
                name: TagSystem(_matrix(s["decided"], len(names)), _unpacked(s["scores"]), bool(s["probabilities"]))
                for name, s in body["systems"].items()
            }
            return cls(names, _matrix(body["gold"], len(names)), systems)
        except (KeyError, TypeError, ValueError, IndexError, zlib.error) as error:
            raise DataError(f"the report's record of the tags is damaged ({error!r}); evaluate anew") from error


def _positions(matrix: Matrix) -> list[list[int]]:
    return [np.flatnonzero(row).tolist() for row in matrix]


def _matrix(rows: Sequence[Sequence[int]], width: int) -> Matrix:
    matrix = np.zeros((len(rows), width))
    for i, positions in enumerate(rows):
        matrix[i, positions] = 1.0
    return matrix


def _packed(matrix: Matrix) -> dict[str, Any]:
    body = base64.b64encode(zlib.compress(matrix.astype("<f4").tobytes(), 9)).decode("ascii")
    return {"shape": list(matrix.shape), "encoding": _ENCODING, "data": body}


def _unpacked(body: Mapping[str, Any]) -> Matrix:
    plain = zlib.decompress(base64.b64decode(body["data"]))
    return np.frombuffer(plain, dtype="<f4").reshape(body["shape"]).astype(np.float64)
