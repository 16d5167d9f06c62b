"""Tables of one's own: JSON lines, CSV and Parquet, with a map of column names."""

import csv
import io
import math
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from svodka.article import Article
from svodka.config.data import ARTICLE_FIELDS, SourceConfig
from svodka.data.sources.rows import Located, Row, json_rows, open_binary, read_articles
from svodka.errors import DataError
from svodka.inputs.reject import Reject


def tables(config: SourceConfig) -> Iterator[Article | Reject]:
    """Articles of a `jsonl`, `csv` or `parquet` source.

    Raises:
        DataError: a mapped column is missing, or the file is none of its kind.
    """
    if config.path is None:
        raise DataError(f"a source of kind '{config.kind}' needs source.path")
    rows = {"jsonl": json_rows, "csv": _csv_rows, "parquet": _parquet_rows}[config.kind](config.path)
    needed = [config.fields.get("text", "text"), *config.fields.values()]
    build = partial(article_of, fields=config.fields, separator=config.separator)
    yield from read_articles(rows, build, columns=list(dict.fromkeys(needed)), name=config.path.name.split(".")[0])


def article_of(row: Row, *, fields: dict[str, str], separator: str | None) -> Article:
    """An article of a table's row.

    Args:
        row: column -> value; null, and NaN where a table writes null so, mean "not given".
        fields: article field -> column, where the names differ.
        separator: what splits tags that are one string.

    Raises:
        DataError: a value of a type that the field cannot hold.
    """
    values = {name: row.get(fields.get(name, name)) for name in ARTICLE_FIELDS}
    given = {name: value for name, value in values.items() if not _is_null(value)}
    if "tags" in given:
        given["tags"] = _tags(given["tags"], separator)
    for name in ("id", "date"):
        if name in given and not isinstance(given[name], str):
            given[name] = _plain(given[name])
    return Article.from_dict(given)


def _tags(value: Any, separator: str | None) -> list[Any]:
    if not isinstance(value, str):
        return list(value) if isinstance(value, (list, tuple)) else value
    if separator is None:
        raise DataError(f"tags are one string, {value[:40]!r}; name what separates them by source.separator")
    return [tag.strip() for tag in value.split(separator) if tag.strip()]


def _is_null(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _plain(value: Any) -> Any:
    # A timestamp's day; a number of a row as text. Anything else is left for the article to refuse.
    if hasattr(value, "isoformat"):
        return value.isoformat()[:10]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _csv_rows(path: Path) -> Iterator[Located]:
    csv.field_size_limit(sys.maxsize)
    with open_binary(path) as raw:
        reader = csv.DictReader(io.TextIOWrapper(raw, encoding="utf-8-sig", newline=""))
        try:
            for row in reader:
                where = f"{path.name}:{reader.line_num}"
                if None in row:
                    yield where, Reject("unreadable", where, "more cells than the head has columns")
                else:
                    yield where, {column: value or None for column, value in row.items()}
        except (UnicodeDecodeError, csv.Error, EOFError) as error:
            raise DataError(f"cannot read {path} as CSV in UTF-8 after line {reader.line_num}: {error}") from error


def _parquet_rows(path: Path) -> Iterator[Located]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise DataError(f"cannot read {path} as Parquet: {error}") from error
    number = 0
    for batch in file.iter_batches(batch_size=1000):
        for row in batch.to_pylist():
            number += 1
            yield f"{path.name}:{number}", row
