"""A file that arrived, read into arrivals: a page is one, a JSONL file one a line."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

from svodka.article import Article
from svodka.errors import DataError
from svodka.inputs.readers import read_rows
from svodka.inputs.reject import Reject
from svodka.inputs.rows import MAX_ROW_BYTES, Reading, Row, read_row
from svodka.inputs.sources import Source
from svodka.inputs.streams import Meter
from svodka.watch.arrivals import MOST_ID_BYTES, Arrival, Mark, digest_of, key_of
from svodka.watch.folder import ArrivedFile, Folder, open_regular, shown, signature
from svodka.watch.line_counts import LineCounts

MOST_RAW_CHARACTERS = 10_000

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class _Line:
    content: bytes
    digest: str
    where: str
    nth: int
    whole: bool


def read_file(folder: Folder, file: ArrivedFile, reading: Reading) -> Iterator[Arrival | Mark]:
    """What a file holds, then a mark that it was read; no mark if it changed meanwhile, or cannot be opened.

    Args:
        folder: the folder that the file lies in; a file that changed meanwhile is noted there again.
        file: the file.
        reading: how rows and pages are read.
    """
    counts = None if file.kind == "pages" else LineCounts()
    try:
        if counts is None:
            page = _page(folder, file, reading)
            # Half of a page is no page.
            if signature(file.path) == file.signature:
                yield page
        elif file.has_lines:
            yield from _lines(folder, file, counts, reading)
        else:
            yield from _rows(folder, file, counts, reading)
    except FileNotFoundError:
        return
    except OSError as error:
        # Without a mark it is tried again at every look around; its digest sees to it that it is refused once.
        reject = Reject("unreadable", shown(file.path), str(error.strerror or error))
        yield _whole(file, digest_of(file.signature.encode()), lambda: reject)
        return
    if file.settled and signature(file.path) == file.signature:
        yield Mark(file.key, shown(file.path), file.signature, counts)
    else:
        folder.note([file.path])


def given_id(name: str) -> str:
    """An id made of a name: the name itself, or its hash where it is too long for a database's key."""
    return name if len(name.encode()) <= MOST_ID_BYTES else key_of(name)


def _whole(file: ArrivedFile, digest: str, read: Callable[[], Article | Reject]) -> Arrival:
    return Arrival(key_of(file.key, "page"), digest, file.key, shown(file.path), read)


def _page(folder: Folder, file: ArrivedFile, reading: Reading) -> Arrival:
    place, size = shown(file.path), file.path.stat().st_size
    if size > MAX_ROW_BYTES:
        refused = Reject("unusable", place, f"a page has at most {MAX_ROW_BYTES} bytes, this one has {size}")
        return _whole(file, digest_of(file.signature.encode()), lambda: refused)
    with open_regular(file.path) as opened:
        data = opened.read(MAX_ROW_BYTES)
    # Read now, not when its turn comes: by then the file may be another one.
    content = read_row(Row(str(file.path), "page", data), reading)
    if isinstance(content, Article):
        content = replace(content, id=given_id(folder.page_name(file.path)))
    else:
        content = replace(content, where=place, detail=content.detail.removeprefix(f"{file.path}: "))
    return _whole(file, digest_of(data), lambda: content)


def _lines(folder: Folder, file: ArrivedFile, counts: LineCounts, reading: Reading) -> Iterator[Arrival]:
    name = folder.name(file.path)
    with open_regular(file.path) as opened:
        for line in _split(opened, shown(file.path), counts, settled=file.settled):
            made = given_id(f"{name}#{line.digest[:16]}" + (f".{line.nth + 1}" if line.nth else ""))
            raw = line.content[:MOST_RAW_CHARACTERS].decode("utf-8", "backslashreplace")
            yield Arrival(
                key_of(file.key, "line", line.digest, str(line.nth)), line.digest, file.key, line.where,
                partial(_row, line, made, reading), raw, line.nth,
            )  # fmt: skip


def _rows(folder: Folder, file: ArrivedFile, counts: LineCounts, reading: Reading) -> Iterator[Arrival]:
    """Rows of a file that is whole when it comes: a packed one, CSV, Parquet."""
    name, text = folder.name(file.path), dict(reading.fields).get("text", "text")
    try:
        for row in read_rows(Source(file.kind, (str(file.path),), text), Meter()):
            digest = digest_of(row.head.encode() + row.data)
            nth = counts.add(digest)
            made = given_id(f"{name}#{digest[:16]}" + (f".{nth + 1}" if nth else ""))
            raw = row.data[:MOST_RAW_CHARACTERS].decode("utf-8", "backslashreplace")
            yield Arrival(
                key_of(file.key, "line", digest, str(nth)), digest, file.key, shown(Path(row.where)),
                partial(_article, replace(row, name=made), reading), raw, nth,
            )  # fmt: skip
    except DataError as error:
        reject = Reject("unreadable", shown(file.path), str(error))
        yield _whole(file, digest_of(file.signature.encode()), lambda: reject)


def _split(file: BinaryIO, place: str, counts: LineCounts, *, settled: bool) -> Iterator[_Line]:
    number = 0
    while raw := file.readline(MAX_ROW_BYTES):
        number += 1
        whole = raw.endswith(b"\n") or len(raw) < MAX_ROW_BYTES
        if not whole:
            _skip_line(file)
        elif not raw.endswith(b"\n") and not settled:
            return
        content = raw.removeprefix(_BOM if number == 1 else b"").strip()
        if content:
            digest = digest_of(content)
            yield _Line(content, digest, f"{place}:{number}", counts.add(digest), whole)


def _skip_line(file: BinaryIO) -> None:
    while (more := file.readline(MAX_ROW_BYTES)) and not more.endswith(b"\n"):
        pass


def _row(line: _Line, made: str, reading: Reading) -> Article | Reject:
    fault = "" if line.whole else f"a line has at most {MAX_ROW_BYTES} bytes, this one has more"
    return _article(Row(line.where, "json", line.content, fault=fault, name=made), reading)


def _article(row: Row, reading: Reading) -> Article | Reject:
    found = read_row(row, reading)
    # A bare number is a name within its file alone: daily files are numbered from 1.
    if isinstance(found, Article) and found.id.isdecimal():
        place = row.name.rpartition("#")[0]
        return replace(found, id=given_id(f"{place}#{found.id}"))
    return found
