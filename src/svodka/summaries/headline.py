"""A headline: the title where it fits, else the title or the best sentence shortened."""

import re
from collections.abc import Iterator, Sequence

from svodka.config.summary import SummaryConfig
from svodka.engines.result import Floats
from svodka.facts.morphology import parses, plain
from svodka.summaries.budget import Budget
from svodka.summaries.choose import candidates
from svodka.summaries.claims import is_protected
from svodka.summaries.clauses import has_finite, shorter_forms
from svodka.summaries.fit import fitted
from svodka.summaries.language import language_of
from svodka.summaries.quotes import is_whole
from svodka.summaries.tidy import tidy_title
from svodka.text import WORD

_BEST = 3
_PREPOSITION = re.compile(
    r"\s+(?=(?:в|во|на|с|со|из|за|для|после|при|до|над|под|перед|через|по|у|около|во время|в ходе|из-за|ради)\s)", re.I
)


def headline(sentences: Sequence[str], scores: Floats, settings: SummaryConfig, outlet: str = "") -> str:
    """A headline within the budget, without a full stop; "" where the article has no text that fits.

    Args:
        sentences: the title, "" if there is none, and the sentences of the body.
        scores: of those that were read [s], in logits; empty where the model has no sentence head.
        settings: the budget.
        outlet: the article's publisher, "" when unknown.
    """
    budget, title = Budget.of(settings), tidy_title(sentences[0]) if sentences else ""
    ranked = sorted(candidates(sentences, scores, outlet), key=lambda one: (one.dangles, -one.score))[:_BEST]
    found = (fitted(text, budget, _forms) for text in (title, *(one.text for one in ranked)) if text)
    text = next(filter(None, found), "")
    return _bare(text or budget.cut(title or (ranked[0].text if ranked else " ".join(sentences[1:2]))))


def _forms(text: str) -> Iterator[str]:
    """Forms shorter by a clause, or by a circumstance at the end."""
    yield from shorter_forms(text)
    if language_of(text) == "ru":
        yield from _without_circumstance(text)


def _without_circumstance(text: str) -> Iterator[str]:
    """«Мост открыли после ремонта» without «после ремонта»: a last phrase that no verb asks for."""
    places = [found for found in _PREPOSITION.finditer(text) if is_whole(text[: found.start()])]
    for found in reversed(places[-1:]):
        before, gone = text[: found.start()], text[found.end() :]
        last = WORD.findall(before)[-1:]
        if not last or is_protected(gone) or not has_finite(before) or before.endswith((",", "—", "–", "-")):
            continue
        # A verb may ask for the phrase behind it: «заподозрили в краже».
        if not {"VERB", "INFN", "PRTF", "PRTS", "GRND"} & {str(p.tag.POS) for p in parses(plain(last[0]))}:
            yield f"{before}."


def _bare(text: str) -> str:
    return text.removesuffix(".") if not text.endswith(("..", "г.", "т.д.", "т.п.")) else text
