"""What a tag learns from a few articles: the likeliest change of its rows, held against what it was.

Logistic regression around the tag's own log-odds, with a normal prior on what is added to them (a Gaussian process
classifier by Laplace's approximation, Rasmussen & Williams 2006, algorithm 3.1). Articles of which nothing is said
pull towards what the tag made of them before (Li & Hoiem 2017, "Learning without forgetting"), so that all others keep
what they had. n: articles, d: features.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Prior:
    """How far a tag may move.

    Attributes:
        spread: standard deviation of what one kind of features adds to the log-odds of an article.
        bias_spread: of what is added to those of all articles, where many are there that nothing is said of.
    """

    spread: float
    bias_spread: float


# Chosen on validation articles by `scripts/learn_from_corrections.py`: a trained tag knows more than a name says.
NAMED, TRAINED = Prior(1.4, 2.0), Prior(0.7, 0.7)
OTHERS = 10.0  # articles of which so many let the bias have half of that variance
WEIGHT = 0.2  # of an article that nothing is said of, beside one that is corrected

_STEPS, _ENOUGH = 50, 1e-6
_NOTHING = 1e-9  # length of features that are the same for all articles, up to rounding


@dataclass(frozen=True)
class Features:
    """Features of articles, to be taken around their mean and so large that an article's have length 1.

    Attributes:
        rows: as they were read [n, d], an array or a sparse matrix of scipy.
        mean: of the rows [d]; scale: what makes their length 1.
        kernel: their products with each other, so taken [n, n].
    """

    rows: Any
    mean: Floats
    scale: float
    kernel: Floats

    @classmethod
    def of(cls, rows: Any) -> "Features":
        """Features [n, d] as they were read."""
        products = rows @ rows.T
        kernel = np.asarray(products.toarray() if hasattr(products, "toarray") else products, dtype=np.float64)
        kernel = kernel - kernel.mean(axis=0) - kernel.mean(axis=1, keepdims=True) + kernel.mean()
        length = float(np.sqrt(max(np.trace(kernel), 0.0) / len(kernel)))
        scale = 1 / length if length > _NOTHING else 0.0
        return cls(rows, np.asarray(rows.mean(axis=0)).ravel(), scale, scale**2 * kernel)

    def weights(self, pulls: Floats) -> Floats:
        """Weights [d] of the features as they were read, of which the articles pull so much each [n]."""
        return np.asarray(self.scale**2 * (self.rows.T @ pulls - self.mean * pulls.sum()))


@dataclass(frozen=True)
class Change:
    """What is added to a tag's log-odds: for each kind of features weights [d], and a constant.

    `left_out`: the log-odds of each article, had it told nothing [n]: what thresholds can be chosen by.
    """

    weights: tuple[Floats, ...]
    constant: float
    left_out: Floats


def fit_change(
    odds: Floats, said: Floats, features: Sequence[Features], prior: Prior = NAMED, *, whole: bool = False
) -> Change:
    """The change of a tag that its corrections make likeliest.

    Args:
        odds: its log-odds of each article before [n].
        said: 1 where the article has it, 0 where not, below 0 where nothing is said [n].
        features: of kinds that are trusted alike.
        prior: how far it may move.
        whole: whether the articles were not chosen for the tag, so that they tell how often it is used.
    """
    told = said >= 0
    others = float((~told).sum())
    bias = prior.bias_spread**2 * (1.0 if whole else max(others, 1.0) / (others + OTHERS))
    kernel = sum((prior.spread**2 * part.kernel for part in features), np.full((len(odds), len(odds)), bias))
    targets, trust = np.where(told, said, _probability(odds)), np.where(told, 1.0, WEIGHT)
    pulls = _likeliest(kernel, odds, targets, trust)
    found = tuple(prior.spread**2 * part.weights(pulls) for part in features)
    means = sum(float(part.mean @ weights) for part, weights in zip(features, found, strict=True))
    left_out = _left_out(odds + kernel @ pulls, kernel, targets, trust)
    return Change(found, float(bias * pulls.sum() - means), left_out)


def _left_out(after: Floats, kernel: Floats, targets: Floats, weights: Floats) -> Floats:
    """Log-odds [n] of each article by all others: one Newton step back from the optimum (Rad & Maleki 2020)."""
    probability = _probability(after)
    curvature = np.maximum(weights * probability * (1 - probability), 1e-9)
    root = np.sqrt(curvature)
    kept = np.diag(np.linalg.inv(np.eye(len(after)) + root[:, None] * kernel * root))
    return np.asarray(after - (1 - kept) / (curvature * kept) * weights * (targets - probability))


def _likeliest(kernel: Floats, odds: Floats, targets: Floats, weights: Floats) -> Floats:
    """How much each article pulls [n]: what is added to the log-odds is `kernel @ pulls`."""
    pulls = np.zeros(len(odds))
    cost = _cost(kernel, pulls, odds, targets, weights)
    for _ in range(_STEPS):
        step = _newton(kernel, pulls, odds, targets, weights) - pulls
        # Far from the optimum a whole step may lead away from it.
        length = 1.0
        while length > _ENOUGH and _cost(kernel, pulls + length * step, odds, targets, weights) > cost:
            length /= 2
        pulls = pulls + length * step
        before, cost = cost, _cost(kernel, pulls, odds, targets, weights)
        if before - cost < _ENOUGH:
            break
    return pulls


def _newton(kernel: Floats, pulls: Floats, odds: Floats, targets: Floats, weights: Floats) -> Floats:
    added = kernel @ pulls
    probability = _probability(odds + added)
    curvature = np.maximum(weights * probability * (1 - probability), 1e-9)
    root = np.sqrt(curvature)
    wanted = curvature * added + weights * (targets - probability)
    inner = np.eye(len(odds)) + root[:, None] * kernel * root
    return np.asarray(wanted - root * np.linalg.solve(inner, root * (kernel @ wanted)))


def _cost(kernel: Floats, pulls: Floats, odds: Floats, targets: Floats, weights: Floats) -> float:
    added = kernel @ pulls
    logits = odds + added
    return float(pulls @ added / 2 + (weights * (np.logaddexp(0, logits) - targets * logits)).sum())


def _probability(odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -40, 40))))
