"""RSS and Atom feeds: when to ask for them, and what their entries say."""

import io
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import partial
from html import escape
from itertools import chain
from typing import Any
from xml.sax import SAXException

from svodka.annotator import checked
from svodka.article import Article
from svodka.batch.arrivals import Arrival, Mark, digest_of, key_of
from svodka.batch.fetch import FeedAddress, Fetched
from svodka.batch.reading import MOST_RAW_CHARACTERS, given_id
from svodka.data.pages import parse_page
from svodka.data.reject import Reject
from svodka.errors import DataError
from svodka.labels import TagVocabulary
from svodka.text import clean

_FIRST_WAIT = 30.0  # seconds until a feed that is down is asked again; doubled each time
_LONGEST_WAIT = 3600.0
_MOST_ASKED = 86400.0  # seconds that a server may ask to wait
_BLOCKS = ("p", "br", "div", "li", "h1", "h2", "h3", "h4", "blockquote", "tr")


@dataclass(slots=True)
class _Schedule:
    next: float
    failures: int = 0
    asked: bool = False


class Timetable:
    """When to ask for each feed: at once, then at an interval, and after a failure at growing ones."""

    def __init__(
        self, feeds: Sequence[FeedAddress], *, interval: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Every feed is due now; `interval` is in seconds."""
        self._interval, self._clock = interval, clock
        self._schedules = {feed: _Schedule(clock()) for feed in feeds}

    def due(self) -> list[FeedAddress]:
        """Feeds to ask for now; each is due again only after `answered`."""
        found = [feed for feed, s in self._schedules.items() if not s.asked and s.next <= self._clock()]
        for feed in found:
            self._schedules[feed].asked = True
        return found

    def answered(self, feed: FeedAddress, *, trouble: bool, wait: float = 0.0) -> float:
        """Note an answer; seconds until the feed is due again.

        Args:
            feed: the feed.
            trouble: it could not be read.
            wait: seconds that its server asks to wait.
        """
        schedule = self._schedules[feed]
        schedule.failures = schedule.failures + 1 if trouble else 0
        longest = max(_LONGEST_WAIT, self._interval)
        backoff = min(_FIRST_WAIT * 2.0 ** min(schedule.failures - 1, 20), longest)
        seconds = max(backoff if trouble else self._interval, min(wait, _MOST_ASKED))
        schedule.next, schedule.asked = self._clock() + seconds, False
        return seconds


def feed_key(feed: FeedAddress) -> str:
    """A feed's name in the ledger."""
    return key_of("feed", feed.url)


def read_feed(fetched: Fetched, labels: TagVocabulary | None) -> Iterator[Arrival | Mark]:
    """Entries of a document, the oldest first, then a mark that it was read.

    Args:
        fetched: with a document.
        labels: the vocabulary by which an entry's tags are spelt.

    Raises:
        DataError: the document is no feed.
    """
    parsed = _parse(fetched)
    entries = (_arrival(entry, parsed.feed, fetched.feed, labels) for entry in reversed(parsed.entries))
    # Half a document must not count as the one that was read last.
    state = "" if _is_cut_off(parsed, fetched) else fetched.state
    return chain(entries, [Mark(feed_key(fetched.feed), fetched.feed.url, state)])


def _is_cut_off(parsed: Any, fetched: Fetched) -> bool:
    ended = (fetched.document or b"").rstrip().endswith((b"</rss>", b"</feed>", b"RDF>"))
    return isinstance(parsed.get("bozo_exception"), SAXException) and not ended


def _parse(fetched: Fetched) -> Any:
    import feedparser

    headers = {"content-type": fetched.media_type, "content-location": fetched.feed.url}
    try:
        # A stream: what feedparser is given as bytes may be taken for a file's name.
        parsed = feedparser.parse(io.BytesIO(fetched.document or b""), response_headers=headers)
    except Exception as error:  # whatever a parser may come upon in bytes from outside
        raise DataError(f"{fetched.feed.url} cannot be read: {type(error).__name__}: {error}") from error
    if not parsed.get("version") and not parsed.entries:
        raise DataError(f"{fetched.feed.url} is neither RSS nor Atom")
    return parsed


def _arrival(entry: Any, channel: Any, feed: FeedAddress, labels: TagVocabulary | None) -> Arrival:
    markup = _markup(entry)
    title = entry.get("title", "")
    digest = digest_of("\0".join((title, *markup)).encode("utf-8", "surrogatepass"))
    name = _name(entry, feed, digest)
    place = f"{feed.url} {entry.get('link') or name}"
    return Arrival(
        # Known by name and content: a feed that gives one name to two entries does not have them replace each other
        # at every look, and an article in two feeds of one site is annotated once.
        key_of("entry", name, digest), digest, feed_key(feed), place,
        partial(_article, entry, channel, place=place, name=given_id(name), labels=labels),
        raw="\n".join((title, *markup))[:MOST_RAW_CHARACTERS],
    )  # fmt: skip


def _name(entry: Any, feed: FeedAddress, digest: str) -> str:
    name = (entry.get("id") or entry.get("link") or "").strip()
    # Only a URI is one name in all the world; a bare number is one within its feed.
    return name if ":" in name else f"{feed.url}#{name or digest}"


def _markup(entry: Any) -> tuple[str, str]:
    """An entry's full text and its teaser, as HTML; the second is "" where it is all there is."""
    contents = [part.get("value", "") for part in entry.get("content", [])]
    # Yandex' own element, in which Russian newsrooms give the whole text.
    full = max([*contents, entry.get("yandex_full-text", "")], key=len)
    teaser = entry.get("summary", "")
    return (full, teaser if teaser != full else "") if full.strip() else (teaser, "")


def _article(
    entry: Any, channel: Any, *, place: str, name: str, labels: TagVocabulary | None
) -> Article | Reject:  # fmt: skip
    full, teaser = _markup(entry)
    title = plain_text(entry.get("title", "")).replace("\n", " ")
    try:
        article = Article(
            body_text(full, title, labels), id=name, title=title, summary=plain_text(teaser).replace("\n", " "),
            tags=tuple(clean(tag.term) for tag in entry.get("tags", []) if tag.get("term")),
            date=_day(entry), url=entry.get("link", ""), source=plain_text(channel.get("title", "")),
            lang=str(channel.get("language") or "")[:2].lower(),
        )  # fmt: skip
        return checked(article)
    except DataError as error:
        return Reject("unusable", place, str(error))
    except Exception as error:  # whatever a parser may come upon in markup from outside
        return Reject("unreadable", place, f"{type(error).__name__}: {error}")


def _day(entry: Any) -> str:
    """The day on which an entry appeared, by its own clock: feedparser's moments are in UTC."""
    written = entry.get("published") or entry.get("updated") or ""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        with suppress(ValueError):
            return read(written.strip()).date().isoformat()
    moment = entry.get("published_parsed") or entry.get("updated_parsed")
    return time.strftime("%Y-%m-%d", moment) if moment else ""


def body_text(markup: str, title: str, labels: TagVocabulary | None) -> str:
    """The body of an article given as HTML without a page around it, less what newsrooms put around articles."""
    from svodka.data.html_pages import parse_html

    if not markup.strip():
        return ""
    page = f"<html><body><article><h1>{escape(title)}</h1>{markup}</article></body></html>"
    text = parse_html(page, labels).article.text
    whole = plain_text(markup)
    # Of a short text the search for a page's body may keep little or nothing.
    if len(text) < len(whole) / 2:
        rest = parse_page(whole, labels).article
        text = whole if rest.title or rest.summary else rest.text
    return text


def plain_text(markup: str) -> str:
    """HTML without its tags, a line a block."""
    if "<" not in markup and "&" not in markup:
        return clean(markup)
    from lxml import etree, html

    try:
        tree = html.fragment_fromstring(markup, create_parent="div")
    except (etree.ParserError, ValueError):
        return clean(markup)
    for element in tree.iter(*_BLOCKS):
        element.tail = "\n" + (element.tail or "")
        element.text = "\n" + (element.text or "")
    for element in [*tree.iter("script", "style")]:
        element.drop_tree()
    return clean(tree.text_content())
