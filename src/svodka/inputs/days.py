"""Days as newsrooms write them, in ISO 8601. Only a whole date counts: a year in a footer tells nothing."""

import re
from datetime import UTC, date, datetime
from typing import Any

# Stems of the months' names in Russian, Ukrainian, Belarusian, Kazakh, Uzbek and English; Kyrgyz has the Russian ones.
_STEMS = (
    "январ січ студз қаңтар yanvar january", "феврал лют ақпан fevral february", "март берез сакавік наурыз mart march",
    "апрел квіт красавік сәуір aprel april", "май мая трав мамыр may", "июн черв чэрвен маусым iyun june",
    "июл лип ліпен шілде iyul july", "август серп жні тамыз avgust august",
    "сентябр верес верас қыркүйек sentabr september",
    "октябр жовт кастрычнік қазан oktabr october", "ноябр листопад лістапад қараша noyabr november",
    "декабр груд снеж желтоқсан dekabr december",
)  # fmt: skip
_DECEMBER = 12
_MOST_ENDING = 3  # letters behind a stem
_ISO = re.compile(r"\b(\d{4})([-./])(\d{1,2})\2(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"^\s*((?:19|20)\d\d)(\d\d)(\d\d)(?:T|\s*$)")
_DOTTED = re.compile(r"\b(\d{1,2})(\s?[./-]\s?)(\d{1,2})\2(\d{4})(?!\d)|\b(\d{1,2})([./])(\d{1,2})\6(\d\d)\b")
_NAME = r"([^\W\d_]{3,12})"
_WORDED = (
    re.compile(
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|-го)?[»\"]?[\s-]+(?P<month>{_NAME})\.?,?[\s-]+(?P<year>\d{{4}})(?!\d)"
    ),
    re.compile(
        rf"\b(?P<month>{_NAME})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?:\d\d?:\d\d(?::\d\d)?\s+(?:[a-z]{{3,4}}\s+)?)?(?P<year>\d{{4}})\b"
    ),
    re.compile(rf"\b(?P<year>\d{{4}})[\s-]*(?:ж\w{{0,6}}\.?)\s+(?P<day>\d{{1,2}})[\s-]+(?P<month>{_NAME})"),
)
_HYPHENS = str.maketrans("‐‑–—", "----")
_EPOCH = re.compile(r"^\s*\d{10}(?:\d{3})?(?:\.\d+)?\s*$")


def day_of(value: Any) -> str:
    """The day that a value names: a text in a usual form, or seconds or milliseconds since 1970; "" if none."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return str(value.isoformat())[:10] if hasattr(value, "isoformat") else ""
    text = str(int(value)) if isinstance(value, (int, float)) and abs(value) < 1e15 else str(value)[:200]
    text = text.removeprefix("/Date(").removesuffix(")/").translate(_HYPHENS)  # of .NET
    if _EPOCH.match(text):
        seconds = float(text) / (1000 if len(text.strip().partition(".")[0]) == 13 else 1)
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()
    if not isinstance(value, str):
        return ""
    if found := _ISO.search(text):
        return _day(found[1], found[3], found[4])
    if found := _COMPACT.match(text):
        return _day(found[1], found[2], found[3])
    return _dotted(text) or _worded(text.lower())


def _dotted(text: str) -> str:
    found = _DOTTED.search(text)
    if not found:
        return ""
    day, month, year = (found[1], found[3], found[4]) if found[1] else (found[5], found[7], f"20{found[8]}")
    separator = (found[2] or "").strip()
    # Only in American dates the second number can be more than a month.
    return _day(year, day, month) if separator == "/" and int(month) > _DECEMBER else _day(year, month, day)


def _worded(text: str) -> str:
    for pattern in _WORDED:
        for found in pattern.finditer(text):
            if month := _month(found["month"]):
                return _day(found["year"], str(month), found["day"])
    return ""


def _month(word: str) -> int:
    """The number of a month by its name in any case, whole or shortened; 0 if it is none."""
    for number, stems in enumerate(_STEMS, 1):
        for stem in stems.split():
            if stem.startswith(word) or (word.startswith(stem) and len(word) <= len(stem) + _MOST_ENDING):
                return number
    return 0


def _day(year: str, month: str, day: str) -> str:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return ""
    return found.isoformat() if 1900 <= found.year <= 2200 else ""
