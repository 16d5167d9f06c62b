"""RSS and Atom feeds: what their entries say."""

import io
import time
from contextlib import suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from xml.sax import SAXException

from svodka.article import Article
from svodka.errors import DataError
from svodka.inputs.checking import checked
from svodka.inputs.markup import body_text, plain_text
from svodka.inputs.reject import Reject
from svodka.labels import TagVocabulary
from svodka.text import clean


def parse_feed(document: bytes, *, url: str, media_type: str) -> Any:
    """A feed as feedparser gives it.

    Args:
        document: its bytes.
        url: where it came from: links in it may be relative.
        media_type: what the server says it is, with the encoding.

    Raises:
        DataError: the document is no feed.
    """
    import feedparser

    headers = {"content-type": media_type, "content-location": url}
    try:
        # A stream: what feedparser is given as bytes may be taken for a file's name.
        parsed = feedparser.parse(io.BytesIO(document), response_headers=headers)
    except Exception as error:  # whatever a parser may come upon in bytes from outside
        raise DataError(f"{url} cannot be read: {type(error).__name__}: {error}") from error
    if not parsed.get("version") and not parsed.entries:
        raise DataError(f"{url} is neither RSS nor Atom")
    return parsed


def is_cut_off(parsed: Any, document: bytes) -> bool:
    """Whether a document breaks off before its end."""
    ended = document.rstrip().endswith((b"</rss>", b"</feed>", b"RDF>"))
    return isinstance(parsed.get("bozo_exception"), SAXException) and not ended


def markup_of(entry: Any) -> tuple[str, str]:
    """An entry's full text and its teaser, as HTML; the second is "" where it is all there is."""
    contents = [part.get("value", "") for part in entry.get("content", [])]
    # Yandex' own element, in which Russian newsrooms give the whole text.
    full = max([*contents, entry.get("yandex_full-text", "")], key=len)
    teaser = entry.get("summary", "")
    return (full, teaser if teaser != full else "") if full.strip() else (teaser, "")


def entry_article(
    entry: Any, channel: Any, *, place: str, name: str, labels: TagVocabulary | None
) -> Article | Reject:  # fmt: skip
    """The article of an entry, or why there is none.

    Args:
        entry, channel: as feedparser gives them.
        place: feed and entry, for people.
        name: becomes the article's id.
        labels: the vocabulary by which a line of tags is split.
    """
    full, teaser = markup_of(entry)
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
