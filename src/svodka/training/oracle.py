"""Which sentences an extractive summary should hold, found from the editor's summary."""

from collections.abc import Sequence
from itertools import pairwise

from svodka.text import words

_Grams = set[tuple[str, ...]]


def greedy_oracle(sentences: Sequence[str], summary: str, most: int) -> list[int]:
    """Sentences whose union overlaps best with the summary, chosen one at a time.

    The score is the sum of the F1 of word unigram and bigram sets (the greedy selection of Nallapati et al.
    2017, as in BERTSum); it stops when no sentence adds to it.

    Args:
        sentences: candidates in order.
        summary: the editor's summary.
        most: most sentences to choose.

    Returns:
        Chosen positions in order; empty where nothing overlaps.
    """
    target = _grams(summary)
    candidates = [_grams(sentence) for sentence in sentences]
    chosen: list[int] = []
    union: tuple[_Grams, _Grams] = (set(), set())
    best = 0.0
    while len(chosen) < most:
        scored = [(_score(_join(union, grams), target), -i) for i, grams in enumerate(candidates) if i not in chosen]
        score, position = max(scored, default=(0.0, 0))
        if score <= best:
            break
        best, union = score, _join(union, candidates[-position])
        chosen.append(-position)
    return sorted(chosen)


def overlap_of(text: str, other: str) -> float:
    """Sum of the F1 of the word unigram and bigram sets of two texts, 0 to 2."""
    return _score(_grams(text), _grams(other))


def _grams(text: str) -> tuple[_Grams, _Grams]:
    tokens = words(text)
    return {(token,) for token in tokens}, set(pairwise(tokens))


def _join(a: tuple[_Grams, _Grams], b: tuple[_Grams, _Grams]) -> tuple[_Grams, _Grams]:
    return a[0] | b[0], a[1] | b[1]


def _score(found: tuple[_Grams, _Grams], target: tuple[_Grams, _Grams]) -> float:
    return sum(2 * len(f & t) / (len(f) + len(t)) for f, t in zip(found, target, strict=True) if f and t)
