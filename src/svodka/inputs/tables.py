"""Rows of CSV and TSV files: what separates their cells, and where a row begins behind an open quote."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from svodka.config.data import ARTICLE_FIELDS

# The most characters of one row, and the most lines: behind an open quote all the rest of a file would be one row.
_MOST_CHARACTERS = 8 << 20
_MOST_LINES = 5000
_SEPARATORS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Record:
    """A row of a table: its text, the number of its first line, and why it is none ("" if it is one)."""

    text: str
    line: int
    fault: str = ""


class Lines:
    """Lines of a file, some of which may be given back."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        """Read `file`, of a line at most `most` characters at a time."""
        self._file = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
        self._back: list[str] = []
        self._most = most
        self.number = 0

    def next(self) -> str:
        """The next line, "" at the end."""
        line = self._back.pop() if self._back else self._file.readline(self._most)
        self.number += bool(line)
        return line

    def give_back(self, lines: list[str]) -> None:
        """Put lines before those that come next."""
        self._back += reversed(lines)
        self.number -= len(lines)


def head_of(lines: Lines) -> str:
    """The line that names the columns; blank lines and Excel's `sep=` before it are passed over."""
    while line := lines.next():
        declared = line.strip().lower().startswith("sep=") and len(line.strip()) <= 5
        if not declared and line.strip(" \t,;|\r\n"):
            return line
    return ""


def separator(head: str) -> str:
    """What separates the cells of a table: the comma, semicolon, tab or bar that its first line has most of."""
    return max(_SEPARATORS, key=head.count)


def columns_of(head: str) -> list[str]:
    """The names of the columns, without spaces around them; those of an article's fields in small letters.

    Raises:
        csv.Error: broken quoting.
    """
    names = [name.strip() for name in cells_of(head, head)]
    # A spreadsheet gives each row the separators of its empty columns.
    names = [name or (f"column {i}" if "" in names[: i - 1] else "") for i, name in enumerate(names, 1)]
    return [name.lower() if name.lower() in ARTICLE_FIELDS and name.lower() not in names else name for name in names]


def cells_of(text: str, head: str) -> list[str]:
    """The cells of one row; `head` tells the separator.

    Raises:
        csv.Error: broken quoting, or a cell longer than any article.
    """
    csv.field_size_limit(_MOST_CHARACTERS)
    mark, line = separator(head), text.rstrip("\r\n")
    by_hand = [_unquoted(cell) for cell in line.split(mark)] if "\n" not in line else []
    if mark == "\t" and by_hand:
        # In such files a quote is a letter, unless it stands at both ends of a cell.
        return by_hand
    try:
        return _read(text, mark)
    except csv.Error:
        # MySQL's exports write a quotation mark within a cell as \\".
        if '\\"' in text:
            return _read(text, mark, escape="\\")
        # Marks that nobody has doubled: «"Луга" ушла».
        if text is head or line.count('"') % 2 or len(by_hand) != len(cells_of(head, head)):
            raise
        return by_hand


def _read(text: str, mark: str, *, escape: str | None = None) -> list[str]:
    reader = csv.reader(
        io.StringIO(text, newline=""), strict=True, delimiter=mark, escapechar=escape, doublequote=not escape
    )  # fmt: skip
    return next(reader, [])


def records(lines: Lines, head: str) -> Iterator[Record]:
    """The rows behind the head; one with an open quote is told with the lines that it spoils, those behind it kept."""
    width = len(cells_of(head, head))
    while line := lines.next():
        start, taken = lines.number, [line]
        if not line.strip():
            continue
        _complete(lines, taken, head)
        text = "".join(taken)
        if len(taken) == 1 or (_fits(text, head, width) and not _swallows(taken, head, width)):
            yield Record(text, start)
            continue
        spoilt = next((i for i in range(1, len(taken)) if _fits(taken[i], head, width)), len(taken))
        lines.give_back(taken[spoilt:])
        fault = f"a quote is left open: lines {start} to {start + len(taken) - 1} would be one row"
        yield Record("".join(taken[:spoilt]), start, fault)


def _complete(lines: Lines, taken: list[str], head: str) -> None:
    """Take further lines until every quote is closed."""
    if separator(head) == "\t" and not any(cell[:1] == '"' and not _is_whole(cell) for cell in taken[0].split("\t")):
        return
    if separator(head) == "\t" and len(taken[0].split("\t")) == len(head.split("\t")):
        return
    size, quotes = len(taken[0]), taken[0].count('"')
    while quotes % 2 and len(taken) < _MOST_LINES and size < _MOST_CHARACTERS and (line := lines.next()):
        taken.append(line)
        size += len(line)
        quotes += line.count('"')


def _swallows(taken: list[str], head: str, width: int) -> bool:
    """Whether a row of several lines holds other rows: each further line is one by itself."""
    return width > 2 and all(line.count('"') % 2 == 0 and _fits(line, head, width) for line in taken[1:])


def _fits(text: str, head: str, width: int) -> bool:
    try:
        return len(cells_of(text, head)) == width
    except csv.Error:
        return False


def _unquoted(cell: str) -> str:
    return cell[1:-1].replace('""', '"') if cell[:1] == '"' and _is_whole(cell) else cell


def _is_whole(cell: str) -> bool:
    cell = cell.rstrip("\r\n")
    return (cell[:1] == '"') == (len(cell) > 1 and cell[-1:] == '"') and (cell[:1] != '"' or len(cell) > 1)
