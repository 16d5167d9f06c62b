"""Scores of tags. n: articles, l: tags of the vocabulary, whether or not the gold uses them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_fscore_support

Matrix = NDArray[np.float64]


def tag_scores(
    gold: Matrix, decided: Matrix, scores: Matrix, *, cutoffs: Sequence[int] = (1, 3, 5)
) -> dict[str, float]:
    """Micro, macro and example-based scores of decisions, and precision and recall of the first k tags.

    Macro averages over all l tags; a tag without gold and without decisions counts 0, so that the width of the
    average does not depend on the sample. Ratios 0/0 are 0.

    Args:
        gold: [n, l], 0 or 1.
        decided: [n, l], 0 or 1.
        scores: [n, l], any order-preserving score.
        cutoffs: values of k; P@k divides by k also where an article has fewer tags.
    """
    result: dict[str, float] = {}
    for name, average in (("micro", "micro"), ("macro", "macro"), ("example", "samples")):
        precision, recall, f1, _ = _counted(gold, decided, average)
        result |= {f"{name}_precision": float(precision), f"{name}_recall": float(recall), f"{name}_f1": float(f1)}
    for k in cutoffs:
        hits = np.take_along_axis(gold, np.argsort(-scores, axis=1, kind="stable")[:, :k], axis=1).sum(axis=1)
        result[f"p@{k}"] = float(np.mean(hits / k))
        result[f"r@{k}"] = float(np.mean(hits / np.maximum(gold.sum(axis=1), 1)))
    return result


def per_tag_scores(gold: Matrix, decided: Matrix, names: Sequence[str]) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 and support of each tag."""
    columns = _counted(gold, decided, None)
    keys = ("precision", "recall", "f1", "support")
    return {name: {k: float(c[i]) for k, c in zip(keys, columns, strict=True)} for i, name in enumerate(names)}


def _counted(gold: Matrix, decided: Matrix, average: str | None) -> Any:
    # scikit-learn reads a single column as two classes; an empty one beside it, not averaged, prevents that.
    wide = [np.pad(values, ((0, 0), (0, 1))) for values in (gold, decided)]
    return precision_recall_fscore_support(*wide, labels=range(gold.shape[1]), average=average, zero_division=0)
