"""One article put in order: cleaned, its targets taken out of the text, its tags spelled one way, or refused."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from svodka.article import Article
from svodka.config.data import ARTICLE_FIELDS, FilterConfig, TagConfig
from svodka.inputs.checking import tidied
from svodka.inputs.days import day_of
from svodka.inputs.markup import plain_text
from svodka.inputs.targets import holds_tag_line, parted, without_tag_line
from svodka.text import clean, normalise_tag, words

_NAMED = re.compile(r"'[^']{0,200}'|\d+")
_MOST_DETAIL, _MOST_DETAILS, _SHOWN = 300, 1000, 3


@dataclass
class Tally:
    """Counts of a preparation: rows read, dropped by reason, mended by what was put right."""

    read: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    mended: Counter[str] = field(default_factory=Counter)
    unresolved: Counter[str] = field(default_factory=Counter)
    details: dict[str, dict[str, tuple[int, str]]] = field(default_factory=dict)

    def drop(self, reason: str, *, detail: str = "", where: str = "") -> None:
        """Count a row that is left out.

        Args:
            reason: the kind of fault.
            detail: what was wrong with this row; names and numbers in it are left out to count alike ones together.
            where: its place; the first of each detail is kept.
        """
        self.dropped[reason] += 1
        if detail:
            known = self.details.setdefault(reason, {})
            alike = _NAMED.sub(_left_out, detail)[:_MOST_DETAIL]
            n, first = known.get(alike, (0, where))
            if alike in known or len(known) < _MOST_DETAILS:
                known[alike] = n + 1, first

    def told(self) -> dict[str, list[dict[str, object]]]:
        """For each reason the commonest details, with their count and one place each."""
        return {
            reason: [
                {"detail": detail, "count": n, "where": where}
                for detail, (n, where) in sorted(known.items(), key=lambda item: -item[1][0])[:_SHOWN]
            ]
            for reason, known in self.details.items()
        }


def _left_out(named: re.Match[str]) -> str:
    """The name of an article's own field stays: it tells what is wrong with all such rows."""
    return named[0] if named[0].strip("'") in ARTICLE_FIELDS else "…"


@dataclass(frozen=True)
class TagSpelling:
    """How tags are normalised: aliases (normalised spelling -> tag) and tags to leave out."""

    aliases: Mapping[str, str]
    drop: frozenset[str]

    @classmethod
    def of(cls, config: TagConfig, aliases: Mapping[str, str]) -> "TagSpelling":
        """From the config, with the aliases of its file."""
        return cls(aliases, frozenset(map(normalise_tag, config.drop)))

    def __call__(self, tags: tuple[str, ...]) -> tuple[str, ...]:
        """Normalised tags without doubles and dropped ones, in their order."""
        plain = (normalise_tag(tag) for tag in tags)
        named = (self.aliases.get(tag, tag) for tag in plain)
        return tuple(dict.fromkeys(tag for tag in named if tag and tag not in self.drop))


def tidy(article: Article, spelling: TagSpelling, tally: Tally) -> Article:
    """Clean every text field, take the lead and the line of tags out of the text, normalise the tags."""
    before = clean(article.text)
    tally.mended["markup, inserts or wrapped lines put in order"] += (article := tidied(article)).text != before
    summary = plain_text(article.summary).replace("\n", " ")
    text, summary = _without_targets(article.text, summary, article.tags, tally)
    tags = spelling(article.tags)
    tally.mended["tags dropped, or joined with another spelling"] += len(tags) < len(article.tags)
    return replace(article, text=text, summary=summary, tags=tags, date=day_of(article.date) or article.date)


def refusal(article: Article, config: FilterConfig) -> str:
    """Why an article cannot be used, "" where it can."""
    n = len(words(article.text))
    if not n:
        return "empty text"
    if n < config.min_words:
        return f"under {config.min_words} words"
    if n > config.max_words:
        return f"over {config.max_words} words"
    if config.require_summary and not article.summary:
        return "no summary"
    if config.require_tags and not article.tags:
        return "no tags"
    return ""


def _without_targets(text: str, summary: str, tags: tuple[str, ...], tally: Tally) -> tuple[str, str]:
    given, body = summary, text
    while True:
        before = text
        text, summary = parted(without_tag_line(text, tags), summary)
        if text == before:
            break
    tally.mended["lead taken out of the text"] += bool(summary) and not body.startswith(text)
    tally.mended["line of tags taken out of the text"] += holds_tag_line(body, tags)
    tally.mended["summary dropped: a copy of the opening that is cut, or all of the text"] += bool(given) > bool(
        summary
    )
    return ("", summary) if holds_tag_line(text, tags) else (text, summary)
