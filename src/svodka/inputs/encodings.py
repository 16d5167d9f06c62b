"""Bytes to text: what a page or a feed says of its encoding is believed only where the bytes bear it out.

In order: a byte order mark; UTF-8, if the bytes are that; what the HTTP header, the XML declaration or the page's meta
names; what reads best. The names are those of browsers (https://encoding.spec.whatwg.org).
"""

import codecs
import re
from contextlib import suppress

from svodka.errors import DataError

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_HIDDEN = ((b"<!--", b"-->"), (b"<script", b"</script"), (b"<style", b"</style"))
_DECLARED = (
    re.compile(rb"""^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)""", re.IGNORECASE),
    re.compile(rb"""<meta[^>]+?charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE),
)
_HEADER = re.compile(r"""charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
_HEAD_BYTES = 64 << 10
# Encodings of one byte a letter that Cyrillic news has been written in, the commonest first.
_CYRILLIC = ("windows-1251", "koi8-r", "cp866", "iso-8859-5")
# Names that a page may give. Python knows more, such as punycode; none of them is an encoding of pages.
_ALLOWED = re.compile(
    r"(?:windows-?125\d|cp-?(?:125\d|866)|ibm866|koi8-?[ru]|iso-?8859-?\d+|latin-?\d|mac-?cyrillic|gbk|gb2312"
    r"|gb18030|big5|shift_jis|euc-(?:jp|kr))$"
)
_COMMON = frozenset("оеаинтсрвлкмдпуяыьзбгчйхжшюцщэфаіәқғң")
_GOOD = 0.6
_MIXED = re.compile(r"[A-Za-z](?=[а-яА-ЯёЁ])|[а-яА-ЯёЁ](?=[A-Za-z])")


def decode(raw: bytes, *, header: str = "", where: str = "") -> str:
    """The text of some bytes.

    Args:
        raw: a page, a table's line, a feed.
        header: the `Content-Type` that came with them, if any.
        where: names them in the error.

    Raises:
        DataError: they read as no text in any encoding.
    """
    for mark, name in _MARKS:
        if raw.startswith(mark):
            return raw[len(mark) :].decode(name, "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    # One broken byte, such as a letter that a cut has halved, must not lose a page.
    lenient = raw.decode("utf-8", "replace")
    broken = lenient.count("\ufffd")
    cyrillic = sum("\u0400" <= c <= "\u04ff" for c in lenient)
    if broken * 10 <= cyrillic:
        return lenient
    named = declared(raw, header)
    candidates = dict.fromkeys(([named] if named else []) + list(_CYRILLIC))
    texts = [raw.decode(name, "replace") for name in candidates]
    scores = [_score(text) for text in texts]
    best = max(range(len(texts)), key=lambda i: (scores[i], -i))
    # What the page declares counts where it reads no worse; a Western page has no Cyrillic letter at all.
    if named and (scores[0] >= 0.9 * scores[best] or scores[best] < _GOOD):
        best = 0
    elif scores[best] < _GOOD:
        raise DataError(f"{where}: no text in UTF-8 nor in {', '.join(_CYRILLIC)}; save it as UTF-8")
    return texts[best]


def sniffed(sample: bytes) -> str:
    """The codec of a file of lines by its beginning; "" for UTF-8, and where nothing else reads well."""
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    lenient = sample.decode("utf-8", "replace")
    if lenient.count("\ufffd") * 10 <= sum("\u0400" <= c <= "\u04ff" for c in lenient) + 10 * (b"\0" in sample):
        return ""
    scores = {name: _score(sample.decode(name, "replace")) for name in _CYRILLIC}
    best = max(scores, key=scores.__getitem__)
    return best if scores[best] >= _GOOD else ""


def declared(raw: bytes, header: str = "") -> str:
    """The encoding that header, XML declaration or meta name, "" if none does or it is none of a page's."""
    found = _HEADER.search(header)
    names = [found[1]] if found else []
    head = _without_hidden(raw[:_HEAD_BYTES])
    names += [inside[1].decode("ascii") for pattern in _DECLARED if (inside := pattern.search(head))]
    for name in names:
        plain = name.lower().removeprefix("x-")
        plain = "windows-1252" if plain in ("iso-8859-1", "latin1", "latin-1", "ascii", "us-ascii") else plain
        if _ALLOWED.match(plain):
            with suppress(LookupError):  # such as windows-1259, which is none
                return codecs.lookup(plain).name
    return ""


def _without_hidden(head: bytes) -> bytes:
    """The head of a page without comments, scripts and styles: a meta within them is none."""
    for opening, closing in _HIDDEN:
        kept, at, lower = list[bytes](), 0, head.lower()
        while (start := lower.find(opening, at)) >= 0:
            kept.append(head[at:start])
            end = lower.find(closing, start)
            at = len(head) if end < 0 else end + len(closing)
        head = b"".join((*kept, head[at:]))
    return head


def _score(text: str) -> float:
    """How much of the letters beyond ASCII are the small letters that Cyrillic text is made of, from 0 to 1."""
    letters = [c for c in text[:50_000] if not c.isascii() and not c.isspace() and c not in "«»—–№…“”„’"]
    if not letters:
        return 0.0
    capitals_inside = len(re.findall(r"[а-яё][А-ЯЁ]", text[:50_000]))
    common = sum(c in _COMMON for c in letters) + 0.5 * sum("А" <= c <= "Я" or c in "ёЁ" for c in letters)
    # A Western letter between Latin ones reads as a Cyrillic one: «inaugurй».
    mixed = len(_MIXED.findall(text[:50_000]))
    return (common - 2 * capitals_inside - 2 * mixed) / len(letters)
