"""What prepared articles are known to be about, and what their corpus can tell of topics at all."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from svodka.data.splits import SPLITS
from svodka.data.store import TOPIC_COLUMNS, PreparedData
from svodka.evaluation.packed import Matrix
from svodka.topics import TOPIC_IDS


@dataclass(frozen=True)
class TopicGold:
    """Topics of some articles.

    Attributes:
        gold: [n, k], 1 where an article has the topic.
        known: [n, k], 1 where it is known whether it has it; gold is known.
    """

    gold: Matrix
    known: Matrix

    @classmethod
    def of(cls, data: PreparedData, split: str, *, limit: int | None = None) -> "TopicGold":
        """The topics of the first articles of a split, in order."""
        rows = data.dataset(split)
        topics, known = (_matrix(rows[name][:limit]) for name in TOPIC_COLUMNS)
        return cls(topics, np.maximum(known, topics))

    @property
    def judged(self) -> list[int]:
        """Places of the articles of which anything is known."""
        return [int(i) for i in np.flatnonzero(self.known.any(axis=1))]

    @property
    def denied(self) -> list[int]:
        """Positions of the topics that some article is known to lack."""
        return [int(i) for i in np.flatnonzero((self.known > self.gold).any(axis=0))]


def reach(data: PreparedData) -> list[int]:
    """Positions of the topics that any article of the data has: those that the corpus' map can give."""
    return [i for i, topic in enumerate(TOPIC_IDS) if data.manifest.topics.get(topic)]


def single_label(data: PreparedData) -> bool:
    """Whether the corpus puts each article under one label at most, so that its topic is one among all."""
    return all(len(tags) <= 1 for split in SPLITS for tags in data.dataset(split)["tags"])


def _matrix(rows: Sequence[Sequence[str]]) -> Matrix:
    places = {topic: i for i, topic in enumerate(TOPIC_IDS)}
    matrix = np.zeros((len(rows), len(TOPIC_IDS)))
    for i, topics in enumerate(rows):
        matrix[i, [places[topic] for topic in topics]] = 1.0
    return matrix
