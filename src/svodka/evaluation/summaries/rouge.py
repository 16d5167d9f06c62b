"""ROUGE for Cyrillic. `rouge_score`'s own tokenizer deletes every letter that is not Latin: one is passed in."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svodka.evaluation.summaries.gazeta import gazeta_scores
from svodka.evaluation.summaries.xlsum import xlsum_words, xlsum_words_of_sentence
from svodka.text import split_sentences, words

KINDS = ("rouge1", "rouge2", "rougeL", "rougeLsum")

Score = Callable[[str, str], Mapping[str, float]]  # reference, summary -> score between 0 and 1 by kind
Words = Callable[[str], list[str]]

# How each preset reads text; every number carries it.
SIGNATURES = {
    "plain": "tokens:words|case:lower|punctuation:dropped|ё:е|stemmer:none|rouge_score:F1",
    # Gusev (2020).
    "gazeta": "tokens:razdel|case:lower|punctuation:kept|ё:ё|stemmer:none|IlyaGusev/rouge:84f2530",
    # Hasan et al. (2021).
    "xlsum": "tokens:letters,digits|case:lower|punctuation:dropped|ё:ё|stemmer:snowball-ru|csebuetnlp/xl-sum:F1",
}
PRESETS = tuple(SIGNATURES)


class Rouge:
    """ROUGE-1, ROUGE-2, ROUGE-L and ROUGE-Lsum in percent: F1, but for what the preset `gazeta` calls ROUGE-L."""

    def __init__(self, preset: str = "plain") -> None:
        """Take a preset of `PRESETS`."""
        self.signature = SIGNATURES[preset]
        self._score: Score = {"plain": _plain, "gazeta": lambda: gazeta_scores, "xlsum": _xlsum}[preset]()

    def score(self, reference: str, summary: str) -> dict[str, float]:
        """Scores of one summary, in percent. ROUGE-Lsum takes the sentences of `text.split_sentences`."""
        found = self._score(reference, summary)
        return {kind: 100.0 * found[kind] for kind in KINDS}

    def rows(self, references: Sequence[str], summaries: Sequence[str]) -> dict[str, NDArray[np.float64]]:
        """Scores of each pair [n] by kind, in percent."""
        found = [self.score(r, s) for r, s in zip(references, summaries, strict=True)]
        return {kind: np.array([row[kind] for row in found], dtype=np.float64) for kind in KINDS}


def means(rows: Mapping[str, NDArray[np.float64]]) -> dict[str, float]:
    """Mean of each kind; 0 over no pair."""
    return {kind: float(values.mean()) if len(values) else 0.0 for kind, values in rows.items()}


def _plain() -> Score:
    return _f1(words, KINDS)


def _xlsum() -> Score:
    whole, by_sentence = _f1(xlsum_words, KINDS[:3]), _f1(xlsum_words_of_sentence, KINDS[3:])
    return lambda reference, summary: {**whole(reference, summary), **by_sentence(reference, summary)}


def _f1(tokenize: Words, kinds: Sequence[str]) -> Score:
    from rouge_score.rouge_scorer import RougeScorer

    scorer: Any = RougeScorer(list(kinds), tokenizer=_Tokenizer(tokenize))

    def score(reference: str, summary: str) -> Mapping[str, float]:
        found = scorer.score(_by_lines(reference), _by_lines(summary))
        return {kind: found[kind].fmeasure for kind in kinds}

    return score


class _Tokenizer:
    """A tokenizer as `rouge_score` asks for it."""

    def __init__(self, tokenize: Words) -> None:
        self.tokenize = tokenize


def _by_lines(text: str) -> str:
    # rouge_score takes lines for sentences; for the other kinds a line break is a space like any other.
    return "\n".join(sentence.text for sentence in split_sentences(text))
