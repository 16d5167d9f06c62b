"""What a report keeps of the topics: enough to compute every number of them anew."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from svodka.errors import DataError
from svodka.evaluation.packed import DAMAGE, Matrix, matrix_of, packed, positions, rounded, unpacked
from svodka.topics import TOPIC_IDS

MODEL = "model"


@dataclass(frozen=True)
class TopicSystem:
    """One system's answer.

    Attributes:
        decided: [n, k], 0 or 1.
        scores: [n, k], rounded to float32.
        probabilities: whether scores are probabilities.
        sure: [n, k], 1 where a topic that is given is called sure; None for a system that calls none so.
        apart: [n, k] scores by which it tells one topic from all others, where they are not `scores`.
    """

    decided: Matrix
    scores: Matrix
    probabilities: bool
    sure: Matrix | None = None
    apart: Matrix | None = None

    @classmethod
    def of(
        cls, decided: Matrix, scores: Matrix, *, probabilities: bool, sure: Matrix | None = None,
        apart: Matrix | None = None,
    ) -> "TopicSystem":  # fmt: skip
        """Round the scores to what a report keeps, so that its numbers follow from what it keeps."""
        return cls(decided, rounded(scores), probabilities, sure, None if apart is None else rounded(apart))

    def at(self, rows: list[int]) -> "TopicSystem":
        """The answer to some of the articles."""
        sure, apart = (None if part is None else part[rows] for part in (self.sure, self.apart))
        return TopicSystem(self.decided[rows], self.scores[rows], self.probabilities, sure, apart)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        body: dict[str, Any] = {"decided": positions(self.decided), "scores": packed(self.scores)}
        body["probabilities"] = self.probabilities
        if self.sure is not None:
            body["sure"] = positions(self.sure)
        if self.apart is not None:
            body["apart"] = packed(self.apart)
        return body

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> "TopicSystem":
        """Read what `to_dict` gave; raises any of `DAMAGE`."""
        return cls(
            matrix_of(body["decided"], len(TOPIC_IDS)),
            unpacked(body["scores"]),
            bool(body["probabilities"]),
            matrix_of(body["sure"], len(TOPIC_IDS)) if "sure" in body else None,
            unpacked(body["apart"]) if "apart" in body else None,
        )


@dataclass(frozen=True)
class TopicRecord:
    """Gold and what each system gave, the model first.

    Attributes:
        places: of the articles in the report, those of which a topic is known.
        gold: [n, k]; known: [n, k], 1 where gold tells.
        reach: positions of the topics that the corpus can give at all.
        denied: positions of those that some of its scored articles are known to lack.
        single: whether it puts each article under one label.
        systems: by name.
    """

    places: tuple[int, ...]
    gold: Matrix
    known: Matrix
    reach: tuple[int, ...]
    denied: tuple[int, ...]
    single: bool
    systems: Mapping[str, TopicSystem]

    @cached_property
    def told(self) -> Matrix:
        """[n, k] the known pairs of topics that are denied somewhere.

        Where a corpus never denies a topic, to be known is to have it: whoever always gave it would be right.
        """
        told = np.zeros_like(self.known)
        told[:, list(self.denied)] = self.known[:, list(self.denied)]
        return told

    @property
    def n(self) -> int:
        """Articles with such a pair."""
        return int(self.told.any(axis=1).sum())

    def at(self, rows: list[int]) -> "TopicRecord":
        """The record of some of its rows."""
        places = tuple(self.places[row] for row in rows)
        systems = {name: system.at(rows) for name, system in self.systems.items()}
        return replace(self, places=places, gold=self.gold[rows], known=self.known[rows], systems=systems)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form: 0/1 as positions in `ids`, scores packed."""
        return {
            "ids": list(TOPIC_IDS),
            "places": list(self.places),
            "gold": positions(self.gold),
            "known": positions(self.known),
            "reach": list(self.reach),
            "denied": list(self.denied),
            "single": self.single,
            "systems": {name: system.to_dict() for name, system in self.systems.items()},
        }

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> "TopicRecord":
        """Read what `to_dict` gave.

        Raises:
            DataError: damaged, or of other topics than this version's.
        """
        try:
            if tuple(body["ids"]) != TOPIC_IDS:
                raise ValueError("other topics")
            gold, known = (matrix_of(body[name], len(TOPIC_IDS)) for name in ("gold", "known"))
            systems = {name: TopicSystem.from_dict(system) for name, system in body["systems"].items()}
            places, reach, denied = (tuple(body[name]) for name in ("places", "reach", "denied"))
            return cls(places, gold, known, reach, denied, bool(body["single"]), systems)
        except DAMAGE as error:
            raise DataError(f"the report's record of the topics is damaged ({error!r}); evaluate anew") from error
