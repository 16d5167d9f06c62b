"""ROUGE for Cyrillic. `rouge_score`'s own tokenizer deletes every letter that is not Latin: one is passed in."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svodka.text import split_sentences, words

KINDS = ("rouge1", "rouge2", "rougeL", "rougeLsum")


def _razdel_tokens(text: str) -> list[str]:
    from razdel import tokenize

    return [token.text for token in tokenize(text.lower())]


def _xlsum_tokens(text: str) -> list[str]:
    plain = "".join(" " if unicodedata.category(c).startswith("P") else c for c in text.lower())
    return [_stem(token) for token in plain.split()]


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    return str(_stemmer().stem(word))


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    # rouge_score brings nltk along.
    from nltk.stem.snowball import SnowballStemmer

    return SnowballStemmer("russian")


@dataclass(frozen=True)
class Preset:
    """A tokenisation and the signature that every number made with it carries."""

    tokenize: Callable[[str], list[str]]
    signature: str


PRESETS = {
    "plain": Preset(words, "tokens:words|case:lower|punctuation:dropped|ё:е|stemmer:none|rouge_score:F1"),
    # The tokenisation of the scores published with Gazeta (Gusev 2020).
    "gazeta": Preset(_razdel_tokens, "tokens:razdel|case:lower|punctuation:kept|ё:ё|stemmer:none|rouge_score:F1"),
    # That of XL-Sum (Hasan et al. 2021) with its stemmer: punctuation by Unicode category, words between spaces.
    "xlsum": Preset(
        _xlsum_tokens, "tokens:spaces|case:lower|punctuation:dropped|ё:ё|stemmer:snowball-ru|rouge_score:F1"
    ),
}


class Rouge:
    """ROUGE-1, ROUGE-2, ROUGE-L and ROUGE-Lsum, F1 in percent."""

    def __init__(self, preset: str = "plain") -> None:
        """Take a preset of `PRESETS`."""
        from rouge_score.rouge_scorer import RougeScorer

        self.signature = PRESETS[preset].signature
        self._scorer: Any = RougeScorer(list(KINDS), tokenizer=PRESETS[preset])

    def score(self, reference: str, summary: str) -> dict[str, float]:
        """F1 of one summary, in percent. ROUGE-Lsum takes the sentences of `text.split_sentences`."""
        found = self._scorer.score(_by_lines(reference), _by_lines(summary))
        return {kind: 100.0 * found[kind].fmeasure for kind in KINDS}

    def rows(self, references: Sequence[str], summaries: Sequence[str]) -> dict[str, NDArray[np.float64]]:
        """F1 of each pair [n] by kind, in percent."""
        found = [self.score(r, s) for r, s in zip(references, summaries, strict=True)]
        return {kind: np.array([row[kind] for row in found], dtype=np.float64) for kind in KINDS}


def means(rows: Mapping[str, NDArray[np.float64]]) -> dict[str, float]:
    """Mean of each kind; 0 over no pair."""
    return {kind: float(values.mean()) if len(values) else 0.0 for kind, values in rows.items()}


def _by_lines(text: str) -> str:
    # rouge_score takes lines for sentences; for the other kinds a line break is a space like any other.
    return "\n".join(sentence.text for sentence in split_sentences(text))
