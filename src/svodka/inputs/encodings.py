"""Bytes to text: what a page or a feed says of its encoding is believed only where the bytes bear it out.

In order: a byte order mark; UTF-8, if the bytes are that; what the HTTP header, the XML declaration or the page's meta
names; what reads best. The names are those of browsers (https://encoding.spec.whatwg.org).
"""

import codecs
import re
from collections import Counter
from contextlib import suppress

from svodka.errors import DataError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_HIDDEN = ((b"<!--", b"-->"), (b"<script", b"</script"), (b"<style", b"</style"))
_DECLARED = (
    re.compile(rb"""^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)""", re.IGNORECASE),
    re.compile(rb"""<meta[^>]+?charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE),
)
_HEADER = re.compile(r"""charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
_HEAD_BYTES = 64 << 10
# Encodings of one byte a letter that Cyrillic news has been written in, the commonest first; koi8-u has all letters of
# koi8-r, and kz1048 is windows-1251 with Kazakh letters, which many pages in it call themselves.
_CYRILLIC = ("windows-1251", "koi8-u", "cp866", "iso-8859-5", "mac-cyrillic", "kz1048")
# Names that a page may give. Python knows more, such as punycode; none of them is an encoding of pages.
_ALLOWED = re.compile(
    r"(?:windows-?125\d|cp-?(?:125\d|866)|ibm866|koi8-?[ru]|iso-?8859-?\d+|latin-?\d|mac-?cyrillic|gbk|gb2312"
    r"|gb18030|big5|shift_jis|euc-(?:jp|kr)|kz-?1048|strk1048_2002|rk1048|ptcp154|pt154)$"
)
# Letters of Cyrillic text from the commonest in Russian on: of two readings the right one has more of the common ones,
# be it in capitals alone. What Russian lacks counts less, so that «ґ» is not guessed where «ө» makes words.
_BY_FREQUENCY = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"
_WEIGHTS = {letter: 1 - 0.7 * i / len(_BY_FREQUENCY) for i, letter in enumerate(_BY_FREQUENCY)}
_WEIGHTS |= {"і": 0.8} | dict.fromkeys("әғқңөұүһїє", 0.6) | dict.fromkeys("ґў", 0.3)
_GOOD = 0.55
_MIXED = re.compile(r"[A-Za-z](?=[а-яА-ЯёЁ])|[а-яА-ЯёЁ](?=[A-Za-z])")
_BREAK = re.compile(r"\\[nrt]")
_CAPITAL_INSIDE = re.compile(r"[а-яё][А-ЯЁ]")
_SAMPLE = 50_000
_LEAST_WIDE = 0.8  # share of the bytes at every second place that are 0 or 4, as the upper ones of UTF-16 are


def decode(raw: bytes, *, header: str = "", where: str = "") -> str:
    """The text of some bytes.

    Args:
        raw: a page, a table's line, a feed.
        header: the `Content-Type` that came with them, if any.
        where: names them in the error.

    Raises:
        DataError: they read as no text in any encoding.
    """
    if found := _marked(raw):
        return found
    if wide := _wide(raw):
        return raw.decode(wide, "replace")
    with suppress(UnicodeDecodeError):
        return raw.decode("utf-8")
    lenient = raw.decode("utf-8", "replace")
    broken, cyrillic = _broken(lenient)
    if broken * 10 <= cyrillic:
        return lenient
    # A page in UTF-8 with a part, such as its footer, in another encoding.
    if broken <= 4 * cyrillic and likelihood(lenient.replace("\ufffd", "")) >= _GOOD:
        return raw.decode("utf-8", "svodka-mixed")
    named = declared(raw, header)
    candidates = dict.fromkeys(([named] if named else []) + list(_CYRILLIC))
    texts = [raw.decode(name, "replace") for name in candidates]
    scores = [likelihood(text) for text in texts]
    best = max(range(len(texts)), key=lambda i: (scores[i], -i))
    # What the page declares counts where it reads no worse; a Western page has no Cyrillic letter at all.
    if named and (scores[0] >= 0.97 * scores[best] or scores[best] < _GOOD):
        best = 0
    elif scores[best] < _GOOD:
        raise DataError(f"{where}: no text in UTF-8 nor in {', '.join(_CYRILLIC)}; save it as UTF-8")
    return texts[best]


def decode_row(raw: bytes) -> str:
    """The text of a table's row in UTF-8.

    Raises:
        UnicodeDecodeError: more of it is broken than a letter here and there.
    """
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        lenient = raw.decode("utf-8-sig", "replace")
        broken, cyrillic = _broken(lenient)
        if broken * 10 > cyrillic:
            raise
        return lenient


def _broken(lenient: str) -> tuple[int, int]:
    """How many letters are broken, and how many Cyrillic: a letter that a cut has halved must not lose a page."""
    return lenient.count("\ufffd"), sum("\u0400" <= c <= "\u04ff" for c in lenient)


def _marked(raw: bytes) -> str:
    """The text after a byte order mark; "" if there is none, or the bytes behind one of UTF-8 are none."""
    name = next((name for mark, name in _MARKS if raw.startswith(mark)), "")
    text = raw.decode(name, "replace").lstrip("\ufeff") if name else ""
    return "" if name == "utf-8" and text.count("\ufffd") * 10 > len(text) else text


def _wide(raw: bytes) -> str:
    """UTF-16 that no byte order mark tells of, by its order; "" for anything else."""
    sample = raw[:_SAMPLE]
    for first, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        upper, lower = sample[first::2], sample[1 - first :: 2]
        high, low = (sum(half.count(byte) for byte in (0, 4)) for half in (upper, lower))
        if len(upper) > 1 and high >= _LEAST_WIDE * len(upper) and low * 4 < high:
            return name
    return ""


def _as_one_byte(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are no UTF-8 as the commonest encoding of one byte a letter reads them."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode(_CYRILLIC[0], "replace"), error.end


codecs.register_error("svodka-mixed", _as_one_byte)


def sniffed(sample: bytes) -> str:
    """The codec of a file of lines by its beginning; "" for UTF-8, and where nothing else reads well."""
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-32" if sample.startswith(codecs.BOM_UTF32_LE) else "utf-16"
    if _marked(sample):
        return ""
    if wide := _wide(sample):
        return wide
    with suppress(UnicodeDecodeError):
        # The sample may end within a letter.
        codecs.getincrementaldecoder("utf-8")().decode(sample)
        return ""
    lenient = sample.decode("utf-8", "replace")
    if lenient.count("\ufffd") * 10 <= sum("\u0400" <= c <= "\u04ff" for c in lenient) + 10 * (b"\0" in sample):
        return ""
    scores = {name: likelihood(sample.decode(name, "replace")) for name in _CYRILLIC}
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


def likelihood(text: str) -> float:
    """How much a text's letters beyond ASCII are distributed as those of Cyrillic text are, from below 0 to 1."""
    # In JSON a letter stands before each line: «\\nСуд».
    sample = _BREAK.sub(" ", text[:_SAMPLE])
    counted = Counter(sample).items()
    letters = {c: n for c, n in counted if not c.isascii() and not c.isspace() and c not in "«»—–№…“”„’"}
    if not letters:
        return 0.0
    common = sum(_WEIGHTS.get(c.lower(), 0.0) * n for c, n in letters.items())
    # A Western letter between Latin ones reads as a Cyrillic one: «inaugurй».
    odd = len(_CAPITAL_INSIDE.findall(sample)) + len(_MIXED.findall(sample))
    return (common - 2 * odd) / sum(letters.values())
