"""From the scores of tags to those that are given: thresholds, trees, and what the user wants of them."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from math import prod
from typing import Any

from svodka.errors import ConfigError
from svodka.tagsets.record import TagSet


@dataclass(frozen=True)
class TagChoice:
    """What the user wants of the tags that a model gives.

    Attributes:
        top: at most so many, the best; None: as many as there are.
        min_score: probability from which a tag is given, in place of the model's own thresholds.
        drop: tags that are never given, in any spelling.
        rename: tag in any spelling -> what it is called instead.

    Raises:
        ConfigError: no number of tags above 0, or no probability.
    """

    top: int | None = None
    min_score: float | None = None
    drop: frozenset[str] = frozenset()
    rename: Mapping[str, str] = field(default_factory=dict, hash=False)  # a dict has no hash

    def __post_init__(self) -> None:
        if self.top is not None and self.top < 1:
            raise ConfigError(f"--top must be at least 1, got {self.top}")
        if self.min_score is not None and not 0 <= self.min_score <= 1:
            raise ConfigError(f"--min-score is a probability from 0 to 1, got {self.min_score}")

    @classmethod
    def of(
        cls, *, top: int | None = None, min_score: float | None = None, drop: Sequence[str] = (),
        rename: Sequence[str] = (),
    ) -> "TagChoice":  # fmt: skip
        """A choice from what a user writes: tags with commas between them, and `OLD=NEW`.

        Raises:
            ConfigError: as the constructor; or a name without another one.
        """
        names = [name.strip() for line in drop for name in line.split(",") if name.strip()]
        pairs = [(line.partition("=")[0].strip(), line.partition("=")[2].strip()) for line in rename]
        for line, (old, new) in zip(rename, pairs, strict=True):
            if not old or not new:
                raise ConfigError(f"--rename '{line}' must be OLD=NEW, as цб=Центробанк")
        return cls(top, min_score, frozenset(names), dict(pairs))

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "top": self.top, "min_score": self.min_score, "drop": sorted(self.drop), "rename": dict(self.rename)
        }  # fmt: skip


def decode_set(
    tags: TagSet, scores: Sequence[float], thresholds: Sequence[float], *, hidden: Set[int], nearly: float = 1.0
) -> list[tuple[int, float]]:
    """The tags of a set that an article is given, as positions with their scores, best first.

    Of `many`, those that reach their threshold; a parent stands for its children where none of them does, with the
    probability that it or one of them is right. Where none reaches its own, the one that comes nearest, if its score is
    at least `nearly` of it. Of `one`, the best: from the top of the tree down to where no child reaches its threshold.

    Args:
        tags: the set; scores: probability of each tag; thresholds: of each tag.
        hidden: positions of tags that are never given.
        nearly: share of a threshold.
    """
    whole = _whole(tags, scores)
    if tags.kind == "one":
        chosen = _one(tags, whole, thresholds, hidden)
    else:
        reached = {place for place, score in enumerate(whole) if score >= thresholds[place] and place not in hidden}
        chosen = [place for place in reached if reached.isdisjoint(tags.below[place])]
        chosen = chosen or _nearest(whole, thresholds, hidden, nearly)
    return sorted(((place, whole[place]) for place in chosen), key=lambda pair: (-pair[1], pair[0]))


def _nearest(whole: Sequence[float], thresholds: Sequence[float], hidden: Set[int], nearly: float) -> list[int]:
    """The tag that comes nearest to its threshold, in a list, if it comes so near."""
    shares = {p: score / max(thresholds[p], 1e-9) for p, score in enumerate(whole) if p not in hidden}
    best = max(shares, key=lambda p: shares[p], default=None)
    return [] if best is None or shares[best] < nearly else [best]


def _whole(tags: TagSet, scores: Sequence[float]) -> list[float]:
    """Probability of each tag or of one below it."""
    whole = [float(score) for score in scores]
    for place, below in enumerate(tags.below):
        if below:
            whole[place] = 1 - prod(1 - float(scores[p]) for p in (place, *below))
    return whole


def _one(tags: TagSet, whole: Sequence[float], thresholds: Sequence[float], hidden: Set[int]) -> list[int]:
    """The best tag that may be given, in a list; none only where all are hidden."""
    given: int | None = None
    level: Sequence[int] = tags.children[None]
    while level := [p for p in level if not hidden >= {p, *tags.below[p]}]:
        best = max(level, key=lambda p: whole[p])
        if best not in hidden:
            if given is not None and whole[best] < thresholds[best]:
                break
            given = best
        level = tags.children.get(best, ())
    return [] if given is None else [given]
