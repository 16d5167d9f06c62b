"""Everything that is measured of one summary, by name. A measure added to `OF_TEXT` reaches report, page and tables."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from svodka.article import Article
from svodka.evaluation.bootstrap import Floats
from svodka.evaluation.summaries.copying import compression, coverage, density, novel, repeated
from svodka.evaluation.summaries.rouge import Rouge
from svodka.text import words

# (words of title and body, words of the summary) -> number; these need no reference.
OF_TEXT: dict[str, Callable[[Sequence[str], Sequence[str]], float]] = {
    "words": lambda _, summary: float(len(summary)),
    "compression": compression,
    "novel_1": lambda article, summary: novel(article, summary, 1),
    "novel_2": lambda article, summary: novel(article, summary, 2),
    "novel_3": lambda article, summary: novel(article, summary, 3),
    "repeated_3": lambda _, summary: repeated(summary, 3),
    "coverage": coverage,
    "density": density,
}


class SummaryMeasures:
    """ROUGE and chrF against a reference, and what `OF_TEXT` tells of the text alone."""

    def __init__(self, rouge: str = "plain") -> None:
        """Take a ROUGE preset of `PRESETS`."""
        from sacrebleu.metrics.chrf import CHRF

        self._rouge = Rouge(rouge)
        self._chrf: Any = CHRF()
        # One score first: sacrebleu tells its signature only then.
        self._chrf.sentence_score("слово", ["слово"])

    @property
    def signature(self) -> str:
        """How ROUGE reads text."""
        return self._rouge.signature

    @property
    def chrf_signature(self) -> str:
        """sacrebleu's signature; the report's number is the mean over articles of the sentence-level score."""
        return f"chrF2|{self._chrf.get_signature()}|mean of sentence scores"

    def against(self, references: Sequence[str], summaries: Sequence[str]) -> dict[str, Floats]:
        """ROUGE and chrF (Popović 2015) of each pair [n], in percent."""
        pairs = zip(references, summaries, strict=True)
        chrf = np.array([self._chrf.sentence_score(s, [r]).score for r, s in pairs], dtype=np.float64)
        return self._rouge.rows(references, summaries) | {"chrf": chrf}


def text_rows(articles: Sequence[Article], summaries: Sequence[str]) -> dict[str, Floats]:
    """`OF_TEXT` of each article's summary [n] by name."""
    pairs = [(words(f"{a.title}\n{a.text}"), words(s)) for a, s in zip(articles, summaries, strict=True)]
    return {name: np.array([f(a, s) for a, s in pairs], dtype=np.float64) for name, f in OF_TEXT.items()}
