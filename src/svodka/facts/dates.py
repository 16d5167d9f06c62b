"""Dates in a text: «3 марта 2017 года», «3.03.2017», «2017-03-03», «третьего марта», «в марте 2017-го»."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from svodka.facts.numbers import Number

_STEMS = ("январ", "феврал", "март", "апрел", "ма", "июн", "июл", "август", "сентябр", "октябр", "ноябр", "декабр")
_MONTH = re.compile(
    r"\b(?:(?P<soft>январ|феврал|апрел|июн|июл|сентябр|октябр|ноябр|декабр)(?:ь|я|ю|ем|е)"
    r"|(?P<hard>март|август)(?:а|у|ом|е)?|(?P<may>ма)(?:й|я|ю|ем|е))\b",
    re.IGNORECASE,
)
_DOTTED = re.compile(r"(?<![\d.,])(\d{1,2})[./](\d{1,2})[./](\d{4}|\d{2})(?![\d.]\d)")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
_AND = re.compile(r"\s*(?:[-–—−]|,|и|или|по|до|на)\s*", re.IGNORECASE)
_YEAR_WORD = re.compile(r"(?:-?\w{1,2}\b)?\s*(?:год\w*|гг?\.)", re.IGNORECASE)
_FIRST_YEAR, _LAST_YEAR, _LAST_DAY = 1000, 2200, 31
_HUNDRED, _TURN = 100, 50  # years of two digits: 00 to 49 are of this century


@dataclass(frozen=True, slots=True)
class Date:
    """A date, as it stands at `source[start:stop]`; `day` and `year` are 0 where not named."""

    text: str
    start: int
    stop: int
    day: int
    month: int
    year: int = 0


def find_dates(text: str, numbers: Sequence[Number]) -> list[Date]:
    """Dates that name a month, in order.

    Args:
        text: where to look.
        numbers: its numbers in order, as `find_numbers` gives them.
    """
    found = [_date(text, m.start(), m.end(), *map(int, m.groups())) for m in _DOTTED.finditer(text)]
    found += [_date(text, m.start(), m.end(), *map(int, m.groups()[::-1])) for m in _ISO.finditer(text)]
    for match in _MONTH.finditer(text):
        found += _around(text, match, numbers)
    return sorted((date for date in found if date is not None), key=lambda date: date.start)


def is_year(number: Number) -> bool:
    """Whether a number can be a year."""
    return any(_FIRST_YEAR <= value <= _LAST_YEAR and value == int(value) for value in number.values)


def follows_as_year(text: str, number: Number) -> int:
    """Where «года» or «г.» ends behind a number; the number's own end where there is none."""
    match = _YEAR_WORD.match(text, number.stop)
    return match.end() if match else number.stop


def _date(text: str, start: int, stop: int, day: int, month: int, year: int) -> Date | None:
    if not (1 <= day <= _LAST_DAY and 1 <= month <= len(_STEMS)):
        return None
    century = 0 if year >= _HUNDRED else 2000 if year < _TURN else 1900
    return Date(text[start:stop], start, stop, day, month, century + year)


def _around(text: str, match: re.Match[str], numbers: Sequence[Number]) -> list[Date | None]:
    stem = next(group for group in match.groups() if group)
    month = _STEMS.index(stem.lower())
    start, stop = match.span()
    year = 0
    at = bisect_left(numbers, stop, key=lambda number: number.start)
    after = numbers[at] if at < len(numbers) else None
    if after is not None and is_year(after) and not text[stop : after.start].strip():
        year, stop = _whole(after), follows_as_year(text, after)
    days, first = _days_before(text, start, numbers)
    dates: list[Date | None] = [Date(text[n.start : stop], n.start, stop, _whole(n), month + 1, year) for n in days]
    return dates or [Date(text[first:stop], first, stop, 0, month + 1, year)]


def _days_before(text: str, start: int, numbers: Sequence[Number]) -> tuple[list[Number], int]:
    """Days of one month that stand before it: «3 марта», «с 3 по 5 марта»."""
    days: list[Number] = []
    edge = start
    at = bisect_right(numbers, start, key=lambda number: number.stop)
    for number in (numbers[i] for i in range(at - 1, -1, -1)):
        between = re.sub(r"^-\w{1,2}\b", "", text[number.stop : edge])
        joined = not between.strip() if not days else _AND.fullmatch(between)
        if not joined or not _is_day(number):
            break
        days, edge = [number, *days], number.start
    return days, edge


def _is_day(number: Number) -> bool:
    return len(number.values) == 1 and 1 <= _only(number) <= _LAST_DAY and _only(number) == int(_only(number))


def _only(number: Number) -> Decimal:
    return next(iter(number.values))


def _whole(number: Number) -> int:
    return int(max(number.values))
