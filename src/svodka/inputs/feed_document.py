"""A feed's document taken apart by feedparser into plain records."""

import io
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from xml.sax import SAXException

from svodka.errors import DataError
from svodka.inputs.days import day_of
from svodka.inputs.encodings import decode
from svodka.inputs.storable import storable

# Runs of character references, also of those that are escaped once more within HTML.
_REFERENCE = rb"&(?:amp;)?#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?"
_REFERENCES = re.compile(rb"(?:" + re.sub(rb"\((?!\?)", b"(?:", _REFERENCE) + rb")+")
_ENTRY = re.compile(rb"<(item|entry)[\s>].*?</\1\s*>", re.DOTALL)
_UNKNOWN = 0xFFFD
# Elements of Yandex' and others' own, in which Russian newsrooms give the whole text.
_FULL = ("yandex_full-text", "turbo_content", "full-text", "fulltext", "full_text")
# «AT&T» and «?a=1&b=2», which XML lacks: feedparser would make «AT&T;» of it.
_BARE_AMPERSAND = re.compile(rb"&(?!#|\w{1,31};)")
_ENCODING = re.compile(r"""(<\?xml[^>]{0,200}?)\s+encoding\s*=\s*(?:"[^"]{0,99}"|'[^']{0,99}')""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a feed; what it does not give is "".

    Attributes:
        name: its guid or link.
        link: address of its page, http or https.
        title, full, teaser: HTML; `teaser` is "" where it is all there is, which then is `full`.
        tags: its categories.
        day: the day on which it appeared, by its own clock, ISO 8601.
        fault: why it could not be read; `full` then is its source.
    """

    name: str = ""
    link: str = ""
    title: str = ""
    full: str = ""
    teaser: str = ""
    tags: tuple[str, ...] = ()
    day: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed.

    Attributes:
        title: plain text or HTML.
        language: as it says, two letters in small.
        cut_off: the document breaks off before its end.
        entries: in the document's order.
    """

    title: str = ""
    language: str = ""
    cut_off: bool = False
    entries: tuple[Entry, ...] = field(default_factory=tuple)


def read_document(document: bytes, *, url: str, media_type: str) -> Feed:
    """Read a document in this process; `svodka.inputs.feeds.parse_feed` does it in one that can be ended.

    Args:
        document: its bytes.
        url: where it came from: links in it may be relative.
        media_type: what the server says it is, with the encoding.

    Raises:
        DataError: the document is no feed.
    """
    # What server and document say of the encoding is often wrong; feedparser would believe them.
    text = _ENCODING.sub(r"\1", decode(document, header=media_type, where=url), count=1)
    document = _BARE_AMPERSAND.sub(b"&amp;", _REFERENCES.sub(_mended, text.encode("utf-8", "replace")))
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    parsed = _parsed(document, headers)
    if isinstance(parsed, Exception):
        return _read_in_parts(document, headers, parsed)
    if not parsed.get("version") and not parsed.entries:
        raise DataError(f"{url} is neither RSS nor Atom")
    return _feed(parsed, map(_entry, parsed.entries), cut_off=_is_cut_off(parsed, document))


def _feed(parsed: Any, entries: Iterable[Entry], *, cut_off: bool = False) -> Feed:
    title, language = _text(parsed.feed.get("title")), _text(parsed.feed.get("language"))
    return Feed(title, language[:2].lower(), cut_off, tuple(entries))


def _parsed(document: bytes, headers: dict[str, str]) -> Any:
    import feedparser

    try:
        # A stream: what feedparser is given as bytes may be taken for a file's name.
        return feedparser.parse(io.BytesIO(document), response_headers=headers)
    except Exception as error:  # whatever a parser may come upon in bytes from outside
        return error


def _read_in_parts(document: bytes, headers: dict[str, str], trouble: Exception) -> Feed:
    """A document that cannot be read as a whole: each half of its entries by itself, down to those at fault."""
    found = list(_ENTRY.finditer(document))
    ends = (document[: found[0].start()], document[found[-1].end() :]) if found else (document, b"")
    channel = _parsed(b"".join(ends), headers)
    if isinstance(channel, Exception) or not found:
        raise DataError(f"{headers['content-location']} cannot be read: {type(trouble).__name__}: {trouble}")
    return _feed(channel, _halved([match[0] for match in found], ends, headers))


def _halved(parts: list[bytes], ends: tuple[bytes, bytes], headers: dict[str, str]) -> Iterator[Entry]:
    parsed = _parsed(b"".join((ends[0], *parts, ends[1])), headers)
    if not isinstance(parsed, Exception):
        yield from map(_entry, parsed.entries)
    elif len(parts) == 1:
        source = parts[0].decode("utf-8", "replace")
        yield Entry(full=_text(source), fault=f"{type(parsed).__name__}: {parsed}")
    else:
        middle = len(parts) // 2
        yield from _halved(parts[:middle], ends, headers)
        yield from _halved(parts[middle:], ends, headers)


def _mended(match: re.Match[bytes]) -> bytes:
    """Character references with halves of surrogate pairs joined, and those that name no character replaced."""
    codes = [_code(*numbers) for numbers in re.findall(_REFERENCE, match[0])]
    if all(map(_is_character, codes)):
        return match[0]
    units = b"".join(chr(code).encode("utf-16-le", "surrogatepass") for code in codes)
    joined = [ord(c) for c in units.decode("utf-16-le", "replace")]
    start = b"&amp;#" if b"amp;" in match[0] else b"&#"
    return b"".join(start + str(code if _is_character(code) else _UNKNOWN).encode() + b";" for code in joined)


def _code(hexadecimal: bytes, decimal: bytes) -> int:
    digits = (hexadecimal or decimal).lstrip(b"0")
    code = int(digits[:8] or b"0", 16 if hexadecimal else 10)
    return code if code <= 0x10FFFF and len(digits) <= 8 else 0


def _is_character(code: int) -> bool:
    """Whether XML 1.0 (section 2.2) allows it."""
    return code in (0x9, 0xA, 0xD) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF


def _is_cut_off(parsed: Any, document: bytes) -> bool:
    ended = document.rstrip().endswith((b"</rss>", b"</feed>", b"RDF>"))
    return isinstance(parsed.get("bozo_exception"), SAXException) and not ended


def _entry(entry: Any) -> Entry:
    try:
        link, (full, teaser) = _text(entry.get("link")).strip(), _markup(entry)
        return Entry(
            name=_text(entry.get("id")).strip() or link,
            # A link may be followed by whoever reads the results: no script, no file.
            link=link if link.lower().startswith(("http://", "https://")) else "",
            title=_text(entry.get("title")), full=full, teaser=teaser,
            tags=tuple(_text(tag.get("term")) for tag in entry.get("tags") or [] if tag.get("term")),
            day=_day(entry),
        )  # fmt: skip
    except Exception as error:  # whatever feedparser may make of an entry from outside
        return Entry(full=_text(str(entry)), fault=f"{type(error).__name__}: {error}")


def _markup(entry: Any) -> tuple[str, str]:
    """Full text and teaser; the second is "" where it is all there is."""
    contents = [_text(part.get("value")) for part in entry.get("content") or []]
    teaser = _text(entry.get("summary")) or _text(entry.get("excerpt_encoded"))
    full = max([*contents, *(_text(entry.get(name)) for name in _FULL)], key=len)
    # feedparser takes the caption of a picture for a content, if it stands behind the description.
    if not full.strip() or len(teaser) > 2 * len(full):
        full = teaser
    return full, teaser if teaser != full else ""


def _day(entry: Any) -> str:
    """By its own clock: feedparser's moments are in UTC."""
    written = _text(entry.get("published")) or _text(entry.get("updated"))
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        with suppress(ValueError):
            return read(written.strip()).date().isoformat()
    # feedparser guesses at the rest, and takes seconds since 1970 for a year.
    return day_of(written)


def _text(value: object) -> str:
    # feedparser gives None for an element that was never closed.
    return str(storable(value)) if isinstance(value, str) else ""
