"""Tag scores as functions of how often each article counts: what the bootstrap draws."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from svodka.evaluation.bootstrap import Statistic, mean_statistic
from svodka.evaluation.tags.calibration import BINS, bin_of
from svodka.evaluation.tags.hierarchy import enlarged
from svodka.evaluation.tags.metrics import ranking_rows

Matrix = NDArray[np.float64]


def tag_statistic(
    gold: Matrix, decided: Matrix, scores: Matrix, *, probabilities: bool = False, parents: Sequence[int | None] = ()
) -> Statistic:
    """A statistic with the names and rules of `tag_scores`, but for what depends on single tags' rankings.

    Args:
        gold, decided, scores, probabilities, parents: as there.

    Returns:
        [d, n] times that each article counts -> values [d] by name.
    """
    right = gold * decided
    rows = ranking_rows(gold, scores)
    rows |= _example_rows(right, gold, decided)
    rows |= {
        "coverage": np.asarray(decided.any(axis=1), dtype=np.float64),
        "tags_given": np.asarray(decided.sum(axis=1)),
    }
    if probabilities:
        rows["brier"] = ((gold - scores) ** 2).mean(axis=1)
    means = mean_statistic(rows)
    gaps = _gaps(gold, scores) if probabilities else None
    trees = _tree_counts(gold, decided, parents)

    def values(weights: Matrix) -> dict[str, Matrix]:
        found = dict(means(weights))
        counts = [weights @ x for x in (right, decided, gold)]  # [d, l] each
        found |= _prf("micro", *(x.sum(axis=1, keepdims=True) for x in counts))
        found |= _prf("macro", *counts)
        if trees is not None:
            found |= _prf("hierarchical", *((weights @ x)[:, None] for x in trees))
        if gaps is not None:
            found["ece"] = np.abs(weights @ gaps).sum(axis=1) / (weights.sum(axis=1) * gold.shape[1])
        return found

    return values


def _tree_counts(gold: Matrix, decided: Matrix, parents: Sequence[int | None]) -> tuple[Matrix, ...] | None:
    """Of each article [n] how many tags are right, given and wanted, each with those above it; None without a tree."""
    if not parents:
        return None
    wanted, given = enlarged(gold, parents), enlarged(decided, parents)
    return tuple(x.sum(axis=1) for x in (wanted * given, given, wanted))


def _prf(name: str, right: Matrix, decided: Matrix, gold: Matrix) -> dict[str, Matrix]:
    return {
        f"{name}_precision": _ratio(right, decided).mean(axis=1),
        f"{name}_recall": _ratio(right, gold).mean(axis=1),
        f"{name}_f1": _ratio(2 * right, decided + gold).mean(axis=1),
    }


def _example_rows(right: Matrix, gold: Matrix, decided: Matrix) -> dict[str, Matrix]:
    hits, given, wanted = (x.sum(axis=1) for x in (right, decided, gold))
    return {
        "example_precision": _ratio(hits, given),
        "example_recall": _ratio(hits, wanted),
        "example_f1": _ratio(2 * hits, given + wanted),
    }


def _gaps(gold: Matrix, scores: Matrix) -> Matrix:
    """[n, bins] sum of gold minus score of an article's pairs in each bin."""
    place, gaps = bin_of(scores), gold - scores
    return np.stack([(gaps * (place == i)).sum(axis=1) for i in range(BINS)], axis=1)


def _ratio(part: Matrix, whole: Matrix) -> Matrix:
    return np.divide(part, whole, out=np.zeros_like(part, dtype=np.float64), where=whole > 0)
