"""Calibration and thresholds of the tags, from the validation split alone."""

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from svodka.bundle.calibration import Calibration, Floats, TopicCalibration
from svodka.config.training import ThresholdConfig

_FALLBACK = 0.5
_PRIOR = 10.0  # variance of the slope before anything is seen; a hundred rows outweigh it
_LEAST = 5  # rows that a share of right ones must stand on


def fit_calibration(logits: Floats, targets: Floats, settings: ThresholdConfig) -> Calibration:
    """Platt scaling shared by all tags, then the threshold of each.

    All tags share the threshold of the best micro-F1. A tag with at least `min_support` positives moves from it
    towards the threshold of its own best F1, by n / (n + `shrinkage`) of the way where it has n positives: the best
    threshold of a few positives says more about these few than about the tag.

    Args:
        logits: [articles, l] of the validation split.
        targets: [articles, l], 0 or 1, below 0 where nothing is known.
        settings: minimum support, shrinkage, and whether to calibrate.
    """
    n_tags = logits.shape[1]
    slope, intercept = platt(logits, targets) if settings.calibrate else (1.0, 0.0)
    # Chosen as log-odds, where a way from one threshold to another has a meaning; kept as probabilities.
    odds = slope * logits + intercept
    known = targets >= 0
    shared = best_threshold(odds[known], targets[known]) if (targets > 0).any() else 0.0
    own = np.array([_own_threshold(odds[:, tag], targets[:, tag], shared, settings) for tag in range(n_tags)])
    thresholds = Calibration.plain(n_tags).probabilities(own)
    return Calibration(np.full(n_tags, slope), np.full(n_tags, intercept), thresholds, settings.nearly)


# Of the topics that an article is given seven in ten should be right; of those it is sure of, nine in ten.
_GIVEN, _SURE = 0.7, 0.9
# Below these scores neither, whatever the validation rows say: those that tell of a topic mostly have it.
_LEAST_SCORE = {_GIVEN: 0.5, _SURE: 0.75}


def fit_topics(logits: Floats, targets: Floats) -> TopicCalibration:
    """Platt scaling of each topic on its own, and the scores from which on it is given, and is sure.

    From such a score on, the share of right ones among the validation rows that tell of the topic is at least the
    level asked for; so it is a level of precision, not of one score. Where no score reaches it, all topics' does.

    Args:
        logits: [articles, k] of the validation split; targets: likewise, below 0 where nothing is known.
    """
    fits = [platt(logits[:, i], targets[:, i]) for i in range(logits.shape[1])]
    slope, intercept = (np.array(values) for values in zip(*fits, strict=True))
    scores = 1 / (1 + np.exp(-(slope * logits + intercept)))
    levels = {}
    for precision in (_GIVEN, _SURE):
        known = targets >= 0
        shared = _precise_from(scores[known], targets[known], precision, otherwise=precision)
        found = [
            _precise_from(scores[known[:, i], i], targets[known[:, i], i], precision, otherwise=shared)
            for i in range(logits.shape[1])
        ]
        levels[precision] = np.maximum(found, _LEAST_SCORE[precision])
    return TopicCalibration(slope, intercept, levels[_GIVEN], np.maximum(levels[_SURE], levels[_GIVEN]))


def _precise_from(scores: Floats, targets: Floats, precision: float, *, otherwise: float) -> float:
    """The lowest score from which on the share of positives is at least `precision`, of at least five rows."""
    order = np.argsort(-scores, kind="stable")
    right = np.cumsum(targets[order]) / np.arange(1, len(order) + 1)
    last = scores[order] > np.append(scores[order][1:], -1.0)  # equal scores cannot be told apart
    good = np.flatnonzero((right >= precision) & last & (np.arange(len(order)) >= _LEAST - 1))
    return float(scores[order][good[-1]]) if len(good) else otherwise


def _own_threshold(scores: Floats, targets: Floats, shared: float, settings: ThresholdConfig) -> float:
    known = targets >= 0
    n = float((targets > 0).sum())
    if n < settings.min_support:
        return shared
    return shared + n / (n + settings.shrinkage) * (best_threshold(scores[known], targets[known]) - shared)


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

    Fitted to Platt's own targets, (P + 1) / (P + 2) for each of P positives and 1 / (N + 2) for each of N negatives:
    a few rows that can be told apart would else give any slope, and scores of 0 and 1.

    Args:
        logits: [articles, l]; targets: likewise, below 0 where nothing is known.
    """
    known = targets >= 0
    flat = targets[known]
    if not 0 < flat.sum() < len(flat):
        return 1.0, 0.0
    positives = flat.sum()
    share = np.where(flat > 0, (positives + 1) / (positives + 2), 1 / (len(flat) - positives + 2))
    # A target between 0 and 1 is a row of each class, weighted.
    rows, classes = np.tile(logits[known], 2).reshape(-1, 1), np.repeat([1.0, 0.0], len(flat))
    fitted = LogisticRegression(C=_PRIOR).fit(rows, classes, sample_weight=np.concatenate([share, 1 - share]))
    slope = float(fitted.coef_[0, 0])
    # A model that ranks worse than chance must not be turned upside down by its calibration.
    return (slope, float(fitted.intercept_[0])) if slope > 0 else (1.0, 0.0)
