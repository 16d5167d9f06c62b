"""Documents of feeds as arrivals."""

from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import Any

from svodka.inputs.feeds import entry_article, is_cut_off, markup_of, parse_feed
from svodka.labels import TagVocabulary
from svodka.watch.arrivals import Arrival, Mark, digest_of, key_of
from svodka.watch.fetch import FeedAddress, Fetched
from svodka.watch.reading import MOST_RAW_CHARACTERS, given_id


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
    document = fetched.document or b""
    parsed = parse_feed(document, url=fetched.feed.url, media_type=fetched.media_type)
    entries = (_arrival(entry, parsed.feed, fetched.feed, labels) for entry in reversed(parsed.entries))
    # Half a document must not count as the one that was read last.
    state = "" if is_cut_off(parsed, document) else fetched.state
    return chain(entries, [Mark(feed_key(fetched.feed), fetched.feed.url, state)])


def _arrival(entry: Any, channel: Any, feed: FeedAddress, labels: TagVocabulary | None) -> Arrival:
    markup = markup_of(entry)
    title = entry.get("title", "")
    digest = digest_of("\0".join((title, *markup)).encode("utf-8", "surrogatepass"))
    name = _name(entry, feed, digest)
    place = f"{feed.url} {entry.get('link') or name}"
    return Arrival(
        # Known by name and content: a feed that gives one name to two entries does not have them replace each other
        # at every look, and an article in two feeds of one site is annotated once.
        key_of("entry", name, digest), digest, feed_key(feed), place,
        partial(entry_article, entry, channel, place=place, name=given_id(name), labels=labels),
        raw="\n".join((title, *markup))[:MOST_RAW_CHARACTERS],
    )  # fmt: skip


def _name(entry: Any, feed: FeedAddress, digest: str) -> str:
    name = (entry.get("id") or entry.get("link") or "").strip()
    # Only a URI is one name in all the world; a bare number is one within its feed.
    return name if ":" in name else f"{feed.url}#{name or digest}"
