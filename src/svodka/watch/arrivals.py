"""What arrives: a page, a line of a JSONL file, an entry of a feed, each with a name by which it is known again."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from svodka.article import Article
from svodka.inputs.reject import Reject

MOST_ID_BYTES = 1000  # PostgreSQL indexes keys up to 2,700 bytes


@dataclass(frozen=True, slots=True)
class Arrival:
    """Something to annotate.

    Attributes:
        key: its name in the ledger.
        digest: of its content; the same key with another digest is annotated again.
        source: key of the file or feed that it came with.
        place: file, file and line, or feed and entry, for people.
        read: gives the article, or why there is none.
        raw: what a person needs to see of a reject that has no file of its own.
        nth: for a line, how many equal lines stand before it in its file.
    """

    key: str
    digest: str
    source: str
    place: str
    read: Callable[[], Article | Reject]
    raw: str = ""
    nth: int = 0


class Counted(Protocol):
    """How often lines stand in a file."""

    def get(self, digest: str, default: int, /) -> int:
        """How many lines with this digest there are, `default` if there are none."""
        ...


@dataclass(frozen=True, slots=True)
class Mark:
    """A file or feed has been read to its end; committed with, or after, all that came of it.

    Attributes:
        source: its key.
        place: its path or address.
        state: what tells that it has not changed since: a file's signature, a feed's validators.
        lines: the lines of a file by their digests; None for what has no lines.
    """

    source: str
    place: str
    state: str
    lines: Counted | None = None


@dataclass(frozen=True, slots=True)
class Handled:
    """An arrival with what came of it: an annotation in its JSON form, or a reject. `text` is the article's body."""

    arrival: Arrival
    result: Mapping[str, Any] | Reject
    text: str = ""


def key_of(*parts: str) -> str:
    """A name of 32 hex digits; parts are kept apart, so that no two lists of parts share one but by chance."""
    framed = "".join(f"{len(part)}:{part}" for part in parts)
    return digest_of(framed.encode("utf-8", "surrogatepass"))


def digest_of(content: bytes) -> str:
    """Hash of some content, 32 hex digits."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()
