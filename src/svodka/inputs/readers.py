"""The rows of a source, one at a time: none left out, none looked into."""

import codecs
import csv
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from importlib.util import find_spec
from io import BufferedReader, BytesIO
from itertools import chain, islice
from typing import Any, BinaryIO, cast

from svodka.errors import DataError
from svodka.inputs.cells import likely_body, without_column
from svodka.inputs.feeds import as_stored, parse_feed
from svodka.inputs.json_lists import Values, articles_of, within
from svodka.inputs.mail import mails
from svodka.inputs.parquet import parquet_rows
from svodka.inputs.rows import MAX_ROW_BYTES, Row, rejected_before
from svodka.inputs.sources import Source
from svodka.inputs.streams import Meter, as_utf8, opened
from svodka.inputs.tables import Lines, columns_of, head_of, records

_PEEKED = 1 << 10
_FIRST_ROWS = 16  # that are looked at before a file without the column of the text is given up


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
        yield from _checked(_lines_or_document(as_utf8(file), source, path), source)


def _json_rows(source: Source, meter: Meter) -> Iterator[Row]:
    (path,) = source.paths
    with opened(path, meter) as file:
        yield from _checked(_listed(as_utf8(file), source, path), source)


def _stdin_rows(source: Source, meter: Meter) -> Iterator[Row]:
    given: Any = sys.stdin.buffer
    file = as_utf8(cast("BinaryIO", given if hasattr(given, "peek") else BufferedReader(given)))
    for row in _checked(_lines_or_document(file, source, "stdin"), source):
        meter.done += len(row.data)
        yield row


def _lines_or_document(file: BinaryIO, source: Source, place: str) -> Iterator[Row]:
    return (_listed if _is_document(file) else _lined)(file, source, place)


def _is_document(file: BinaryIO) -> bool:
    """Whether what should be lines begins as a list, or an object over several lines."""
    start = file.peek(_PEEKED).removeprefix(codecs.BOM_UTF8).lstrip()  # type: ignore[attr-defined]
    first, several, _ = start.partition(b"\n")
    return start[:1] == b"[" or bool(several and start[:1] == b"{" and first.rstrip()[-1:] in b"{[,")


def _lined(file: BinaryIO, source: Source, place: str) -> Iterator[Row]:
    """Rows of lines; the only one may be an export with a list in it."""
    lines = _lines(file)
    first = list(islice(lines, 2))
    if len(first) == 1 and not first[0][2]:
        found = list(within(first[0][1], "", column=source.text, where=place))
        if [data for data, _ in found] != [first[0][1]]:
            yield from _numbered(found, place)
            return
    yield from (Row(f"{place}:{number}", "json", line, fault=fault) for number, line, fault in chain(first, lines))


def _listed(file: BinaryIO, source: Source, place: str) -> Iterator[Row]:
    """Rows of a JSON document, numbered as the list has them."""
    return _numbered(articles_of(Values(file, MAX_ROW_BYTES, source.text), source.text, place), place)


def _numbered(found: Iterable[tuple[bytes, str]], place: str) -> Iterator[Row]:
    return (Row(f"{place}:{number}", "json", data, fault=fault) for number, (data, fault) in enumerate(found, 1))


def _checked(rows: Iterator[Row], source: Source) -> Iterator[Row]:
    """The rows, if not all of them lack the column of the text."""
    first = list(islice(rows, _FIRST_ROWS))
    _check_keys(first, source)
    yield from first
    yield from rows


def _check_keys(rows: list[Row], source: Source) -> None:
    """Stop where all rows would be refused for one and the same missing key."""
    found = []
    for row in (row for row in rows if not row.fault):
        with suppress(ValueError, RecursionError):
            found.append(json.loads(row.data))
    fault = without_column(found, source.text) if found else ""
    if fault:
        raise DataError(f"{source.paths[0]}: {fault}")


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
        lines = Lines(as_utf8(file), MAX_ROW_BYTES)
        head = head_of(lines)
        _check_head(head, source)
        for record in records(lines, head):
            data = record.text.encode("utf-8", "surrogateescape")
            yield Row(f"{path}:{record.line}", "csv", data, head=head, fault=record.fault)


def _check_head(head: str, source: Source) -> None:
    try:
        columns = columns_of(head)
    except csv.Error:
        columns = []
    if source.text not in columns or len(set(columns)) < len(columns):
        shown = ", ".join(columns[:20]).encode("utf-8", "replace").decode("utf-8")
        better = likely_body(dict.fromkeys(columns, "-")) or "COLUMN"
        raise DataError(
            f"{source.paths[0]}: no column '{source.text}'; the first line must name the columns, each once and "
            f"'{source.text}' among them; got: {shown or 'nothing'}; name another column by --field text={better}"
        )


def _page_rows(source: Source, meter: Meter) -> Iterator[Row]:
    for path, name in zip(source.paths, source.names, strict=True):
        data, fault = b"", ""
        try:
            with opened(path, meter) as file:
                data = file.read(MAX_ROW_BYTES + 1)
        except DataError as error:
            fault = str(error.__cause__)
        if len(data) > MAX_ROW_BYTES:
            data, fault = data[:MAX_ROW_BYTES], f"longer than {MAX_ROW_BYTES} bytes; what is kept is its beginning"
        several = list(mails(BytesIO(data), MAX_ROW_BYTES)) if data.startswith(b"From ") and not fault else []
        if len(several) > 1:
            yield from (
                Row(f"{path}:{number}", "page", mail, fault=fault, name=f"{name}:{number}")
                for number, (mail, fault) in enumerate(several, 1)
            )
        else:
            yield Row(path, "page", data, fault=fault, name=name)


def _mail_rows(source: Source, meter: Meter) -> Iterator[Row]:
    (path,) = source.paths
    with opened(path, meter) as file:
        for number, (mail, fault) in enumerate(mails(file, MAX_ROW_BYTES), 1):
            yield Row(f"{path}:{number}", "page", mail, fault=fault, name=f"{path}:{number}")


def _feed_rows(source: Source, meter: Meter) -> Iterator[Row]:
    """The entries of a feed, or export, that was stored as a file."""
    (path,) = source.paths
    with opened(path, meter) as file:
        document = file.read(MAX_ROW_BYTES + 1)
    try:
        if len(document) > MAX_ROW_BYTES:
            raise DataError(f"longer than {MAX_ROW_BYTES} bytes; split it")
        if find_spec("feedparser") is None:
            raise DataError("to read feeds, pip install 'svodka[watch]'")
        feed = parse_feed(document, url=path, media_type="")
    except DataError as error:
        # Not the end of the run: a folder may hold other XML.
        yield Row(path, "page", document[:MAX_ROW_BYTES], fault=str(error))
        return
    counts = Counter(entry.name for entry in feed.entries)
    for number, entry in enumerate(feed.entries, 1):
        name = entry.name if counts[entry.name] == 1 else ""
        yield Row(f"{path}:{number}", "entry", as_stored(entry, feed), name=name)
    if feed.cut_off:
        fault = "the file ends before the feed does: it was cut off"
        yield Row(f"{path}:{len(feed.entries) + 1}", "entry", b"", fault=fault)


_READERS: dict[str, Callable[[Source, Meter], Iterator[Row]]] = {
    "lines": _line_rows,
    "json": _json_rows,
    "csv": _csv_rows,
    "parquet": parquet_rows,
    "pages": _page_rows,
    "feed": _feed_rows,
    "mbox": _mail_rows,
    "rejects": _rejected_rows,
    "stdin": _stdin_rows,
}
