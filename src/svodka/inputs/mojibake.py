"""Text that was read in a wrong encoding before it came here."""

import re
from itertools import permutations

from svodka.inputs.encodings import likelihood

_LETTER = re.compile(r"[^\W\d_]")
# Of UTF-8 that was decoded as latin-1 cleaning leaves every first byte alone: «Ð Ñ».
_FIRST_BYTES = re.compile(r"[ÐÑ]")
_FIRST_SHARE = 0.2  # of letters
# UTF-8 that was decoded as windows-1251, of a part of a text too: «РјРѕСЃС‚ через реку».
_PAIRS = re.compile(r"[РС][\u0080-\u00bf\u0402-\u040f\u0452-\u045f\u2010-\u203a\u20ac\u2116\u2122ЎўЈҐЁЄЇІіґё№єјЅѕї]")
_BASE64 = re.compile(r"(?:^|\n)(?=[^\n]{0,100}[a-z])(?=[^\n]{0,100}[A-Z])(?=[^\n]{0,100}\d)[A-Za-z\d+/]{60,}={0,2}\s*$")
_READINGS = (
    "utf-8", "windows-1251", "windows-1252", "latin-1", "koi8-u", "cp866", "mac-cyrillic", "iso-8859-5", "cp437",
    "cp850",
)  # fmt: skip
_REAL = ("utf-8", "windows-1251", "koi8-u", "cp866", "mac-cyrillic", "iso-8859-5")
_LEAST_LETTERS = 8
_SAMPLE = 2000
_LOST = 0.25  # share of letters
_STRANGE = 0.75  # likelihood; texts in Russian have 0.82 and more, their garbled ones less than this
_WELL, _BETTER = 0.68, 0.1  # what the right reading has at least, and has more than the wrong one


def mojibake(text: str) -> str:
    """Why a text reads as one that was decoded wrongly; "" where it reads well."""
    sample = text[:_SAMPLE]
    if _BASE64.search(sample):
        return "it reads as base64, the form of bytes"
    marks, letters = sample.count("?"), len(_LETTER.findall(sample))
    lost = marks + sample.count("\ufffd")
    if lost >= _LEAST_LETTERS and lost > _LOST * (letters + marks):
        return "its letters are lost: question marks stand for them"
    for pattern, read in ((_FIRST_BYTES, "latin-1"), (_PAIRS, "windows-1251")):
        if letters >= _LEAST_LETTERS and len(pattern.findall(sample)) > _FIRST_SHARE * letters:
            return f"it reads as mojibake: utf-8 that was decoded as {read}"
    foreign = len(sample) - len(sample.encode("ascii", "ignore"))
    if foreign < _LEAST_LETTERS or (wrong := likelihood(sample)) >= _STRANGE:
        return ""
    for read, real in permutations(_READINGS, 2):
        if real in _REAL and likelihood(again(sample, read, real)) >= max(_WELL, wrong + _BETTER):
            return f"it reads as mojibake: {real} that was decoded as {read}"
    return ""


def again(text: str, read: str, real: str) -> str:
    """A text that was decoded as one encoding, decoded as another; "" where it cannot have come so."""
    raw = text.encode(read, "replace")
    # What another encoding has no letter for shows that it is not the one.
    return raw.decode(real, "replace") if raw.count(b"?") - text.count("?") <= _LOST * len(text) / 2 else ""
