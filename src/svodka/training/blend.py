"""A head's parts, trained apart, made one: their logits weighed by what each is worth on the validation split."""

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from svodka.model.news_model import NewsModel

Floats = NDArray[np.float64]

_TAG_PARTS = ("attention", "linear", "latent")
STEPS = 20
SHRINKAGE = 200.0  # uses of tags at which the found weights count half


def blend_weights(parts: Floats, targets: Floats) -> list[float]:
    """Weights of the parts, the same for all labels, that rank those of the articles well; they sum to 1.

    All weights in steps of 1 / `STEPS` are tried, and the micro-averaged average precision decides: a fit by log-loss
    (logistic regression) trusts the part that is surest, not the one that ranks best. From equal weights the way to
    these is gone by n / (n + `SHRINKAGE`), n being the tags that the articles have: a few of them tell little, and
    none tell nothing. A weighted mean of log-odds is a logarithmic opinion pool (Genest & Zidek 1986).

    Args:
        parts: log-odds [articles, l, parts]; targets: [articles, l], below 0 where nothing is known.
    """
    n_parts = parts.shape[-1]
    known = targets >= 0
    flat, gold = parts[known], targets[known]
    if not 0 < gold.sum() < len(gold):
        return [1.0 / n_parts] * n_parts
    shares = [steps for steps in product(range(STEPS + 1), repeat=n_parts) if sum(steps) == STEPS]
    # Of weights that rank alike the most even.
    best = max(shares, key=lambda steps: (average_precision_score(gold, flat @ np.array(steps)), -max(steps)))
    way = gold.sum() / (gold.sum() + SHRINKAGE)
    return [float(way * steps / STEPS + (1 - way) / n_parts) for steps in best]


def parts_of(model: NewsModel, head: str) -> tuple[str, ...]:
    """Of what the logits of `tags` or `topics` are made."""
    heads = model.config.heads
    return heads.topics.parts if head == "topics" else _TAG_PARTS[: 3 if heads.tags.lexical_rank else 2]


def join(model: NewsModel, head: str, weights: Sequence[float]) -> None:
    """Give the model the weights of a head's parts, so that the logits of its `tags` or `topics` are the blend."""
    left = [0.0] * (len(_TAG_PARTS) - len(weights)) if head == "tags" else []
    model.config.heads = model.config.heads.with_shares(head, [*weights, *left])
    setattr(model, {"tags": "lexical_joins", "topics": "topics_join"}[head], True)
