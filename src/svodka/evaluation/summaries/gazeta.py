"""ROUGE as the scores published with Gazeta were computed: not the ROUGE of other presets.

It follows IlyaGusev/rouge at 84f2530 behind summarus' `evaluate.py --language ru --tokenize-after --lower`: sets of
n-grams in place of counts, sentences end at every ".", and its ROUGE-L is the union of longest common subsequences over
sets of words, weighted by the ratio of precision and recall rather than F1.
"""

from collections.abc import Sequence

_TINY, _TINIEST = 1e-8, 1e-12

Sentences = list[list[str]]


def gazeta_scores(reference: str, summary: str) -> dict[str, float]:
    """ROUGE-1, ROUGE-2 and ROUGE-L between 0 and 1; ROUGE-Lsum is ROUGE-L, which compares whole summaries there."""
    wanted, given = _sentences(reference), _sentences(summary)
    if not wanted or not given:
        return dict.fromkeys(("rouge1", "rouge2", "rougeL", "rougeLsum"), 0.0)
    longest = _union_lcs(wanted, given)
    return {"rouge1": _overlap(wanted, given, 1), "rouge2": _overlap(wanted, given, 2)} | dict.fromkeys(
        ("rougeL", "rougeLsum"), longest
    )


def _sentences(text: str) -> Sentences:
    """Words of each sentence; a piece of spaces alone is a sentence of one empty word, as there."""
    from razdel import tokenize

    pieces = " ".join(token.text for token in tokenize(text.strip())).lower().split(".")
    return [piece.split() or [""] for piece in pieces if piece]


def _overlap(wanted: Sentences, given: Sentences, n: int) -> float:
    ours, theirs = _grams(given, n), _grams(wanted, n)
    common = len(ours & theirs)
    precision, recall = common / max(1, len(ours)), common / max(1, len(theirs))
    return 2 * precision * recall / (precision + recall + _TINY)


def _grams(sentences: Sentences, n: int) -> set[tuple[str, ...]]:
    # Over all sentences as one text: a pair may span a full stop.
    text = [word for sentence in sentences for word in sentence]
    return set(zip(*(text[i:] for i in range(n)), strict=False))


def _union_lcs(wanted: Sentences, given: Sentences) -> float:
    common = {word for theirs in wanted for ours in given for word in _lcs(theirs, ours)}
    recall, precision = len(common) / len(_grams(wanted, 1)), len(common) / len(_grams(given, 1))
    beta = precision / (recall + _TINIEST)
    return (1 + beta**2) * recall * precision / (recall + beta**2 * precision + _TINIEST)


def _lcs(one: Sequence[str], other: Sequence[str]) -> set[str]:
    """Words of the longest common subsequence; of several it is the one that a walk back from the end finds first."""
    table = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i, a in enumerate(one, 1):
        for j, b in enumerate(other, 1):
            table[i][j] = table[i - 1][j - 1] + 1 if a == b else max(table[i - 1][j], table[i][j - 1])
    found, i, j = set[str](), len(one), len(other)
    while i and j:
        if one[i - 1] == other[j - 1]:
            found.add(one[i - 1])
            i, j = i - 1, j - 1
        elif table[i - 1][j] > table[i][j - 1]:
            i -= 1
        else:
            j -= 1
    return found
