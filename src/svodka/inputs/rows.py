"""A row as it stands in its file, and what becomes of it: an article, or a reject that keeps the row whole."""

import base64
import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from svodka.article import Article
from svodka.errors import DataError
from svodka.inputs.checking import MAX_CHARACTERS, checked
from svodka.inputs.pages import page_of
from svodka.inputs.reject import Reject
from svodka.labels import TagVocabulary

# The most bytes of one row: an article of MAX_CHARACTERS with every letter written as \uXXXX, and room to spare.
MAX_ROW_BYTES = 32 << 20
_SEPARATORS = ",;\t"


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
    """

    where: str
    form: str
    data: bytes
    head: str = ""
    fault: str = ""
    position: int | None = None


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
        } | ({"head": row.head} if row.head else {})
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
        return Row(str(told["where"]), form, data, head=str(told.get("head", "")), position=position)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        return Row(where, "json", line, fault=f"not a line of a reject file with its raw row: {error!r}")


@dataclass(frozen=True, slots=True)
class Reading:
    """How rows are read.

    Attributes:
        labels: the vocabulary by which a page's line of tags is split; None: not by one.
        fields: field of an article, column that holds it, for a table whose names differ.
        lenient: read NaN and Infinity, which JSON lacks, as null instead of refusing the row.
    """

    labels: TagVocabulary | None
    fields: tuple[tuple[str, str], ...] = ()
    lenient: bool = False


def read_row(row: Row, reading: Reading) -> Article | Reject:
    """The cleaned article of a row, or why there is none.

    Args:
        row: the row.
        reading: how to read it.
    """
    if row.fault:
        return Reject("unreadable", row.where, row.fault)
    try:
        return checked(FORMS[row.form](row, reading))
    except DataError as error:
        return Reject("unusable", row.where, str(error))
    except UnicodeDecodeError as error:
        return Reject("unreadable", row.where, f"byte {error.start} is no UTF-8 text; save the file as UTF-8")
    except Exception as error:
        # Whatever a row does to a parser, such as lxml, it is the row's fault and stops nothing.
        return Reject("unreadable", row.where, _fault(row, error))


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


def csv_cells(line: str, head: str) -> list[str]:
    """The cells of one CSV record, its lines together in `line`; `head` tells the separator.

    Raises:
        csv.Error: broken quoting, or a cell longer than any article.
    """
    csv.field_size_limit(MAX_CHARACTERS + 1)
    return next(csv.reader(io.StringIO(line, newline=""), strict=True, delimiter=separator(head)), [])


def separator(head: str) -> str:
    """What separates the cells of a CSV file: the comma, semicolon or tab that its first line has most of."""
    return max(_SEPARATORS, key=head.count)


def _fault(row: Row, error: Exception) -> str:
    if isinstance(error, csv.Error):
        return f"not a CSV row: {error}"
    if isinstance(error, (ValueError, RecursionError)) and row.form in ("json", "table"):
        return f"not JSON: {error}"
    return f"{type(error).__name__}: {error}"


def _json(row: Row, reading: Reading) -> Article:
    return Article.from_dict(_renamed(_object(row, reading), reading))


def _table(row: Row, reading: Reading) -> Article:
    return _of_cells(_renamed(_object(row, reading), reading))


def _csv(row: Row, reading: Reading) -> Article:
    columns = csv_cells(row.head, row.head)
    cells = csv_cells(row.data.decode("utf-8"), row.head)
    if len(cells) != len(columns):
        raise DataError(f"{len(cells)} cell(s), but the head has {len(columns)} columns; look at the quoting")
    # An empty cell means "not given"; an empty text is told as such.
    named = zip(columns, cells, strict=True)
    text = dict(reading.fields).get("text", "text")
    found = {column: cell if cell or column == text else None for column, cell in named}
    return _of_cells(_renamed(found, reading))


def _page(row: Row, reading: Reading) -> Article:
    return page_of(row.data, Path(row.where), reading.labels).article


def _renamed(row: Any, reading: Reading) -> Any:
    """The row with the article's own names; a column that stands under such a name already gives way."""
    if not reading.fields or not isinstance(row, dict):
        return row
    names = {column: field for field, column in reading.fields}
    kept = {key: value for key, value in row.items() if key in names or key not in names.values()}
    return {names.get(key, key): value for key, value in kept.items()}


def _of_cells(cells: Mapping[str, Any]) -> Article:
    # A table may hold tags as one string. The model never reads them, so they are carried through as they are.
    tags = cells.get("tags")
    if not isinstance(tags, str):
        return Article.from_dict(cells)
    article = Article.from_dict({name: value for name, value in cells.items() if name != "tags"})
    return replace(article, extra={**article.extra, "tags": tags})


def _object(row: Row, reading: Reading) -> Any:
    constant = _as_null if reading.lenient else _no_constant
    return json.loads(row.data.decode("utf-8-sig"), parse_constant=constant)


def _as_null(name: str) -> None:
    return None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is a number only in JavaScript; write null")


FORMS: dict[str, Callable[[Row, Reading], Article]] = {
    "json": _json,
    "table": _table,
    "csv": _csv,
    "page": _page,
}
