"""Rows of a JSON-lines file, gzipped or not, and articles built of them one by one."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import IO, Any

from svodka.article import Article
from svodka.errors import DataError
from svodka.inputs.reject import Reject

Row = Mapping[str, Any]
Build = Callable[[Row], Article]
Located = tuple[str, Row | Reject]
# What reading a file may end in that cannot be read, or is packed and damaged.
DAMAGED = (OSError, EOFError, zlib.error)


def read_articles(
    rows: Iterator[Located], build: Build, *, columns: Sequence[str], name: str
) -> Iterator[Article | Reject]:
    """Build an article of every row; what cannot be one becomes a `Reject`.

    Args:
        rows: place and row, or what was wrong with it.
        build: row -> article; raises `DataError` for a row that cannot be used.
        columns: columns that the first row must have.
        name: the source's name, for articles that bring no source or id of their own.

    Raises:
        DataError: the first row lacks a column, so that all would.
    """
    seen = False
    for number, (where, row) in enumerate(rows, 1):
        if isinstance(row, Reject):
            yield row
            continue
        if not seen:
            check_columns(row, columns, where)
            seen = True
        try:
            article = build(row)
        except (DataError, KeyError) as error:
            detail = f"column {error} is missing" if isinstance(error, KeyError) else str(error)
            yield Reject("unusable", where, detail)
            continue
        yield replace(article, id=article.id or f"{name}-{number:06}", source=article.source or name)


def check_columns(row: Row, columns: Sequence[str], where: str) -> None:
    """Check that a row has the columns.

    Raises:
        DataError: naming what is missing, what is there and the nearest name.
    """
    missing = [column for column in columns if column not in row]
    if not missing:
        return
    near = get_close_matches(missing[0], [str(key) for key in row], 1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    raise DataError(
        f"{where}: no column '{missing[0]}'{hint} columns present: {', '.join(map(str, row)) or 'none'}; "
        "map names by source.fields, as fields: {text: body}"
    )


def json_rows(path: Path) -> Iterator[Located]:
    """Rows of a `.jsonl` or `.jsonl.gz` file with their places, as `file:line`.

    Raises:
        DataError: a gzip file that ends early or is none.
    """
    with open_binary(path) as file:
        lines = enumerate(file, 1)
        while True:
            try:
                number, line = next(lines)
            except StopIteration:
                return
            except DAMAGED as error:
                raise DataError(f"cannot read {path} to its end: {error}; get the file anew") from error
            if line.strip():
                yield _located(line, f"{path.name}:{number}")


def open_binary(path: Path) -> IO[bytes]:
    """Open a file, through gzip where its name ends so."""
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def string(row: Row, column: str) -> str:
    """The text of a column; "" where it is absent or null.

    Raises:
        DataError: the column holds something else.
    """
    value = row.get(column)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise DataError(f"column '{column}' must be a string, got {type(value).__name__}")
    return value


def strings(row: Row, column: str) -> tuple[str, ...]:
    """The strings of a column that holds a list, without doubles; empty where it is absent or null.

    Raises:
        DataError: the column holds something else.
    """
    value = row.get(column)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise DataError(f"column '{column}' must be a list of strings, got {type(value).__name__}")
    return tuple(dict.fromkeys(value))


def _located(line: bytes, where: str) -> Located:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return where, Reject("unreadable", where, "not UTF-8 text")
    except (ValueError, RecursionError) as error:
        return where, Reject("unreadable", where, f"not JSON: {error}")
    if not isinstance(row, dict):
        return where, Reject("unreadable", where, f"not a JSON object but {type(row).__name__}")
    return where, row
