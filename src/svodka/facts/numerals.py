"""Russian numerals: which number a word stands for. Words come in lower case with ё as е."""

import re
from dataclasses import dataclass
from decimal import Decimal

_UNITS = {
    1: "один одного одному одним одном одна одной одну одною одно",
    2: "два две двух двум двумя двое двоих двоим двоими",
    3: "три трех трем тремя трое троих троим троими",
    4: "четыре четырех четырем четырьмя четверо четверых четверым четверыми",
    5: "пять пяти пятью пятеро пятерых пятерым пятерыми",
    6: "шесть шести шестью шестеро шестерых шестерым шестерыми",
    7: "семь семи семеро семерых семерым семерыми",  # «семью» is nearly always a family
    8: "восемь восьми восемью восьмью восьмеро восьмерых",
    9: "девять девяти девятью девятеро девятерых",
    10: "десять десяти десятью десятеро десятерых",
    40: "сорок сорока",
    90: "девяносто девяноста",
    100: "сто ста",
    200: "двести двухсот двумстам двумястами двухстах",
    300: "триста трехсот тремстам тремястами трехстах",
    400: "четыреста четырехсот четыремстам четырьмястами четырехстах",
}
_TEENS = ("одиннадцат", "двенадцат", "тринадцат", "четырнадцат", "пятнадцат", "шестнадцат", "семнадцат", "восемнадцат",
          "девятнадцат")  # fmt: skip
_FROM_FIVE = {5: ("пять", "пяти"), 6: ("шесть", "шести"), 7: ("семь", "семи"), 8: ("восемь", "восьми"),
              9: ("девять", "девяти")}  # fmt: skip
_ORDINALS = {
    1: "перв", 2: "втор", 4: "четверт", 5: "пят", 6: "шест", 7: "седьм", 8: "восьм", 9: "девят", 10: "десят",
    20: "двадцат", 30: "тридцат", 40: "сороков", 50: "пятидесят", 60: "шестидесят", 70: "семидесят",
    80: "восьмидесят", 90: "девяност", 100: "сот", 200: "двухсот", 300: "трехсот", 400: "четырехсот", 500: "пятисот",
}  # fmt: skip
_ADJECTIVE = ("ый", "ой", "ий", "ая", "ое", "ого", "ому", "ым", "ом", "ую", "ою", "ые", "ых", "ыми")
_THIRD = "третий третья третье третьего третьему третьим третьем третьей третью третьи третьих третьими"
_NOUN = ("", "а", "у", "ом", "е", "ы", "ов", "ам", "ами", "ах")
_SINGULAR = ("", "а", "у", "ом", "е")
_SCALE_WORDS = {10**6: "миллион", 10**9: "миллиард", 10**12: "триллион"}
_THOUSAND = "тысяч тысяча тысячи тысяче тысячу тысячей тысячью тысячам тысячами тысячах"
_ONE_THOUSAND = ("тысяча", "тысячу", "тысячей", "тысячью")
_SHORT_SCALES = {"тыс": 10**3, "млн": 10**6, "млрд": 10**9, "трлн": 10**12}
# Scales that are no number by themselves: «десятки», «сотни людей».
_LOOSE = {10: "десяток десятка десятков десятками десяткам десятках", 100: "сотня сотни сотен сотнями сотням сотнях"}
_ADVERBS = {
    2: "вдвое дважды вдвоем двойной двойное двойная двойную двукратный двукратная двукратную",
    3: "втрое трижды втроем тройной тройное тройная",
    4: "вчетверо четырежды вчетвером",
    5: "впятеро",
}
_PREFIXES = {
    "одно": "1", "двух": "2", "дву": "2", "трех": "3", "четырех": "4", "пяти": "5", "шести": "6", "семи": "7",
    "восьми": "8", "девяти": "9", "десяти": "10", "двадцати": "20", "тридцати": "30", "сорока": "40",
    "пятидесяти": "50", "шестидесяти": "60", "семидесяти": "70", "восьмидесяти": "80", "девяносто": "90", "сто": "100",
    "полутора": "1.5",
} | {f"{teen}и": str(11 + i) for i, teen in enumerate(_TEENS)}  # fmt: skip
_COMPOUND = re.compile(
    rf"({'|'.join(sorted(_PREFIXES, key=len, reverse=True))})"
    r"(?:лет|дневн|месячн|недельн|часов|минутн|суточн|этажн|кратн|процентн|комнатн|тысячн|миллионн|миллиардн|сторонн|мест"
    r"|метров|километров|очков|стволь|серийн|томн|значн|балльн|разов|рублев|долларов|полосн|палатн|партийн|тонн)\w*"
)
_COMPOUND_SCALE = (("тысячн", 10**3), ("миллионн", 10**6), ("миллиардн", 10**9))
_ROMAN = re.compile(r"(?=[IVXХ])(?:[XХ]{0,3})(?:I[XХ]|IV|V?I{0,3})")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "Х": 10}


@dataclass(frozen=True, slots=True)
class Numeral:
    """A word of a number.

    Attributes:
        value: what it stands for, or multiplies by.
        scale: «тысяча», «миллион»: multiplies what stands before it.
        alone: whether it is a number with nothing before it: «миллион» is, «миллионы» is not.
        ordinal: «пятый»; nothing of the same number follows it.
    """

    value: Decimal
    scale: bool = False
    alone: bool = True
    ordinal: bool = False


def numeral(word: str) -> Numeral | None:
    """The numeral that a word is; None for any other word."""
    return _TABLE.get(word)


def compound(word: str) -> Decimal | None:
    """The number in «пятилетний», «двухмиллионный», «трехкратно»; None for any other word."""
    match = _COMPOUND.fullmatch(word)
    if not match:
        return None
    scale = next((scale for stem, scale in _COMPOUND_SCALE if word[match.end(1) :].startswith(stem)), 1)
    return Decimal(_PREFIXES[match[1]]) * scale


def roman(word: str) -> Decimal | None:
    """A Roman numeral up to 39, as centuries and kings have; a Cyrillic «Х» may stand in it."""
    if not _ROMAN.fullmatch(word) or word == "Х":
        return None
    values = [_ROMAN_VALUES[letter] for letter in word]
    return Decimal(sum(-v if v < max(values[i:]) else v for i, v in enumerate(values)))


def _table() -> dict[str, Numeral]:
    table: dict[str, Numeral] = {}
    for value, forms in _units().items():
        table |= {form: Numeral(Decimal(value)) for form in forms.split()}
    for value, stem in _ordinals().items():
        table |= {stem + ending: Numeral(Decimal(value), ordinal=True) for ending in _ADJECTIVE}
    table |= {form: Numeral(Decimal(3), ordinal=True) for form in _THIRD.split()}
    table |= {form: Numeral(Decimal("1.5")) for form in ("полтора", "полторы", "полутора")}
    for value, forms in _ADVERBS.items():
        table |= {form: Numeral(Decimal(value), ordinal=True) for form in forms.split()}
    return table | _scales()


def _units() -> dict[int, str]:
    units = dict(_UNITS)
    for i, stem in enumerate((*_TEENS, "двадцат", "тридцат")):
        units[11 + i if i < len(_TEENS) else 10 * (i - 7)] = f"{stem}ь {stem}и {stem}ью"
    for digit, (direct, oblique) in _FROM_FIVE.items():
        if digit < 9:
            units[10 * digit] = f"{direct}десят {oblique}десяти {direct}юдесятью"
        units[100 * digit] = f"{direct}сот {oblique}сот {oblique}стам {direct}юстами {oblique}стах"
    return units


def _ordinals() -> dict[int, str]:
    return _ORDINALS | {11 + i: teen for i, teen in enumerate(_TEENS)}


def _scales() -> dict[str, Numeral]:
    table = {form: _scale(1000, form in _ONE_THOUSAND) for form in _THOUSAND.split()}
    for value, stem in _SCALE_WORDS.items():
        table |= {stem + ending: _scale(value, ending in _SINGULAR) for ending in _NOUN}
        table |= {f"пол{stem}{ending}": Numeral(Decimal(value) / 2) for ending in ("", "а")}
        table |= {f"{stem}н{ending}": _scale(value, True) for ending in _ADJECTIVE}
    table |= {f"тысячн{ending}": _scale(1000, True) for ending in _ADJECTIVE}
    table |= {form: _scale(value, False) for value, forms in _LOOSE.items() for form in forms.split()}
    return table | {form: _scale(value, False) for form, value in _SHORT_SCALES.items()}


def _scale(value: int, alone: bool) -> Numeral:
    return Numeral(Decimal(value), scale=True, alone=alone)


_TABLE = _table()
