"""From an engine's numbers to a summary: choose sentences, or take the decoder's text if it is faithful."""

import re

import numpy as np

from svodka.article import Article, Summary
from svodka.config.summary import SummaryConfig
from svodka.engines.result import EngineResult, Floats
from svodka.facts import check_facts
from svodka.model.encoding import Encoding
from svodka.text import words

_SENTINEL = re.compile(r"<extra_id_\d+>")


def summary(article: Article, encoding: Encoding, result: EngineResult, settings: SummaryConfig) -> Summary | None:
    """The summary of one article by the mode of `settings`; None if the model can make none.

    In mode `faithful` the decoder's text is given unless it is empty, repeats itself, or names what the
    article does not; then sentences are extracted, or the first ones taken where the model has no sentence head,
    and `note` says why.
    """
    written = clean_written(result.written) if result.written is not None else None
    can_extract = result.sentence_logits.size > 0
    if written is None or settings.mode == "extractive":
        return _extract(encoding, result.sentence_logits, settings) if can_extract else None
    if settings.mode == "abstractive":
        return Summary(written, "abstractive")
    fault = _fault(written, _known(article))
    if not fault:
        return Summary(written, "abstractive")
    in_order = -np.arange(len(encoding.sentences), dtype=np.float64)
    extracted = _extract(encoding, result.sentence_logits if can_extract else in_order, settings)
    return Summary(extracted.text, extracted.kind, note=fault)


def clean_written(text: str) -> str:
    """The decoder's text without sentinels and doubled spaces."""
    return re.sub(r"\s+", " ", _SENTINEL.sub(" ", text)).strip()


def choose(sentences: list[str], scores: Floats, settings: SummaryConfig) -> list[int]:
    """Positions of the sentences of an extractive summary, in their order.

    Sentence 0 is the title and never chosen. The best comes first; others follow while they fit into
    `max_words`, skipping one that shares a word trigram with those chosen (Paulus et al. 2018).
    """
    chosen: list[int] = []
    seen: set[tuple[str, ...]] = set()
    room = settings.max_words
    for position in sorted(range(1, len(scores)), key=lambda i: (-scores[i], i)):
        tokens = words(sentences[position])
        trigrams = set(zip(tokens, tokens[1:], tokens[2:], strict=False))
        if not tokens or (chosen and len(tokens) > room) or (settings.block_trigrams and trigrams & seen):
            continue
        chosen.append(position)
        seen |= trigrams
        room -= len(tokens)
        if len(chosen) == settings.sentences:
            break
    return sorted(chosen)


def _extract(encoding: Encoding, scores: Floats, settings: SummaryConfig) -> Summary:
    # A page with a headline alone has no sentence to choose: the headline is its summary.
    chosen = choose(encoding.sentences, scores, settings) or [0]
    return Summary(" ".join(encoding.sentences[i] for i in chosen), "extractive")


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
