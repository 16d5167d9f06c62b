"""What a summary takes from its article and what it says twice, over the words of `text.words`.

Shares are of the summary's words or n-grams; a share of nothing is 0.
"""

from collections import defaultdict
from collections.abc import Sequence

Words = Sequence[str]


def fragments(article: Words, summary: Words) -> list[int]:
    """Lengths of the extractive fragments, in words, as Grusky et al. (2018) find them.

    From each place of the summary the longest run of words that the article holds is taken, and the search goes on
    behind it; a word that the article lacks is skipped.
    """
    places = defaultdict(list)
    for place, word in enumerate(article):
        places[word].append(place)
    lengths, at = [], 0
    while at < len(summary):
        longest = max((_run(article, summary, start, at) for start in places[summary[at]]), default=0)
        if longest:
            lengths.append(longest)
        at += max(1, longest)
    return lengths


def coverage(article: Words, summary: Words) -> float:
    """Share of the summary's words that stand in an extractive fragment (Grusky et al. 2018)."""
    return sum(fragments(article, summary)) / max(1, len(summary))


def density(article: Words, summary: Words) -> float:
    """Mean length of the fragment that a word of the summary belongs to (Grusky et al. 2018)."""
    return sum(n * n for n in fragments(article, summary)) / max(1, len(summary))


def compression(article: Words, summary: Words) -> float:
    """Words of the article over words of the summary (Grusky et al. 2018); 0 for an empty summary."""
    return len(article) / len(summary) if summary else 0.0


def novel(article: Words, summary: Words, n: int) -> float:
    """Share of the summary's different n-grams that the article does not hold (See et al. 2017)."""
    found, known = set(_grams(summary, n)), set(_grams(article, n))
    return len(found - known) / len(found) if found else 0.0


def repeated(summary: Words, n: int) -> float:
    """Share of the summary's n-grams that stood in it before."""
    found = _grams(summary, n)
    return 1 - len(set(found)) / len(found) if found else 0.0


def _run(article: Words, summary: Words, start: int, at: int) -> int:
    n = 0
    while start + n < len(article) and at + n < len(summary) and article[start + n] == summary[at + n]:
        n += 1
    return n


def _grams(text: Words, n: int) -> list[tuple[str, ...]]:
    return list(zip(*(text[i:] for i in range(n)), strict=False))
