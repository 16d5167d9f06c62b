"""Days as newsrooms write them, in ISO 8601. Only a whole date counts: a year in a footer tells nothing."""

import re
from datetime import UTC, date, datetime
from typing import Any

_MONTHS = {
    name: month
    for month, names in enumerate(
        (
            "янв қаң січ jan", "фев ақп лют feb", "мар нау бер mar", "апр сәу кві apr", "май мая мам тра may",
            "июн мау чер jun", "июл шіл лип jul", "авг там сер aug", "сен қыр вер sep", "окт қаз жов oct",
            "ноя қар лис nov", "дек жел гру dec",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_ISO = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)")
_COMPACT = re.compile(r"^\s*((?:19|20)\d\d)(\d\d)(\d\d)(?:T|\s*$)")
_DOTTED = re.compile(r"\b(\d{1,2})([./])(\d{1,2})\2(\d{4}|\d\d)\b")
_WORDED = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th)?\s+([^\W\d_]{3,9})\.?,?\s+(\d{4})\b|\b([^\W\d_]{3,9})\s+(\d{1,2}),?\s+(\d{4})\b"
)
_EPOCH = re.compile(r"^\s*\d{10}(?:\d{3})?(?:\.\d+)?\s*$")


def day_of(value: Any) -> str:
    """The day that a value names: a text in a usual form, or seconds or milliseconds since 1970; "" if none."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return str(value.isoformat())[:10] if hasattr(value, "isoformat") else ""
    text = str(int(value)) if isinstance(value, (int, float)) and abs(value) < 1e15 else str(value)[:200]
    if _EPOCH.match(text):
        seconds = float(text) / (1000 if len(text.strip().partition(".")[0]) == 13 else 1)
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()
    if not isinstance(value, str):
        return ""
    if found := _ISO.search(text) or _COMPACT.match(text):
        return _day(found[1], found[2], found[3])
    if found := _DOTTED.search(text):
        return _day(found[4] if len(found[4]) == 4 else f"20{found[4]}", found[3], found[1])
    return _worded(text)


def _worded(text: str) -> str:
    for found in _WORDED.finditer(text.lower()):
        day, month, year = (found[1], found[2], found[3]) if found[1] else (found[5], found[4], found[6])
        if month[:3] in _MONTHS:
            return _day(year, str(_MONTHS[month[:3]]), day)
    return ""


def _day(year: str, month: str, day: str) -> str:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return ""
    return found.isoformat() if 1900 <= found.year <= 2200 else ""
