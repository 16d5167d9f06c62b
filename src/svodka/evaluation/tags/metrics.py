"""Scores of tags. The width of every average is the vocabulary's, whether or not the gold uses a tag.

Wherever a ratio is 0/0 it counts 0: the precision of a tag never given, the recall of a tag or an article without
gold, the average precision of either. Equal scores rank in the order of the vocabulary.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, precision_recall_fscore_support

from svodka.evaluation.tags.calibration import brier, calibration_error
from svodka.evaluation.tags.hierarchy import enlarged

Matrix = NDArray[np.float64]

CUTOFFS = (1, 3, 5, 10)


def tag_scores(
    gold: Matrix, decided: Matrix, scores: Matrix, *, cutoffs: Sequence[int] = CUTOFFS, probabilities: bool = False,
    parents: Sequence[int | None] = (),
) -> dict[str, float]:  # fmt: skip
    """Scores of decisions, of the ranking behind them, and of the scores as probabilities.

    `micro_…`, `macro_…` (over all l tags) and `example_…` (over articles) precision, recall and F1; those of
    `ranking_rows`, as means over articles; `tag_map`, mean over all l tags of the average precision of the articles
    ranked by that tag; `coverage`, share of articles with at least one tag given; `tag_coverage`, share of the
    vocabulary given at least once; `tags_given`, mean of an article. With `probabilities` also `ece` and `brier` of
    all pairs, and `ece_given` of those given. With `parents` also `hierarchical_…` precision, recall and F1.

    Args:
        gold: [n, l], 0 or 1.
        decided: [n, l], 0 or 1.
        scores: [n, l], any order-preserving score.
        cutoffs: values of k; P@k divides by k also where an article has fewer tags.
        probabilities: whether scores are probabilities.
        parents: position of each tag's parent; none of tags in no tree.
    """
    result: dict[str, float] = {}
    for name, average in (("micro", "micro"), ("macro", "macro"), ("example", "samples")):
        result |= _averaged(name, gold, decided, average)
    if parents:
        result |= _averaged("hierarchical", enlarged(gold, parents), enlarged(decided, parents), "micro")
    result |= {name: float(values.mean()) for name, values in ranking_rows(gold, scores, cutoffs=cutoffs).items()}
    used = gold.any(axis=0)
    by_tag = [average_precision_score(gold[:, i], scores[:, i]) for i in np.flatnonzero(used)]
    result["tag_map"] = float(sum(by_tag) / gold.shape[1])
    result["coverage"] = float(decided.any(axis=1).mean())
    result["tag_coverage"] = float(decided.any(axis=0).mean())
    result["tags_given"] = float(decided.sum(axis=1).mean())
    if probabilities:
        result["ece"] = calibration_error(gold, scores)
        given = decided > 0
        result["ece_given"] = calibration_error(gold[given], scores[given]) if given.any() else 0.0
        result["brier"] = brier(gold, scores)
    return result


def ranking_rows(gold: Matrix, scores: Matrix, *, cutoffs: Sequence[int] = CUTOFFS) -> dict[str, Matrix]:
    """Scores [n] of each article's ranking of the tags.

    `p@k` and `r@k`; `ndcg@k` (Järvelin & Kekäläinen 2002) with gain 1, discount log2(rank + 1) and the best order of
    the article's own gold as ideal; `map`, average precision over the whole ranking; `depth`, rank of the last right
    tag (coverage, Tsoumakas et al. 2010).
    """
    ranked = np.take_along_axis(gold, np.argsort(-scores, axis=1, kind="stable"), axis=1)  # [n, l]
    hits, wanted = np.cumsum(ranked, axis=1), gold.sum(axis=1)
    places = np.arange(1, gold.shape[1] + 1)
    gains = np.cumsum(ranked / np.log2(places + 1), axis=1)
    ideal = np.concatenate([[0.0], np.cumsum(1 / np.log2(places + 1))])
    rows: dict[str, Matrix] = {}
    for k in cutoffs:
        last = min(k, gold.shape[1]) - 1
        rows[f"p@{k}"] = hits[:, last] / k
        rows[f"r@{k}"] = hits[:, last] / np.maximum(wanted, 1)
        best = ideal[np.minimum(wanted, last + 1).astype(int)]
        rows[f"ndcg@{k}"] = np.divide(gains[:, last], best, out=np.zeros(len(gold)), where=best > 0)
    rows["map"] = (ranked * hits / places).sum(axis=1) / np.maximum(wanted, 1)
    rows["depth"] = (ranked * places).max(axis=1)
    return rows


def per_tag_scores(gold: Matrix, decided: Matrix, names: Sequence[str]) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 and support of each tag, and how often it was given."""
    columns = [*_counted(gold, decided, None), decided.sum(axis=0)]
    keys = ("precision", "recall", "f1", "support", "given")
    return {name: {k: float(c[i]) for k, c in zip(keys, columns, strict=True)} for i, name in enumerate(names)}


def _averaged(name: str, gold: Matrix, decided: Matrix, average: str) -> dict[str, float]:
    precision, recall, f1, _ = _counted(gold, decided, average)
    return {f"{name}_precision": float(precision), f"{name}_recall": float(recall), f"{name}_f1": float(f1)}


def _counted(gold: Matrix, decided: Matrix, average: str | None) -> Any:
    # scikit-learn reads a single column as two classes; an empty one beside it, not averaged, prevents that.
    wide = [np.pad(values, ((0, 0), (0, 1))) for values in (gold, decided)]
    return precision_recall_fscore_support(*wide, labels=range(gold.shape[1]), average=average, zero_division=0)
