"""Whether a score reads as a probability."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import brier_score_loss

Matrix = NDArray[np.float64]

BINS = 15


def calibration_error(gold: Matrix, scores: Matrix) -> float:
    """Expected calibration error (Naeini et al. 2015): |mean score - share that is right| by bin, weighted by size.

    All pairs of an article and a tag are one sample, in `BINS` bins of equal width; bin i holds scores s with
    i <= BINS * s < i + 1, and 1 lies in the last.

    Args:
        gold: 0 or 1.
        scores: probabilities, of the same shape.
    """
    right, told, n = _binned(gold, scores)
    return float(np.abs(right - told).sum() / n.sum())


def brier(gold: Matrix, scores: Matrix) -> float:
    """Mean squared difference of score and gold over all pairs of an article and a tag (Brier 1950)."""
    return float(brier_score_loss(gold.ravel(), scores.ravel(), pos_label=1))


def reliability(gold: Matrix, scores: Matrix) -> list[dict[str, Any]]:
    """What a reliability diagram draws: for each bin that holds pairs its edges, n, mean score and share right."""
    right, told, n = _binned(gold, scores)
    return [
        {
            "low": i / BINS,
            "high": (i + 1) / BINS,
            "n": int(n[i]),
            "score": float(told[i] / n[i]),
            "right": float(right[i] / n[i]),
        }
        for i in range(BINS)
        if n[i]
    ]


def bin_of(scores: Matrix) -> NDArray[np.int64]:
    """Bin of each score, from 0."""
    return np.minimum((scores * BINS).astype(np.int64), BINS - 1)


def _binned(gold: Matrix, scores: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    place = bin_of(scores).ravel()
    right, told = (np.bincount(place, weights=x.ravel(), minlength=BINS).astype(np.float64) for x in (gold, scores))
    return right, told, np.bincount(place, minlength=BINS).astype(np.float64)
