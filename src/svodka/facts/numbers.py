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
_MOST_PIECES = 32  # of one number; what is longer is a list


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


@dataclass(slots=True)
class _Total:
    """A number as its pieces are read: `sums` of the groups before a scale, and the `group` that is open."""

    sums: frozenset[Decimal] = frozenset({Decimal(0)})
    group: frozenset[Decimal] = frozenset()
    room: Decimal = Decimal("Infinity")  # a next piece must be smaller
    scale: Decimal = Decimal("Infinity")  # of the last scale word; a next one must be smaller
    begun: bool = False

    def add(self, piece: _Piece, *, hyphened: bool) -> bool:
        """Take a piece that is no scale; False if it does not belong to this number."""
        if max(piece.values) >= self.room or (self.begun and (piece.closed or hyphened)):
            return False
        self.group = _sums(self.group or {Decimal(0)}, piece.values)
        self.room, self.begun = _room(piece), True
        return True

    def add_scale(self, word: Numeral | None) -> bool:
        """Take «тысяч», «млн»: multiplies the open group; False if it does not belong to this number."""
        if word is None or word.value >= self.scale or not (self.group or word.alone or self.begun):
            return False
        self.sums = _sums(self.sums, {value * word.value for value in self.group or {Decimal(1)}})
        self.group, self.room, self.scale, self.begun = frozenset(), word.value, word.value, True
        return True


def find_numbers(text: str) -> list[Number]:
    """Numbers of a text in order."""
    pieces = [piece for match in _PIECE.finditer(text) if (piece := _piece(match))]
    found: list[Number] = []
    at = 0
    while at < len(pieces):
        number, used = _number(text, pieces[at : at + _MOST_PIECES])
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
    start = stop = pieces[0].start
    total, used = _Total(), 0
    for piece in pieces:
        between = text[stop : piece.start]
        if used and not _BESIDE.fullmatch(between):
            break
        if not (total.add_scale(piece.word) if _is_scale(piece) else total.add(piece, hyphened=between == "-")):
            break
        used, stop = used + 1, piece.stop
        if total.group and (half := _HALF.match(text, stop)):
            total.group, stop = _sums(total.group, {Decimal("0.5")}), half.end()
        if piece.closed or (piece.word is not None and piece.word.ordinal):
            break
    return (_as_number(text, start, stop, total), used) if used else (None, 1)


def _is_scale(piece: _Piece) -> bool:
    return piece.word is not None and piece.word.scale


def _as_number(text: str, start: int, stop: int, total: _Total) -> Number:
    written = text[start:stop]
    return Number(
        written,
        start,
        stop,
        _sums(total.sums, total.group) if total.group else total.sums,
        hedged=bool(_HEDGE.search(text[max(0, start - _HEDGE_REACH) : start])),
        in_words=not any(c.isdigit() for c in written),
        scale=total.scale if total.scale.is_finite() else Decimal(1),
    )


def _room(piece: _Piece) -> Decimal:
    """Below which value a next word belongs to the same group: «сто» takes «двадцать», «двадцать» takes «пять»."""
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
