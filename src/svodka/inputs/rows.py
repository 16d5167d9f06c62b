"""A row as it stands in its file, and what becomes of it: an article, or a reject that keeps the row whole."""

import base64
import csv
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from svodka.article import Article
from svodka.errors import DataError
from svodka.inputs.cells import article_of
from svodka.inputs.checking import checked
from svodka.inputs.encodings import decode_row
from svodka.inputs.feeds import stored_entry
from svodka.inputs.pages import page_of
from svodka.inputs.reject import Reject
from svodka.inputs.tables import cells_of, columns_of
from svodka.labels import TagVocabulary

# The most bytes of one row: an article of MAX_CHARACTERS with every letter written as \uXXXX, and room to spare.
MAX_ROW_BYTES = 32 << 20


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an input, unread.

    Attributes:
        where: its place for a person: file, and line or row from 1; of a page the path.
        form: how `data` is written, a key of `FORMS`.
        data: its bytes as they stand in the file; a row of Parquet as a JSON object.
        head: of a CSV row the file's first line.
        fault: why it could not be taken out of its file whole; "" if it could.
        position: its number from 0 in the run that rejected it; None for a row that comes for the first time.
        name: the article's id where the row gives none; "" for its address or place.
    """

    where: str
    form: str
    data: bytes
    head: str = ""
    fault: str = ""
    position: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that was set aside, and why."""

    row: Row
    reject: Reject

    def to_dict(self, position: int) -> dict[str, Any]:
        """The JSON form. Bytes that are no UTF-8 stand in base64 under `raw_base64` instead of `raw`.

        Args:
            position: the row's number from 0 in this run; one that an earlier run gave it is kept.
        """
        row, reject = self.row, self.reject
        told = {
            "position": position if row.position is None else row.position,
            "where": row.where,
            "reason": reject.reason,
            "detail": reject.detail,
            "form": row.form,
        } | {key: value for key, value in (("head", row.head), ("name", row.name)) if value}
        try:
            return told | {"raw": row.data.decode("utf-8")}
        except UnicodeDecodeError:
            return told | {"raw_base64": base64.b64encode(row.data).decode("ascii")}


def rejected_before(line: bytes, where: str) -> Row:
    """The row that a line of a reject file keeps; with a `fault` if it keeps none."""
    try:
        told = json.loads(line.decode("utf-8-sig"))
        data = base64.b64decode(told["raw_base64"]) if "raw_base64" in told else told["raw"].encode("utf-8")
        form, position = told["form"], told["position"]
        if form not in FORMS or not isinstance(position, int):
            raise ValueError(f"form {form!r}, position {position!r}")
        head, name = (str(told.get(key, "")) for key in ("head", "name"))
        return Row(str(told["where"]), form, data, head=head, position=position, name=name)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        return Row(where, "json", line, fault=f"not a line of a reject file with its raw row: {error!r}")


@dataclass(frozen=True, slots=True)
class Reading:
    """How rows are read.

    Attributes:
        labels: the vocabulary by which a page's line of tags is split; None: not by one.
        fields: field of an article, column that holds it, for a table whose names differ.
        separator: what splits a column `tags` that is one string; None carries such a one as it is.
    """

    labels: TagVocabulary | None
    fields: tuple[tuple[str, str], ...] = ()
    separator: str | None = None


def read_row(row: Row, reading: Reading) -> Article | Reject:
    """The cleaned article of a row, or why there is none.

    Args:
        row: the row.
        reading: how to read it.
    """
    if row.fault:
        return Reject("unreadable", row.where, row.fault)
    try:
        if row.form == "entry":
            return stored_entry(row.data, place=row.where, name=row.name or row.where, labels=reading.labels)
        found = checked(_article(row, reading))
    except DataError as error:
        return Reject("unusable", row.where, str(error))
    except UnicodeDecodeError as error:
        return Reject("unreadable", row.where, f"byte {error.start} is no UTF-8 text; save the file as UTF-8")
    except Exception as error:
        # Whatever a row does to a parser, such as lxml, it is the row's fault and stops nothing.
        return Reject("unreadable", row.where, _fault(row, error))
    return found if found.id else replace(found, id=row.name or found.url or row.where)


def encode_line(row: Mapping[str, Any]) -> bytes:
    """A JSON line in UTF-8.

    Raises:
        ValueError: a number that JSON cannot hold.
        RecursionError: nested too deep.
    """
    try:
        return (json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8")
    except UnicodeEncodeError:
        # Half of a surrogate pair, as an input or a file's name may hold, can stand in JSON only as an escape.
        return (json.dumps(row, allow_nan=False) + "\n").encode("ascii")


def _article(row: Row, reading: Reading) -> Article:
    read = FORMS[row.form]
    if read is None:
        page = page_of(row.data, Path(row.where), reading.labels).article
        return replace(page, id=row.name) if row.name else page
    return article_of(read(row, reading), dict(reading.fields), separator=reading.separator)


def _fault(row: Row, error: Exception) -> str:
    if isinstance(error, csv.Error):
        return f"not a CSV row: {error}"
    if isinstance(error, (ValueError, RecursionError)) and row.form in ("json", "table"):
        return f"not JSON: {error}"
    return f"{type(error).__name__}: {error}"


def _json(row: Row, reading: Reading) -> Any:
    # Not strict: many exports leave a tab in a text as it is.
    line = decode_row(row.data).strip().removesuffix(",")
    return json.loads(line, parse_constant=_as_null, strict=False)


def _csv(row: Row, reading: Reading) -> Any:
    columns = columns_of(row.head)
    cells = cells_of(decode_row(row.data), row.head)
    if len(cells) != len(columns):
        raise DataError(f"{len(cells)} cell(s), but the head has {len(columns)} columns; look at the quoting")
    # An empty cell means "not given"; an empty text is told as such.
    text = dict(reading.fields).get("text", "text")
    return {column: cell if cell or column == text else None for column, cell in zip(columns, cells, strict=True)}


def _as_null(name: str) -> None:
    """NaN and Infinity, which JSON lacks and many exports write."""


# How the cells of a row are read; pages and entries of feeds have none.
FORMS: dict[str, Callable[[Row, Reading], Any] | None] = {
    "json": _json, "table": _json, "csv": _csv, "page": None, "entry": None,
}  # fmt: skip
