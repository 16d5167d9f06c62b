"""The rows of a source, one at a time: none left out, none looked into."""

import csv
import io
import sys
from collections.abc import Callable, Iterator
from typing import BinaryIO

from svodka.errors import DataError
from svodka.inputs.parquet import parquet_rows
from svodka.inputs.rows import MAX_ROW_BYTES, Row, csv_cells, rejected_before, separator
from svodka.inputs.sources import Source
from svodka.inputs.streams import Meter, opened


def read_rows(source: Source, meter: Meter) -> Iterator[Row]:
    """Every row of a source in its order.

    Args:
        source: what to read.
        meter: counts the bytes that are read.

    Raises:
        DataError: a file that cannot be opened or read to its end, or a table without a column `text`.
    """
    yield from _READERS[source.kind](source, meter)


def _line_rows(source: Source, meter: Meter) -> Iterator[Row]:
    (path,) = source.paths
    with opened(path, meter) as file:
        yield from (Row(f"{path}:{number}", "json", line, fault=fault) for number, line, fault in _lines(file))


def _stdin_rows(_: Source, meter: Meter) -> Iterator[Row]:
    for number, line, fault in _lines(sys.stdin.buffer):
        meter.done += len(line)
        yield Row(f"stdin:{number}", "json", line, fault=fault)


def _rejected_rows(source: Source, meter: Meter) -> Iterator[Row]:
    (path,) = source.paths
    with opened(path, meter) as file:
        for number, line, fault in _lines(file):
            where = f"{path}:{number}"
            yield Row(where, "json", line, fault=fault) if fault else rejected_before(line, where)


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes, str]]:
    """Number from 1, bytes and fault of each line that is not blank; a line that has no end is cut."""
    number = 0
    while line := file.readline(MAX_ROW_BYTES):
        number += 1
        fault = ""
        if len(line) == MAX_ROW_BYTES and not line.endswith(b"\n"):
            fault = f"the line is longer than {MAX_ROW_BYTES} bytes; what is kept of it is its beginning"
            while (rest := file.readline(MAX_ROW_BYTES)) and not rest.endswith(b"\n"):
                pass
        if line.strip():
            yield number, line.rstrip(b"\r\n"), fault


def _csv_rows(source: Source, meter: Meter) -> Iterator[Row]:
    (path,) = source.paths
    with opened(path, meter) as file:
        lines = _CsvLines(file)
        head = next(lines, "")
        _check_head(head, source)
        reader = csv.reader(lines, strict=True, delimiter=separator(head))
        while True:
            lines.taken.clear()
            start, blank = lines.number + 1, False
            try:
                blank = not next(reader)
            except StopIteration:
                return
            except csv.Error:
                pass  # The row's text is whole all the same; who reads it will find the same fault.
            if not blank:
                data = "".join(lines.taken).encode("utf-8", "surrogateescape")
                yield Row(f"{path}:{start}", "csv", data, head=head)


class _CsvLines:
    """Lines of a CSV file for `csv.reader`, which tells no one what it took; `taken` keeps it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
        self.taken: list[str] = []
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._file.readline(MAX_ROW_BYTES)
        if not line:
            raise StopIteration
        self.number += 1
        self.taken.append(line)
        return line


def _check_head(head: str, source: Source) -> None:
    try:
        columns = csv_cells(head, head)
    except csv.Error:
        columns = []
    if source.text not in columns or len(set(columns)) < len(columns):
        shown = ", ".join(columns[:20]).encode("utf-8", "replace").decode("utf-8")
        raise DataError(
            f"{source.paths[0]}: the first line must name the columns, each once and '{source.text}' among them, "
            f"in UTF-8; got: {shown or 'nothing'}; name another column by --field text=COLUMN"
        )


def _page_rows(source: Source, meter: Meter) -> Iterator[Row]:
    for path in source.paths:
        data, fault = b"", ""
        try:
            with opened(path, meter) as file:
                data = file.read(MAX_ROW_BYTES + 1)
        except DataError as error:
            fault = str(error.__cause__)
        if len(data) > MAX_ROW_BYTES:
            data, fault = data[:MAX_ROW_BYTES], f"longer than {MAX_ROW_BYTES} bytes; what is kept is its beginning"
        yield Row(path, "page", data, fault=fault)


_READERS: dict[str, Callable[[Source, Meter], Iterator[Row]]] = {
    "lines": _line_rows,
    "csv": _csv_rows,
    "parquet": parquet_rows,
    "pages": _page_rows,
    "rejects": _rejected_rows,
    "stdin": _stdin_rows,
}
