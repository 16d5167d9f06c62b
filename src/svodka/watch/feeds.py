"""Documents of feeds as arrivals."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from svodka.errors import DataError
from svodka.inputs.feed_document import Entry, Feed
from svodka.inputs.feeds import entry_article, parse_feed
from svodka.labels import TagVocabulary
from svodka.watch.arrivals import Arrival, Mark, digest_of, key_of
from svodka.watch.fetch import FeedAddress, Fetched, fetch
from svodka.watch.reading import MOST_RAW_CHARACTERS, given_id


def feed_key(feed: FeedAddress) -> str:
    """A feed's name in the ledger."""
    return key_of("feed", feed.url)


@dataclass(frozen=True, slots=True)
class Look:
    """What came of looking at a feed: `feed` is what its document holds, None if there is nothing new, or trouble."""

    fetched: Fetched
    feed: Feed | None = None


def look_at(address: FeedAddress, state: str, *, hosts: Collection[str] = ()) -> Look:
    """Ask for a feed and read it; every trouble comes as a sentence. Meant for the background: both may take a minute.

    Args:
        address, state, hosts: as `fetch` takes them.
    """
    fetched = fetch(address, state, hosts=hosts)
    if fetched.document is None:
        # Without new entries, but with new validators to keep.
        return Look(fetched, Feed() if fetched.state else None)
    try:
        return Look(fetched, parse_feed(fetched.document, url=address.url, media_type=fetched.media_type))
    except (DataError, OSError) as error:
        return Look(replace(fetched, document=None, trouble=str(error)))


def read_feed(fetched: Fetched, feed: Feed, labels: TagVocabulary | None) -> Iterator[Arrival | Mark]:
    """Entries of a feed, the oldest first, then a mark that it was read.

    Args:
        fetched: what was read.
        feed: what it holds.
        labels: the vocabulary by which an entry's tags are spelt.
    """
    pairs = reversed(list(zip(feed.entries, _names(feed.entries, fetched.feed), strict=True)))
    entries = (_arrival(entry, name, feed, address=fetched.feed, labels=labels) for entry, name in pairs)
    # Half a document must not count as the one that was read last.
    state = "" if feed.cut_off else fetched.state
    return chain(entries, [Mark(feed_key(fetched.feed), fetched.feed.url, state)])


def _arrival(entry: Entry, name: str, feed: Feed, *, address: FeedAddress, labels: TagVocabulary | None) -> Arrival:
    parts, digest = (entry.title, entry.full, entry.teaser), _digest(entry)
    place = f"{address.url} {entry.link or name}"
    return Arrival(
        # Known by name and content: a feed that gives one name to two entries does not have them replace each other
        # at every look, and an article in two feeds of one site is annotated once.
        key_of("entry", name, digest), digest, feed_key(address), place,
        partial(entry_article, entry, feed, place=place, name=given_id(name), labels=labels),
        raw="\n".join(parts)[:MOST_RAW_CHARACTERS],
    )  # fmt: skip


def _names(entries: Sequence[Entry], feed: FeedAddress) -> list[str]:
    """The id of each entry: its guid or link, and where entries share it, the link, the title, the content with it."""
    names = [entry.name for entry in entries]
    for further in (lambda entry: entry.link, lambda entry: key_of(entry.title)[:12], _digest):
        counts = Counter(names)
        more = [further(entry) if counts[name] > 1 and name else "" for name, entry in zip(names, entries, strict=True)]
        names = [f"{name}#{one}" if one and one != name else name for name, one in zip(names, more, strict=True)]
    # Only a URI is one name in all the world; a bare number is one within its feed.
    named = zip(names, entries, strict=True)
    return [name if ":" in name else f"{feed.url}#{name or _digest(entry)}" for name, entry in named]


def _digest(entry: Entry) -> str:
    return digest_of("\0".join((entry.title, entry.full, entry.teaser)).encode())
