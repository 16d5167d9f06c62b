"""What a decoder learns to write of an article, and what it reads of it then."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from svodka.article import Article
from svodka.heads.writer import signals_of
from svodka.text import split_sentences, words
from svodka.training.oracle import overlap_of

_FEWEST_SENTENCES = 4
_FEWEST_WORDS, _MOST_WORDS = 6, 40
_CANDIDATES = 12  # sentences of which one may be taken out


@dataclass(frozen=True)
class Target:
    """What is to be written, "" if nothing is.

    Attributes:
        article: what is read, without what is to be written.
        text: what is to be written.
        signals: kind and length of it, as `signals_of` tells them.
    """

    article: Article
    text: str
    signals: Sequence[int]


def target_of(article: Article, summary: str, *, kinds: Sequence[str], turn: int) -> Target:
    """The target of an article: of the kinds that it has, the one whose turn it is.

    Args:
        article: title and body.
        summary: the editor's, "" where there is none.
        kinds: as in `model.decoder.targets`.
        turn: a number that goes up by one from article to article.
    """
    first = turn % len(kinds)
    for kind in (*kinds[first:], *kinds[:first]):
        if kind == "summary" and summary:
            return Target(article, summary, signals_of("summary", len(words(summary))))
        if kind == "headline" and article.title:
            return Target(replace(article, title=""), article.title, signals_of("headline", len(words(article.title))))
        if kind == "gap" and (found := _gap(article)) is not None:
            return found
    return Target(article, "", signals_of("summary", 0))


def _gap(article: Article) -> Target | None:
    """The sentence that tells most of all others, taken out; None where the article is short."""
    sentences = split_sentences(article.text, article.lang)
    if len(sentences) < _FEWEST_SENTENCES:
        return None
    candidates = [one for one in sentences[:_CANDIDATES] if _FEWEST_WORDS <= len(words(one.text)) <= _MOST_WORDS]
    best, chosen = 0.0, None
    for one in candidates:
        rest = f"{article.text[: one.start]} {article.text[one.stop :]}"
        overlap = overlap_of(one.text, rest)
        if overlap > best:
            best, chosen = overlap, Target(replace(article, text=rest), one.text, ())
    return None if chosen is None else replace(chosen, signals=signals_of("summary", len(words(chosen.text))))
