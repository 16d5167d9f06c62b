"""Numbers in a text: in digits, in words, in Roman numerals, in digits and words («5 млн», «двадцать одна тысяча»)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from svodka.facts.numerals import Numeral, compound, numeral, roman

_PIECE = re.compile(r"(?P<digits>\d+(?:[ \u00a0\u2009\u202f]\d{3}(?!\d))*(?:[.,]\d+)*)|[^\W\d_]+")
_BESIDE = re.compile(r"\.?[\s\u00a0]+|-|\.?")
_HALF = re.compile(r"\s+с\s+половиной\b", re.IGNORECASE)
_RANGE = re.compile(r"\s*(?:[-–—−]|до|по|и|или|либо|,)\s*", re.IGNORECASE)
_HEDGE = re.compile(
    r"\b(?:около|почти|порядка|примерно|приблизительно|ориентировочно|более|более чем|больше|свыше|менее|меньше"
    r"|чуть|как минимум|превы\w+)\W*$",
    re.IGNORECASE,
)
_HEDGE_REACH = 24  # characters before a number in which «около» is looked for
_TENS, _HUNDREDS = 20, 100


@dataclass(frozen=True, slots=True)
class Number:
    """A number, as it stands at `source[start:stop]`.

    Attributes:
        text: as written.
        start, stop: its place, in characters.
        values: what it may mean; «10.000» is ten or ten thousand.
        hedged: «около», «почти» or the like stands before it.
        in_words: no digit is in it.
        scale: what its last word multiplies by; 1 without one.
    """

    text: str
    start: int
    stop: int
    values: frozenset[Decimal]
    hedged: bool = False
    in_words: bool = False
    scale: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    stop: int
    values: frozenset[Decimal]
    word: Numeral | None = None  # None: digits
    closed: bool = False  # nothing joins it: a Roman numeral, «пятилетний»


def find_numbers(text: str) -> list[Number]:
    """Numbers of a text in order."""
    pieces = [piece for match in _PIECE.finditer(text) if (piece := _piece(match))]
    found: list[Number] = []
    at = 0
    while at < len(pieces):
        number, used = _number(text, pieces[at:])
        at += used
        if number is not None:
            found.append(number)
    return _with_shared_scales(found, text)


def _piece(match: re.Match[str]) -> _Piece | None:
    start, stop = match.span()
    if match["digits"]:
        return _Piece(start, stop, _readings(match["digits"]))
    word = match[0].lower().replace("ё", "е")
    known = numeral(word)
    if known is not None:
        return _Piece(start, stop, frozenset({known.value}), known)
    value = roman(match[0]) or compound(word)
    return None if value is None else _Piece(start, stop, frozenset({value}), closed=True)


def _readings(digits: str) -> frozenset[Decimal]:
    parts = re.split("[.,]", re.sub(r"\s", "", digits))
    readings = {Decimal(".".join(parts))} if len(parts) <= 2 else set()
    if len(parts) > 1 and len(parts[0]) <= 3 and all(len(part) == 3 for part in parts[1:]):
        readings.add(Decimal("".join(parts)))
    # A date, a score, a version: each part for itself.
    return frozenset(readings or map(Decimal, parts))


def _number(text: str, pieces: Sequence[_Piece]) -> tuple[Number | None, int]:
    """The number that opens `pieces`, and how many of them it takes."""
    sums, group = frozenset({Decimal(0)}), frozenset[Decimal]()
    room, scale = Decimal("Infinity"), Decimal("Infinity")
    stop, used = pieces[0].start, 0
    for piece in pieces:
        if used and not _BESIDE.fullmatch(text, stop, piece.start):
            break
        word = piece.word
        if word is not None and word.scale:
            if word.value >= scale or not (group or word.alone or used):
                break
            sums, group = _sums(sums, {v * word.value for v in group or {Decimal(1)}}), frozenset()
            room, scale = word.value, word.value
        elif max(piece.values) >= room or (used and (piece.closed or text[stop : piece.start] == "-")):
            break
        else:
            group = _sums(group or {Decimal(0)}, piece.values)
            room = _room(piece)
        used, stop = used + 1, piece.stop
        if group and (half := _HALF.match(text, stop)):
            group, stop = _sums(group, {Decimal("0.5")}), half.end()
        if piece.closed or (word is not None and word.ordinal):
            break
    if not used:
        return None, 1
    start = pieces[0].start
    number = Number(
        text[start:stop],
        start,
        stop,
        _sums(sums, group) if group else sums,
        hedged=bool(_HEDGE.search(text[max(0, start - _HEDGE_REACH) : start])),
        in_words=not any(c.isdigit() for c in text[start:stop]),
        scale=scale if scale.is_finite() else Decimal(1),
    )
    return number, used


def _room(piece: _Piece) -> Decimal:
    """Below which value a next word still belongs to the same group: «сто» takes «двадцать», «двадцать» takes «пять»."""
    value = max(piece.values)
    if piece.word is None or piece.word.ordinal or value < _TENS:
        return Decimal(0)
    return Decimal(10 if value < _HUNDREDS else _HUNDREDS)


def _sums(ones: frozenset[Decimal] | set[Decimal], others: frozenset[Decimal] | set[Decimal]) -> frozenset[Decimal]:
    return frozenset(a + b for a in ones for b in others)


def _with_shared_scales(numbers: list[Number], text: str) -> list[Number]:
    """«от 5 до 7 млн» names 5 million too."""
    shared = list(numbers)
    for i in range(len(shared) - 2, -1, -1):
        one, other = shared[i], shared[i + 1]
        if one.scale == 1 < other.scale and _RANGE.fullmatch(text, one.stop, other.start):
            values = one.values | {value * other.scale for value in one.values}
            shared[i] = replace(one, values=values, scale=other.scale)
    return shared
