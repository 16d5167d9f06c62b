"""Entries of RSS and Atom feeds as articles."""

import json
import re
from dataclasses import asdict

from svodka.article import Article
from svodka.errors import DataError
from svodka.inputs.aside import Aside
from svodka.inputs.boilerplate import is_insert
from svodka.inputs.checking import check_tags, checked
from svodka.inputs.feed_document import Entry, Feed
from svodka.inputs.html_pages import parse_html
from svodka.inputs.markup import as_page, plain_text
from svodka.inputs.reject import Reject
from svodka.inputs.targets import ends_in_opening, parted
from svodka.labels import TagVocabulary
from svodka.text import clean, words

_ASIDE = Aside()
_MOST_OUTLET = 3  # words
# A full text that begins with «Его длина …» goes on from the teaser, which then is its first paragraph and no lead.
_GOES_ON = re.compile(
    r"(?:Он|Она|Оно|Они|Его|Её|Ее|Их|Ему|Ей|Им|Об этом|По (?:его|её|ее|их) словам|При этом|Также|Кроме того|Там же)\b"
)


def parse_feed(document: bytes, *, url: str, media_type: str, aside: Aside = _ASIDE) -> Feed:
    """Read a document in a process of its own, which is ended if it takes too long or too much memory.

    Args:
        document: its bytes.
        url: where it came from: links in it may be relative.
        media_type: what the server says it is, with the encoding.
        aside: that process.

    Raises:
        DataError: the document is no feed, or cannot be read within the limits.
    """
    told = aside.read("feed", document, where=url, media_type=media_type)
    entries = (Entry(**entry | {"tags": tuple(entry["tags"])}) for entry in told.pop("entries"))
    return Feed(**told, entries=tuple(entries))


def entry_article(
    entry: Entry, feed: Feed, *, place: str, name: str, labels: TagVocabulary | None
) -> Article | Reject:  # fmt: skip
    """The article of an entry, or why there is none.

    Args:
        entry, feed: as `parse_feed` gives them.
        place: feed and entry, for people.
        name: becomes the article's id.
        labels: the vocabulary by which a line of tags is split.
    """
    if entry.fault:
        return Reject("unreadable", place, entry.fault)
    try:
        check_tags(entry.full.count("<"), "the entry")
        title = plain_text(entry.title).replace("\n", " ")
        body, teaser = _body_and_lead(entry, title, labels)
        article = Article(
            body, id=name, title=title, summary=teaser, tags=tuple(map(clean, entry.tags)),
            date=entry.day, url=entry.link, source=plain_text(feed.title), lang=feed.language,
        )  # fmt: skip
        if _is_headline(article.text, title) or all(map(is_insert, article.text.split("\n"))):
            return Reject("unusable", place, "a headline without a text; the feed gives no more of this entry")
        return checked(article)
    except DataError as error:
        return Reject("unusable", place, str(error))
    except Exception as error:  # whatever a parser may come upon in markup from outside
        return Reject("unreadable", place, f"{type(error).__name__}: {error}")


def as_stored(entry: Entry, feed: Feed) -> bytes:
    """An entry with what its feed says of it, as JSON."""
    told = {"entry": asdict(entry), "title": feed.title, "language": feed.language}
    return json.dumps(told, ensure_ascii=False).encode("utf-8", "surrogatepass")


def stored_entry(data: bytes, *, place: str, name: str, labels: TagVocabulary | None) -> Article | Reject:
    """The article of an entry as `as_stored` has written it; the other arguments are those of `entry_article`."""
    told = json.loads(data)
    entry = Entry(**told["entry"] | {"tags": tuple(told["entry"]["tags"])})
    return entry_article(entry, Feed(told["title"], told["language"]), place=place, name=name, labels=labels)


def _is_headline(text: str, title: str) -> bool:
    """Whether a text is the headline, be it with the name of the outlet."""
    own, wanted = words(text), words(title)
    return own == wanted or (
        own[: len(wanted)] == wanted and len(own) <= len(wanted) + _MOST_OUTLET and text[-1].isalnum()
    )


def _body_and_lead(entry: Entry, title: str, labels: TagVocabulary | None) -> tuple[str, str]:
    body, teaser = body_text(entry.full, title, labels), plain_text(entry.teaser).replace("\n", " ")
    whole = teaser.endswith((".", "!", "?", "»")) and not teaser.endswith("..")
    if whole and _GOES_ON.match(body):
        return f"{teaser}\n{body}", ""
    # What software has cut out of the text is no editor's lead.
    return parted(body, "" if ends_in_opening(body, teaser) else teaser, keep=True)


def body_text(markup: str, title: str, labels: TagVocabulary | None) -> str:
    """The body of an article given as HTML without a page around it, less what newsrooms put around articles."""
    whole = plain_text(markup)
    text = parse_html(as_page(markup, title), labels).article.text if "<" in markup else ""
    # Of a short text the search for a page's body may keep little or nothing.
    return text if len(text) >= len(whole) / 2 else whole
