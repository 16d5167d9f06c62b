"""The summary of one article: chosen sentences, a headline, or the decoder's text if it is faithful."""

import re
from collections.abc import Sequence

import numpy as np

from svodka.article import Article, Summary
from svodka.config.summary import SummaryConfig
from svodka.engines.result import EngineResult, Floats
from svodka.facts import check_facts
from svodka.model.encoding import Encoding
from svodka.summaries.budget import Budget
from svodka.summaries.choose import chosen
from svodka.summaries.fit import fitted
from svodka.summaries.headline import bare, headline
from svodka.summaries.tidy import tidy_title
from svodka.text import split_sentences, words

_SENTINEL = re.compile(r"<extra_id_\d+>")


def summary(article: Article, encoding: Encoding, result: EngineResult, settings: SummaryConfig) -> Summary | None:
    """The summary of one article by the mode of `settings`, never longer than its budget; None if the model makes none.

    In modes `faithful` and `written` it is the first of the decoder's texts that is not empty, does not repeat itself,
    and names nothing that the article does not; where there is none, sentences are extracted, or the first ones taken
    where the model has no sentence head, and `note` says why. In mode `headline` it is the title, such a text, or a
    sentence, shortened.
    """
    budget = Budget.of(settings)
    texts = [_within(clean_written(text), budget) for text in (result.written, *result.others) if text is not None]
    if settings.mode == "abstractive" and texts:
        return Summary(texts[0], "abstractive")
    if settings.mode == "headline":
        found = "" if any(encoding.sentences[:1]) else _faithful(texts, article)[0]
        found = bare(found) or headline(encoding.sentences, result.sentence_logits, settings, article.source)
        return Summary(found, "headline")
    can_extract = result.sentence_logits.size > 0
    if not texts or settings.mode == "extractive":
        return _extract(article, encoding, result.sentence_logits, settings) if can_extract else None
    text, fault = _faithful(texts, article)
    if text:
        return Summary(text, "abstractive")
    in_order = -np.arange(len(encoding.sentences), dtype=np.float64)
    extracted = _extract(article, encoding, result.sentence_logits if can_extract else in_order, settings)
    return Summary(extracted.text, extracted.kind, note=fault)


def clean_written(text: str) -> str:
    """The decoder's text without sentinels and doubled spaces."""
    return re.sub(r"\s+", " ", _SENTINEL.sub(" ", text)).strip()


def _extract(article: Article, encoding: Encoding, scores: Floats, settings: SummaryConfig) -> Summary:
    found = chosen(encoding.sentences, scores, settings, article.source)
    return Summary(" ".join(found) or _in_place_of_sentences(encoding, settings), "extractive")


def _in_place_of_sentences(encoding: Encoding, settings: SummaryConfig) -> str:
    """What stands for a summary where no sentence can be printed: the title, else the first words."""
    title, budget = tidy_title(encoding.sentences[0]), Budget.of(settings)
    text = title or " ".join(encoding.sentences[1:])
    return fitted(text, budget) or budget.cut(text)


def _within(written: str, budget: Budget) -> str:
    """As many of the first sentences as fit; where the first does not, it is shortened."""
    text = ""
    for sentence in split_sentences(written):
        longer = f"{text} {sentence.text}".strip()
        if not budget.holds(longer):
            break
        text = longer
    return text or fitted(written, budget) or budget.cut(written)


def _faithful(texts: Sequence[str], article: Article) -> tuple[str, str]:
    """The first text without a fault, "" where there is none, and then the fault of the first."""
    faults = []
    for text in texts:
        fault = _fault(text, _known(article))
        if not fault:
            return text, ""
        faults.append(fault)
    return "", next(iter(faults), "")


def _fault(written: str, source: str) -> str:
    tokens = words(written)
    if not tokens:
        return "the decoder wrote nothing"
    if len(tokens) >= 8 and len(set(tokens)) < len(tokens) / 2:
        return "the decoder repeated itself"
    missing = [fact.text for fact in check_facts(written, source).unsupported]
    return f"the decoder named what the article does not: {', '.join(missing)}" if missing else ""


def _known(article: Article) -> str:
    # The day and the publisher are facts of an article that its text need not repeat.
    return f"{article.title}\n{article.text}\n{article.date}\n{article.source}"
