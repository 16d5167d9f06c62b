"""How sure a difference between two systems is: the paired bootstrap over articles (Koehn 2004)."""

import numpy as np
from numpy.typing import NDArray

DRAWS = 2000
_SEED = 13


def paired_difference(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> dict[str, float]:
    """Mean difference of scores of the same articles, with the bounds of its 95% bootstrap interval.

    Args:
        ours, theirs: [n] scores, article by article.

    Returns:
        `mean`, `low` and `high`; the same articles give the same bounds.
    """
    differences = ours - theirs
    draws = np.random.default_rng(_SEED).integers(0, len(differences), (DRAWS, len(differences)))
    means = differences[draws].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return {"mean": float(differences.mean()), "low": float(low), "high": float(high)}
