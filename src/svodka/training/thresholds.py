"""Calibration and thresholds of the tags, from the validation split alone."""

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from svodka.calibration import Calibration, Floats
from svodka.config.training import ThresholdConfig

_FALLBACK = 0.5


def fit_calibration(logits: Floats, targets: Floats, settings: ThresholdConfig) -> Calibration:
    """Platt scaling shared by all tags, then the threshold of each.

    A tag with at least `min_support` positives gets the threshold of its own best F1; the others share the
    one of the best micro-F1 over all tags.

    Args:
        logits: [articles, l] of the validation split.
        targets: [articles, l], 0 or 1.
        settings: minimum support, and whether to calibrate.
    """
    n_tags = logits.shape[1]
    slope, intercept = _platt(logits, targets) if settings.calibrate else (1.0, 0.0)
    plain = Calibration(np.full(n_tags, slope), np.full(n_tags, intercept), np.full(n_tags, _FALLBACK))
    scores = plain.probabilities(logits)
    shared = best_threshold(scores.ravel(), targets.ravel())
    own = [
        best_threshold(scores[:, tag], targets[:, tag]) if targets[:, tag].sum() >= settings.min_support else shared
        for tag in range(n_tags)
    ]
    return Calibration(plain.slope, plain.intercept, np.asarray(own))


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
    # Below the last stands 0 for probabilities; margins may lie under 0 themselves.
    below = ranked[best + 1] if best + 1 < len(ranked) else min(0.0, ranked[best])
    return float((ranked[best] + below) / 2)


def _platt(logits: NDArray[np.float64], targets: NDArray[np.float64]) -> tuple[float, float]:
    flat = targets.ravel()
    if not 0 < flat.sum() < len(flat):
        return 1.0, 0.0
    fitted = LogisticRegression(C=1e4).fit(logits.reshape(-1, 1), flat)
    slope = float(fitted.coef_[0, 0])
    # A model that ranks worse than chance must not be turned upside down by its calibration.
    return (slope, float(fitted.intercept_[0])) if slope > 0 else (1.0, 0.0)
