"""Summaries by position, by the graph of sentences, and by an oracle."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from svodka.article import Article
from svodka.summaries.budget import Budget
from svodka.text import split_sentences, words
from svodka.training.oracle import greedy_oracle

_DAMPING = 0.85
_TOLERANCE = 1e-9
_MOST_ROUNDS = 200


def first_sentences(article: Article, count: int, budget: Budget | None = None) -> str:
    """The first sentences of the body, as many as fit; of a first one that does not, its first words."""
    found = _sentences(article)[:count]
    while budget is not None and len(found) > 1 and not budget.holds(" ".join(found)):
        found.pop()
    text = " ".join(found)
    return text if budget is None else budget.cut(text)


def textrank_sentences(article: Article, count: int) -> str:
    """The best sentences of the body by TextRank, in their order."""
    sentences = _sentences(article)
    rank = textrank(sentences)
    return " ".join(sentences[i] for i in sorted(sorted(range(len(sentences)), key=lambda i: -rank[i])[:count]))


def oracle_sentences(article: Article, count: int) -> str:
    """The sentences that overlap best with the editor's summary: what no extractive model can beat by much."""
    sentences = _sentences(article)
    return " ".join(sentences[i] for i in greedy_oracle(sentences, article.summary, count))


def textrank(sentences: Sequence[str]) -> NDArray[np.float64]:
    """Weight of each sentence [s], summing up to 1, by TextRank (Mihalcea & Tarau 2004).

    Two sentences are as similar as they have words in common, over the sum of the logarithms of their lengths;
    the weights are the stationary distribution of a random walk with damping 0.85, by power iteration.
    """
    bags = [set(words(sentence)) for sentence in sentences]
    n = len(bags)
    similarity = np.array(
        [[_similarity(a, b) if i != j else 0.0 for j, b in enumerate(bags)] for i, a in enumerate(bags)]
    )
    out = similarity.sum(axis=1, keepdims=True) if n else np.zeros((0, 1))
    # A sentence that resembles no other leads everywhere.
    walk = np.divide(similarity, out, out=np.full((n, n), 1 / max(1, n)), where=out > 0)
    rank = np.full(n, 1 / max(1, n))
    for _ in range(_MOST_ROUNDS):
        fresh = (1 - _DAMPING) / max(1, n) + _DAMPING * (rank @ walk)
        if np.abs(fresh - rank).sum() < _TOLERANCE:
            break
        rank = fresh
    return rank


def _similarity(a: set[str], b: set[str]) -> float:
    weight = math.log(len(a)) + math.log(len(b)) if a and b else 0.0
    return len(a & b) / weight if weight > 0 else 0.0


def _sentences(article: Article) -> list[str]:
    return [sentence.text for sentence in split_sentences(article.text)]
