"""What one threshold for all tags would give."""

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

_STEPS = 100


def threshold_curve(gold: Matrix, scores: Matrix) -> dict[str, list[float]]:
    """Micro precision, recall and F1 of giving each tag whose score reaches a shared threshold; 0/0 is 0.

    Args:
        gold: [n, l], 0 or 1.
        scores: [n, l], probabilities.

    Returns:
        `threshold` (0.01 to 0.99), `precision`, `recall` and `f1`, all of one length.
    """
    thresholds = np.arange(1, _STEPS) / _STEPS
    order = np.argsort(scores.ravel(), kind="stable")
    ranked, right_below = scores.ravel()[order], np.concatenate([[0.0], np.cumsum(gold.ravel()[order])])
    below = np.searchsorted(ranked, thresholds, side="left")
    given, right, wanted = ranked.size - below, right_below[-1] - right_below[below], right_below[-1]
    columns = {
        "threshold": thresholds,
        "precision": right / np.maximum(given, 1),
        "recall": right / max(wanted, 1.0),
        "f1": 2 * right / np.maximum(given + wanted, 1),
    }
    return {name: [float(x) for x in values] for name, values in columns.items()}
