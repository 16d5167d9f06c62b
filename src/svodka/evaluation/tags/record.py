"""What a report keeps of the tags: enough to compute every number of them anew."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from svodka.errors import DataError
from svodka.evaluation.packed import DAMAGE, Matrix, matrix_of, packed, positions, rounded, unpacked


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
        return cls(decided, rounded(scores), probabilities)

    def at(self, rows: list[int]) -> "TagSystem":
        """The answer to some of the articles."""
        return TagSystem(self.decided[rows], self.scores[rows], self.probabilities)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form: decisions as positions, scores packed."""
        return {
            "decided": positions(self.decided),
            "scores": packed(self.scores),
            "probabilities": self.probabilities,
        }

    @classmethod
    def from_dict(cls, body: Mapping[str, Any], width: int) -> "TagSystem":
        """Read what `to_dict` gave of `width` tags; raises any of `DAMAGE`."""
        return cls(matrix_of(body["decided"], width), unpacked(body["scores"]), bool(body["probabilities"]))


@dataclass(frozen=True)
class TagRecord:
    """Gold [n, l] and what each system gave, the model first."""

    names: tuple[str, ...]
    gold: Matrix
    systems: Mapping[str, TagSystem]

    @property
    def n(self) -> int:
        """Articles."""
        return len(self.gold)

    def at(self, rows: list[int]) -> "TagRecord":
        """The record of some of the articles."""
        systems = {name: system.at(rows) for name, system in self.systems.items()}
        return TagRecord(self.names, self.gold[rows], systems)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form: gold and decisions as positions in `vocabulary`, scores packed."""
        return {
            "vocabulary": list(self.names),
            "gold": positions(self.gold),
            "systems": {name: system.to_dict() for name, system in self.systems.items()},
        }

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> "TagRecord":
        """Read what `to_dict` gave.

        Raises:
            DataError: damaged.
        """
        try:
            names = tuple(body["vocabulary"])
            systems = {name: TagSystem.from_dict(system, len(names)) for name, system in body["systems"].items()}
            return cls(names, matrix_of(body["gold"], len(names)), systems)
        except DAMAGE as error:
            raise DataError(f"the report's record of the tags is damaged ({error!r}); evaluate anew") from error
