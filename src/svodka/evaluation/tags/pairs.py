"""Which tags come together, and which are given in place of another."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


def co_occurrence(gold: Matrix, decided: Matrix, names: Sequence[str], *, most: int = 18) -> dict[str, Any]:
    """How often tags stand together, for the `most` frequent tags of the gold.

    Returns:
        `tags`; `gold` and `model`, each [tags, tags] articles with both tags, the diagonal holding a tag's own
        articles.
    """
    uses = gold.sum(axis=0)
    chosen = [int(i) for i in np.argsort(-uses, kind="stable")[:most] if uses[i]]
    counts = {name: (x[:, chosen].T @ x[:, chosen]).astype(int).tolist() for name, x in _both(gold, decided)}
    return {"tags": [names[i] for i in chosen], **counts}


def confused(gold: Matrix, decided: Matrix, names: Sequence[str], *, most: int = 20) -> list[dict[str, Any]]:
    """Pairs of a tag that was missed and another that was wrongly given to the same article.

    Ordered by how far their count exceeds what chance would give (misses times wrong gifts over n), so that two
    tags that are merely often wrong do not head the list.

    Returns:
        `missed`, `given`, `articles` and `expected`, for pairs of at least two articles.
    """
    missed, wrong = gold * (1 - decided), decided * (1 - gold)
    expected = np.outer(missed.sum(axis=0), wrong.sum(axis=0)) / len(gold)
    rows = _excess(missed.T @ wrong, expected, most)
    return [{"missed": names[i], "given": names[j], "articles": n, "expected": e} for i, j, n, e in rows]


def together(gold: Matrix, decided: Matrix, names: Sequence[str], *, most: int = 20) -> list[dict[str, Any]]:
    """Pairs of tags that the gold uses together oftener than chance, and how often the model gives both.

    Returns:
        `tags`, `articles` of the gold, `expected` by chance, `model`: articles to which the model gives both.
    """
    uses = gold.sum(axis=0)
    expected = np.triu(np.outer(uses, uses) / len(gold), 1)
    given = decided.T @ decided
    rows = _excess(np.triu(gold.T @ gold, 1), expected, most)
    return [
        {"tags": [names[i], names[j]], "articles": n, "expected": e, "model": int(given[i, j])} for i, j, n, e in rows
    ]


def _both(gold: Matrix, decided: Matrix) -> tuple[tuple[str, Matrix], ...]:
    return ("gold", gold), ("model", decided)


def _excess(counts: Matrix, expected: Matrix, most: int) -> list[tuple[int, int, int, float]]:
    excess = np.where(counts >= 2, counts - expected, 0.0)
    order = np.argsort(-excess, axis=None, kind="stable")[:most]
    places = [np.unravel_index(i, counts.shape) for i in order]
    return [(int(i), int(j), int(counts[i, j]), float(expected[i, j])) for i, j in places if excess[i, j] > 0]
