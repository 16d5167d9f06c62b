"""A JSON document cut into the values that it lists, whatever its length; a list within an object is found."""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, BinaryIO

from svodka.errors import DataError
from svodka.inputs.cells import has_column, without_column
from svodka.inputs.json_mending import first_key, listed, mended

_CHUNK = 1 << 16
_MARK = re.compile(rb'["\[\]{},]')
_REST_OF_STRING = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
_SPACE = b" \t\r\n,"
_BOM = b"\xef\xbb\xbf"
_DEPTH = 4  # objects around a list
_FIRST = 16
# Lists within an article.
_PARTS = re.compile(
    r"comment|repl(?:y|ies)|related|author|tag|categor|image|photo|media|video|attach|block|paragraph|link|коммент|автор",
    re.IGNORECASE,
)


class Values:
    """The values of a JSON list, or objects that stand one after another, each as its bytes and a fault ("" if none).

    They are told apart by brackets and quotes alone, so that one with a fault in it spoils no other; where a quote
    too many hides where it ends, articles behind it are found by the key that they begin with. (A parser such as ijson
    stops at the first fault, and keeps no bytes of what it has read.)

    Attributes:
        listed: whether what was read last stands in a list.
    """

    def __init__(self, file: BinaryIO, most: int, column: str = "text") -> None:
        """Read `file`, which is in UTF-8, when values are asked for.

        Args:
            file: the document.
            most: bytes that are kept of a value.
            column: that an article has.
        """
        self._file, self._most, self._column = file, most, column
        self._piece, self._depth, self._key, self._again = bytearray(), 0, "", b""
        self._tried = False
        self._in_string = self._escaped = self.listed = False

    def __iter__(self) -> Iterator[tuple[bytes, str]]:
        """Each value in its order."""
        chunk = self._file.read(_CHUNK).removeprefix(_BOM)
        while chunk:
            start = 0
            for cut in self._cuts(chunk):
                self._keep(chunk[start:cut])
                yield from self._value()
                start = cut
            over = self._keep(chunk[start:])
            if len(self._piece) > self._most:
                yield from self._anew(over)
            chunk, self._again = self._again or self._file.read(_CHUNK), b""
        yield from self._value(fault="the file ends before the list does: it was cut off" if self._depth else "")

    def _keep(self, part: bytes) -> bytes:
        """Add to the piece; what has no room in it is given back."""
        # One byte more than is kept shows that there was more.
        room = self._most + 1 - len(self._piece)
        self._piece += part[:room]
        return part[room:]

    def _value(self, *, fault: str = "") -> Iterator[tuple[bytes, str]]:
        data = bytes(self._piece).lstrip(_SPACE + b"]").rstrip(_SPACE)
        if len(self._piece) > self._most:
            data, fault = data[: self._most], f"longer than {self._most} bytes; what is kept is its beginning"
        self._piece.clear()
        self._tried = False
        if data in (b"", b"[") and not fault:
            return
        found, rest = self._mended(data) if fault or not self._is_whole(data) else ([], data)
        yield from ((part, "") for part in found)
        if not found or (rest := rest.strip(_SPACE + b"]")):
            yield rest, fault

    def _anew(self, over: bytes) -> Iterator[tuple[bytes, str]]:
        """Begin once more behind the last article of a piece that is too long; `over` follows it."""
        found, rest = ([], b"") if self._tried else self._mended(bytes(self._piece))
        self._tried = True
        if found:
            yield from ((part, "") for part in found)
            self._piece.clear()
            self._tried = False
            self._again, self._depth = rest + over, int(self.listed)
            self._in_string = self._escaped = False

    def _is_whole(self, data: bytes) -> bool:
        try:
            json.loads(data, strict=False)
        except (ValueError, RecursionError):
            return False
        self._key = self._key or first_key(_text(data))
        return True

    def _mended(self, data: bytes) -> tuple[list[bytes], bytes]:
        text = _text(data)
        parts, rest = mended(text, self._key or first_key(text), self._column)
        return list(map(_bytes, parts)), _bytes(rest)

    def _cuts(self, chunk: bytes) -> Iterator[int]:
        """Where in a chunk values end."""
        at, self._escaped = int(self._escaped), False
        while at < len(chunk):
            if self._in_string:
                at = _REST_OF_STRING.match(chunk, at).end()  # type: ignore[union-attr]
                self._in_string, self._escaped = at == len(chunk) or chunk[at] == ord("\\"), chunk[at:] == b"\\"
                at += 1
            elif mark := _MARK.search(chunk, at):
                at = mark.end()
                yield from self._cut(mark[0], at)
            else:
                return

    def _cut(self, mark: bytes, at: int) -> Iterator[int]:
        if mark == b'"':
            self._in_string = True
        elif mark == b",":
            yield from [at] if self._depth == self.listed else []
        elif mark in b"[{":
            self.listed = mark == b"[" if not self._depth else self.listed
            self._depth += 1
            yield from [at] if self.listed and self._depth == 1 else []
        else:
            self._depth = max(0, self._depth - 1)
            # The bracket that ends the list is no part of its last value.
            yield from [at if self._depth == self.listed else at - 1] if self._depth <= self.listed else []


def articles_of(values: Values, column: str, where: str) -> Iterator[tuple[bytes, str]]:
    """Each article of a document as JSON and its fault: a value of the list, or one of the list within the only object.

    Args:
        values: of the document.
        column: that articles have.
        where: names the document in the error.

    Raises:
        DataError: the object holds a list, of which nothing has the column.
    """
    found = iter(values)
    first = list(islice(found, 2))
    if len(first) == 1 and not values.listed:
        yield from within(*first[0], column=column, where=where)
        return
    yield from first
    yield from found


def within(data: bytes, fault: str, *, column: str, where: str) -> Iterator[tuple[bytes, str]]:
    """The articles of the list that an object holds; the object itself if it is an article.

    Args:
        data, fault: as `Values` gives them.
        column, where: as for `articles_of`.

    Raises:
        DataError: the object holds a list, of which nothing has the column.
    """
    try:
        value = json.loads(data, strict=False)
    except (ValueError, RecursionError):
        text = listed(_text(data), _PARTS)
        parts, rest = mended(text, first_key(text), column)
        yield from ((_bytes(part), "") for part in parts)
        if not parts or rest.strip("]} \t\r\n,"):
            yield (_bytes(rest), fault) if parts else (data, fault)
        return
    if fault or not isinstance(value, Mapping) or has_column(value, column):
        yield data, fault
        return
    lists = list(_lists(value, _DEPTH))
    rows = next((rows for rows in lists if any(has_column(row, column) for row in rows[:_FIRST])), None)
    if rows is None and lists and (fault := without_column(max(lists, key=len)[:_FIRST], column)):
        raise DataError(f"{where}: {fault}")
    if rows is None:
        # Not the end of the run: such a file may lie beside each page of a folder.
        yield data, f"no list of articles, and {without_column([value], column)}"
    yield from ((json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass"), "") for row in rows or ())


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _lists(value: Any, depth: int) -> Iterator[list[Any]]:
    """Lists of objects within objects, in their order; objects that are all there is under their keys are one too."""
    if isinstance(value, list):
        yield from [value] if any(isinstance(row, Mapping) for row in value) else []
    elif isinstance(value, Mapping) and depth:
        inner = [one for key, one in value.items() if not _PARTS.search(str(key))]
        yield from [inner] if inner and all(isinstance(one, Mapping) for one in inner) else []
        for one in inner:
            yield from _lists(one, depth - 1)
