"""Numbers and dates in a text. The expected values are read off the texts by hand."""

from decimal import Decimal

import pytest

from svodka.facts.dates import find_dates
from svodka.facts.numbers import find_numbers


def values(text: str) -> list[set[Decimal]]:
    return [set(number.values) for number in find_numbers(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("пришли пять человек", ["5"]),
        ("двадцать одна тысяча рублей", ["21000"]),
        ("две тысячи сто сорок пять домов", ["2145"]),
        ("полтора миллиона и полмиллиона", ["1500000", "500000"]),
        ("два с половиной миллиона", ["2500000"]),
        ("5 млн, 1,5 млрд. рублей", ["5000000", "1500000000"]),
        ("15 тысяч 300 рублей", ["15300"]),
        ("10\u202f000 и 1 200 000", ["10000", "1200000"]),
        ("выросли на 3,5%", ["3.5"]),
        ("сто двадцать пятый номер", ["125"]),
        ("XXI век, Людовик XIV", ["21", "14"]),
        ("ХХI век", ["21"]),  # Cyrillic Х
        ("48-летний и пятилетний", ["48", "5"]),
        ("двухмиллионный посетитель", ["2000000"]),
        ("двумстам семидесяти двум", ["272"]),
        ("трое и пятеро", ["3", "5"]),
        ("пять-шесть дней", ["5", "6"]),
        ("два десятка", ["20"]),
        ("сотни людей и тысячи домов", []),  # no number is named
        ("тысяча домов", ["1000"]),
        ("пошёл с семьёй", []),
        ("отдал семью семь яблок", ["7"]),  # «семью» is a family
        ("матч кончился 2:1", ["2", "1"]),
        ("семинар и сторож", []),
    ],
)
def test_numbers_are_read(text: str, expected: list[str]) -> None:
    assert values(text) == [{Decimal(value)} for value in expected]


def test_a_point_in_threes_may_part_thousands() -> None:
    assert values("10.000") == [{Decimal(10), Decimal(10000)}]
    assert values("10.50") == [{Decimal("10.5")}]


def test_the_ends_of_a_range_share_their_scale() -> None:
    assert values("от 5 до 7 млн") == [{Decimal(5), Decimal(5_000_000)}, {Decimal(7_000_000)}]


def test_a_hedge_is_told() -> None:
    assert [n.hedged for n in find_numbers("около 20 домов, более чем 30 дорог и 40 мостов")] == [True, True, False]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3 марта 2017 года", [(3, 3, 2017)]),
        ("3.03.2017", [(3, 3, 2017)]),
        ("2017-03-03", [(3, 3, 2017)]),
        ("03.03.17", [(3, 3, 2017)]),
        ("двадцать первого марта", [(21, 3, 0)]),
        ("21-го мая", [(21, 5, 0)]),
        ("с 3 по 5 марта", [(3, 3, 0), (5, 3, 0)]),
        ("в марте 2017-го", [(0, 3, 2017)]),
        ("12 марта. 5 мая", [(12, 3, 0), (5, 5, 0)]),
        ("версия 1.45.2017", []),  # there is no month 45
        ("маяк и мартышка", []),
    ],
)
def test_dates_are_read(text: str, expected: list[tuple[int, int, int]]) -> None:
    assert [(d.day, d.month, d.year) for d in find_dates(text, find_numbers(text))] == expected
