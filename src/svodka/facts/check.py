"""Does a text name a number, a date or a name that its article does not?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from svodka.facts import tagger
from svodka.facts.dates import Date, find_dates, follows_as_year, is_year
from svodka.facts.morphology import unmixed
from svodka.facts.names import Name, capital_names, is_supported, tagged_names
from svodka.facts.numbers import Number, find_numbers
from svodka.facts.source import Source

FactKind = Literal["number", "date", "person", "organisation", "place", "name"]
Method = Literal["tagger", "capitals"]


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that a text names, as it stands there; `name` is a name of unknown kind."""

    kind: FactKind
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class FactCheck:
    """What a text names and its article does not.

    Attributes:
        unsupported: in order of appearance.
        method: how names were found: `tagger` by a trained tagger (extra `ru`), `capitals` by capital letters and
            the dictionary.
    """

    unsupported: tuple[Fact, ...]
    method: Method

    def __bool__(self) -> bool:
        """Whether the article supports all of it."""
        return not self.unsupported


def check_facts(text: str, article: str, *, method: Method | None = None) -> FactCheck:
    """Look up the numbers, dates and names of a text in its article.

    All are compared by meaning rather than spelling: names in any case, by surname alone, by an abbreviation or the
    adjective of a place; numbers in digits or words. What the article says about them is not compared.

    Args:
        text: a summary.
        article: headline and body.
        method: how to find names; None takes the tagger where the extra `ru` is installed.

    Raises:
        ConfigError: the tagger was asked for, and the extra `ru` is not installed.
    """
    if method == "tagger":
        tagger.require()
    chosen: Method = method or ("tagger" if tagger.available() else "capitals")
    text, source = unmixed(text), Source(unmixed(article))
    names = tagged_names(text) if chosen == "tagger" else capital_names(text)
    facts = [*_names(names, source), *_numbers(text, names, source)]
    return FactCheck(tuple(sorted(facts, key=lambda fact: fact.start)), chosen)


def _names(names: Sequence[Name], source: Source) -> list[Fact]:
    return [Fact(name.kind, name.text, name.start) for name in names if not is_supported(name, source)]


def _numbers(text: str, names: Sequence[Name], source: Source) -> list[Fact]:
    numbers = find_numbers(text)
    dates = [date for date in find_dates(text, numbers) if not _covers(names, date)]
    facts = [Fact("date", date.text, date.start) for date in dates if not source.has_date(date)]
    for number in numbers:
        in_date = any(date.start <= number.start < date.stop for date in dates)
        if not in_date and not _is_vague(number) and not source.has_number(number):
            end = follows_as_year(text, number) if is_year(number) else number.stop
            kind: FactKind = "date" if end > number.stop else "number"
            facts.append(Fact(kind, text[number.start : end], number.start))
    return facts


def _is_vague(number: Number) -> bool:
    # «Один из них», «во-первых»; a lone letter may be a Roman numeral or an initial.
    return number.in_words and (number.values == {1} or len(number.text) == 1)


def _covers(names: Sequence[Name], date: Date) -> bool:
    # «Май» of Theresa May, «Август» the king.
    return not date.day and any(name.start <= date.start < name.stop for name in names)
