"""Calibration and thresholds of the tags, from the validation split alone."""

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from svodka.calibration import Calibration, Floats
from svodka.config.training import ThresholdConfig

_FALLBACK = 0.5


def fit_calibration(logits: Floats, targets: Floats, settings: ThresholdConfig) -> Calibration:
    """Platt scaling shared by all tags, then the threshold of each.

    All tags share the threshold of the best micro-F1. A tag with at least `min_support` positives moves from it
    towards the threshold of its own best F1, by n / (n + `shrinkage`) of the way where it has n positives: the best
    threshold of a few positives says more about these few than about the tag.

    Args:
        logits: [articles, l] of the validation split.
        targets: [articles, l], 0 or 1.
        settings: minimum support, shrinkage, and whether to calibrate.
    """
    n_tags = logits.shape[1]
    slope, intercept = platt(logits, targets) if settings.calibrate else (1.0, 0.0)
    # Chosen as log-odds, where a way from one threshold to another has a meaning; kept as probabilities.
    odds = slope * logits + intercept
    shared = best_threshold(odds.ravel(), targets.ravel()) if targets.any() else 0.0
    own = np.array([_own_threshold(odds[:, tag], targets[:, tag], shared, settings) for tag in range(n_tags)])
    return Calibration(np.full(n_tags, slope), np.full(n_tags, intercept), Calibration.plain(n_tags).probabilities(own))


def _own_threshold(scores: Floats, targets: Floats, shared: float, settings: ThresholdConfig) -> float:
    n = float(targets.sum())
    if n < settings.min_support:
        return shared
    return shared + n / (n + settings.shrinkage) * (best_threshold(scores, targets) - shared)


def best_threshold(scores: Floats, targets: Floats) -> float:
    """The score from which on a positive decision gives the best F1; midway to the next lower score.

    0.5 where there is no positive.
    """
    if not targets.sum():
        return _FALLBACK
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order], np.cumsum(targets[order])
    f1 = 2 * hits / (np.arange(1, len(ranked) + 1) + targets.sum())
    f1[:-1][ranked[:-1] == ranked[1:]] = -1.0  # equal scores cannot be told apart
    best = int(np.argmax(f1))
    # Below the last stands 0 for probabilities; margins and log-odds may lie under 0 themselves.
    last = 0.0 if ranked[best] > 0 else ranked[best] - 1.0
    below = ranked[best + 1] if best + 1 < len(ranked) else last
    return float((ranked[best] + below) / 2)


def platt(logits: NDArray[np.float64], targets: NDArray[np.float64]) -> tuple[float, float]:
    """Slope and intercept that make logits log-odds (Platt 1999), shared by all tags; 1 and 0 where none can be fitted.

    Args:
        logits, targets: [articles, l].
    """
    flat = targets.ravel()
    if not 0 < flat.sum() < len(flat):
        return 1.0, 0.0
    fitted = LogisticRegression(C=1e4).fit(logits.reshape(-1, 1), flat)
    slope = float(fitted.coef_[0, 0])
    # A model that ranks worse than chance must not be turned upside down by its calibration.
    return (slope, float(fitted.intercept_[0])) if slope > 0 else (1.0, 0.0)
