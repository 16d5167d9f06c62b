"""How sure a number is: the bootstrap over articles (Efron 1979), paired for differences (Koehn 2004).

Every statistic here is a function of how often each article was drawn. The draws depend on the number of articles
alone, so that two systems on the same articles meet the same draws and their difference is a paired one. Bounds are
those of the 95% percentile interval after the bootstrap's correction for bias (Efron & Tibshirani 1993, chapter 10):
a draw loses rare tags, so that its macro averages are low.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

DRAWS = 2000
_SEED = 13
# Most numbers held at once; 2000 draws of 20,000 articles would not fit beside a model.
_BLOCK = 2_000_000

Floats = NDArray[np.float64]
Statistic = Callable[[Floats], Mapping[str, Floats]]


class Measured(NamedTuple):
    """What systems score, how sure that is, and what lies between them.

    Attributes:
        scores: system -> score -> value.
        intervals: system -> score -> lower and upper bound.
        differences: baseline -> score -> the model's minus its own, with the bounds.
    """

    scores: Mapping[str, Mapping[str, float]]
    intervals: Mapping[str, Mapping[str, list[float]]]
    differences: Mapping[str, Mapping[str, Mapping[str, float]]]


def resample(n: int, statistic: Statistic) -> dict[str, Floats]:
    """Values of a statistic over bootstrap draws of n articles.

    Args:
        n: articles.
        statistic: [d, n] times that each article was drawn -> values [d] by name.

    Returns:
        Values [DRAWS] by name; the same n gives the same draws.
    """
    blocks = [statistic(weights) for weights in _draws(n)]
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}


def bounds(value: float, drawn: Floats) -> list[float]:
    """Lower and upper bound of a score, from its values over the draws.

    No bound leaves the range of the score: none is below 0, and a share is at most 1.
    """
    low, high = _around(value, drawn)
    is_share = max(value, float(drawn.max())) <= 1
    return [max(low, 0.0), min(high, 1.0) if is_share else high]


def _around(value: float, drawn: Floats) -> list[float]:
    low, high = np.percentile(drawn, [2.5, 97.5]) + (value - drawn.mean())
    return [float(low), float(high)]


def mean_statistic(rows: Mapping[str, Floats]) -> Statistic:
    """The means of scores [n] by name, as a statistic."""

    def means(weights: Floats) -> dict[str, Floats]:
        return {name: weights @ values / weights.sum(axis=1) for name, values in rows.items()}

    return means


def paired_difference(ours: Floats, theirs: Floats) -> dict[str, float]:
    """Mean difference of scores of the same articles, with the bounds of its 95% bootstrap interval.

    Args:
        ours, theirs: [n] scores, article by article.

    Returns:
        `mean`, `low` and `high`; the same articles give the same bounds.
    """
    differences = ours - theirs
    drawn = resample(len(differences), mean_statistic({"mean": differences}))["mean"]
    return _told(float(differences.mean()), drawn)


def differences(
    ours: Mapping[str, float], theirs: Mapping[str, float], our_draws: Mapping[str, Floats],
    their_draws: Mapping[str, Floats],
) -> dict[str, dict[str, float]]:  # fmt: skip
    """Paired differences of two systems with their intervals, for every score that both have."""
    return {
        name: difference_of(ours[name] - theirs[name], our_draws[name], their_draws[name])
        for name in our_draws
        if name in their_draws
    }


def beside(
    model: str, scores: Mapping[str, Mapping[str, float]], drawn: Mapping[str, Mapping[str, Floats]]
) -> Measured:
    """A model beside all other systems, from the scores of each and their values over the draws."""
    intervals = {name: {key: bounds(scores[name][key], v) for key, v in own.items()} for name, own in drawn.items()}
    others = [name for name in scores if name != model]
    pairs = {name: differences(scores[model], scores[name], drawn[model], drawn[name]) for name in others}
    return Measured(scores, intervals, pairs)


def difference_of(mean: float, ours: Floats, theirs: Floats) -> dict[str, float]:
    """A difference of two systems' statistics with the bounds of its interval, from their values over the draws."""
    return _told(mean, ours - theirs)


def _told(mean: float, drawn: Floats) -> dict[str, float]:
    low, high = _around(mean, drawn)
    return {"mean": mean, "low": low, "high": high}


def _draws(n: int) -> Iterator[Floats]:
    generator = np.random.default_rng(_SEED)
    size = max(1, min(DRAWS, _BLOCK // n))
    for at in range(0, DRAWS, size):
        rows = min(size, DRAWS - at)
        drawn = generator.integers(0, n, (rows, n)) + np.arange(rows)[:, None] * n
        yield np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n).astype(np.float64)
