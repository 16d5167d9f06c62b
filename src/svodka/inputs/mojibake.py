"""Text that was read in a wrong encoding before it came here."""

import re

_LETTER = re.compile(r"[^\W\d_]")
# UTF-8 read as windows-1251 («РјРѕСЃС‚»), as latin-1 («Ð¼Ð¾Ñ»), and windows-1251 as latin-1 («ìîñò»).
_UTF8_AS_1251 = re.compile(
    r"[РС][\u0080-\u00bf\u0402-\u040f\u0452-\u045f\u2010-\u203a\u20ac\u2116\u2122ЎўЈҐЁЄЇІіґё№єјЅѕї]"
)
_UTF8_AS_LATIN = re.compile(r"[ÐÑ][\u0080-\u00bf\u2010-\u203a\u20ac\u2122\u0152-\u0192\u02c6\u02dc]?")
_AS_LATIN = re.compile(r"[\u00c0-\u00ff]")
_UPPER = re.compile(r"[\u0400-\u042f]")
_SWAPPED = re.compile(r"\b[а-я][\u0400-\u042f]{2,}\b")  # koi8-r read as windows-1251: «вЕТЕЗ»
_LEAST_LETTERS = 8
_LOST = 0.25


def mojibake(text: str) -> str:
    """Why a text reads as one that was decoded wrongly; "" where it reads well."""
    sample = text[:20_000]
    marks, letters = sample.count("?"), len(_LETTER.findall(sample))
    if marks + sample.count("\ufffd") >= _LEAST_LETTERS and marks + sample.count("\ufffd") > _LOST * (letters + marks):
        return "its letters are lost: question marks stand for them"
    if letters < _LEAST_LETTERS:
        return ""
    shares = {
        "UTF-8 that was decoded as windows-1251": 2 * len(_UTF8_AS_1251.findall(sample)) / 0.4,
        "UTF-8 that was decoded as latin-1": len(_UTF8_AS_LATIN.findall(sample)) / 0.2,
        "windows-1251 that was decoded as latin-1": len(_AS_LATIN.findall(sample)) / 0.6,
        "koi8-r that was decoded as windows-1251": len(_UPPER.findall(sample)) / 0.8 * bool(_SWAPPED.search(sample)),
    }
    return next((f"it reads as mojibake: {kind}" for kind, share in shares.items() if share > letters), "")
