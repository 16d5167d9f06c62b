"""The decisions that cost most."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

_SMALLEST = 1e-6


def mistakes(
    gold: Matrix, decided: Matrix, scores: Matrix, names: Sequence[str], *, most: int = 10
) -> list[dict[str, Any]]:
    """Wrong decisions by their log loss: -log(1 - score) of a tag wrongly given, -log(score) of one missed.

    At most `most` of each of the two kinds, the most expensive first, and at most one of a kind an article, so that
    one odd article does not fill the list.

    Returns:
        `article` (its place), `tag`, `kind` (`given` or `missed`), `score`, `cost` in nats.
    """
    clipped = np.clip(scores, _SMALLEST, 1 - _SMALLEST)
    wrong, missed = decided * (1 - gold), gold * (1 - decided)
    found = [
        *_dearest(wrong * -np.log1p(-clipped), "given", most),
        *_dearest(missed * -np.log(clipped), "missed", most),
    ]
    return [
        {"article": i, "tag": names[j], "kind": kind, "score": float(scores[i, j]), "cost": cost}
        for i, j, kind, cost in sorted(found, key=lambda row: -row[3])
    ]


def _dearest(costs: Matrix, kind: str, most: int) -> list[tuple[int, int, str, float]]:
    worst = costs.argmax(axis=1)
    highest = costs[np.arange(len(costs)), worst]
    order = [int(i) for i in np.argsort(-highest, kind="stable")[:most] if highest[i] > 0]
    return [(i, int(worst[i]), kind, float(highest[i])) for i in order]
