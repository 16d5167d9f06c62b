"""How far an engine's answers are from those of the reference engine."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from svodka.article import Annotation
from svodka.evaluation.bootstrap import Floats

Answers = Sequence[tuple[Annotation, Floats]]


@dataclass(frozen=True)
class Agreement:
    """Two engines on the same articles.

    Attributes:
        largest: largest difference of a tag's probability; 0 without a tag head.
        tags: share of articles with the same tags.
        texts: share of articles with the same summary; None where neither gives one.
        words: share of a summary's words that are the same up to the first that differs, mean over articles.
    """

    largest: float
    tags: float
    texts: float | None
    words: float | None

    @classmethod
    def of(cls, reference: Answers, other: Answers) -> "Agreement":
        """Compare the answers to at least one article, in the same order."""
        pairs = list(zip(reference, other, strict=True))
        differences = [float(np.abs(a[1] - b[1]).max(initial=0.0)) for a, b in pairs]
        tags = [[t.name for t in a[0].tags] == [t.name for t in b[0].tags] for a, b in pairs]
        written = [(a[0].summary.text, b[0].summary.text) for a, b in pairs if a[0].summary and b[0].summary]
        return cls(
            max(differences),
            float(np.mean(tags)),
            float(np.mean([a == b for a, b in written])) if written else None,
            float(np.mean([_common(a.split(), b.split()) for a, b in written])) if written else None,
        )

    def __str__(self) -> str:
        told = [f"p within {self.largest:.0e}" if self.largest else "p equal", f"tags equal {self.tags:.0%}"]
        if self.texts is not None:
            told.append(f"texts equal {self.texts:.0%}, words {self.words:.0%}")
        return ", ".join(told)


def _common(a: Sequence[str], b: Sequence[str]) -> float:
    longest = max(len(a), len(b))
    if not longest:
        return 1.0
    same = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return same / longest
