"""One article put in order: cleaned, its targets taken out of the text, its tags spelled one way, or refused."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from svodka.article import Article
from svodka.config.data import FilterConfig, TagConfig
from svodka.inputs.targets import holds_lead, holds_tag_line, without_lead, without_tag_line
from svodka.text import clean, normalise_tag, words


@dataclass
class Tally:
    """Counts of a preparation: rows read, dropped by reason, mended by what was put right."""

    read: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    mended: Counter[str] = field(default_factory=Counter)
    unresolved: Counter[str] = field(default_factory=Counter)


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
    title, text, summary = clean(article.title).replace("\n", " "), clean(article.text), clean(article.summary)
    mended = _without_targets(text, summary.replace("\n", " "), article.tags, tally)
    tags = spelling(article.tags)
    tally.mended["tags dropped, or joined with another spelling"] += len(tags) < len(article.tags)
    return replace(article, title=title, text=mended, summary=summary.replace("\n", " "), tags=tags)


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


def _without_targets(text: str, summary: str, tags: tuple[str, ...], tally: Tally) -> str:
    led, tagged = holds_lead(text, summary), holds_tag_line(text, tags)
    tally.mended.update({"lead taken out of the text": led, "line of tags taken out of the text": tagged})
    while text and (holds_lead(text, summary) or holds_tag_line(text, tags)):
        before = text
        text = without_tag_line(without_lead(text, summary), tags)
        if text == before:
            return ""  # nothing but its own tags or summary
    return text
