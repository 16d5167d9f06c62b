"""What a report keeps of the tags: enough to compute every number of them anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
    """Gold and answers.

    Attributes:
        names: of the l tags.
        gold: [n, l], 0 or 1.
        systems: what each gave, the model first.
        parents: position of each tag's parent; none of tags in no tree.
    """

    names: tuple[str, ...]
    gold: Matrix
    systems: Mapping[str, TagSystem]
    parents: tuple[int | None, ...] = ()

    @property
    def n(self) -> int:
        """Articles."""
        return len(self.gold)

    def at(self, rows: list[int]) -> "TagRecord":
        """The record of some of the articles."""
        systems = {name: system.at(rows) for name, system in self.systems.items()}
        return replace(self, gold=self.gold[rows], systems=systems)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form: gold and decisions as positions in `vocabulary`, scores packed."""
        return {
            "vocabulary": list(self.names),
            "gold": positions(self.gold),
            "systems": {name: system.to_dict() for name, system in self.systems.items()},
            **({"parents": list(self.parents)} if self.parents else {}),
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
            parents = _checked(body.get("parents", ()), len(names))
            return cls(names, matrix_of(body["gold"], len(names)), systems, parents)
        except DAMAGE as error:
            raise DataError(f"the report's record of the tags is damaged ({error!r}); evaluate anew") from error


def _checked(parents: Sequence[int | None], n: int) -> tuple[int | None, ...]:
    """The parents of n tags; raises a ValueError where they cannot be."""
    if parents and (len(parents) != n or not {*parents} <= {None, *range(n)}):
        raise ValueError(f"the parents of {n} tags are {len(parents)} positions from 0 to {n - 1}, or None")
    return tuple(parents)
