"""A row's cells become an article: only an unusable text refuses a row, whatever else is odd is carried as it is."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from svodka.article import Article
from svodka.config.data import ARTICLE_FIELDS
from svodka.errors import DataError

_BODY_NAMES = (
    "body", "content", "article", "article_text", "full_text", "fulltext", "maintext", "telo", "tekst", "текст", "тело",
    "содержание", "description",
)  # fmt: skip
_TEASERS = re.compile(r".*(?:preview|intro|short|anons|lead).*")
_MOST_SHOWN = 20
_LEAST_BODY = 40  # characters of a cell that may well be a body


def article_of(cells: Any, fields: Mapping[str, str], *, separator: str | None = None) -> Article:
    """The article of a row.

    Args:
        cells: column -> value.
        fields: article field -> column, where the names differ; `a.b` is the key `b` of the object in column `a`.
        separator: what splits a column `tags` that is one string; None leaves such a one as it is.

    Raises:
        DataError: no object, or a text that is none.
    """
    if not isinstance(cells, Mapping):
        hint = "; write one object a line" if isinstance(cells, list) else ""
        raise DataError(f"an article must be a JSON object, got {type(cells).__name__} {str(cells)[:60]}{hint}")
    row = renamed(cells, fields)
    text = _text(row, cells)
    known: dict[str, Any] = {"text": text}
    extra = {str(key): value for key, value in row.items() if key not in ARTICLE_FIELDS}
    for name in ARTICLE_FIELDS[1:]:
        value = _unwrapped(row.get(name))
        if _is_null(value):
            continue
        usable = _tags(value, separator) if name == "tags" else _string(name, value)
        (extra if usable is None else known)[name] = value if usable is None else usable
    return Article(**known, extra=extra)


def renamed(cells: Mapping[str, Any], fields: Mapping[str, str]) -> Mapping[str, Any]:
    """The row with the article's own names; a column that stands under such a name already gives way."""
    named = cells if "text" in cells else {_plain_name(key): value for key, value in cells.items()}
    if not fields:
        return named
    taken = set(fields.values())
    kept = {key: value for key, value in named.items() if key not in taken and key not in fields}
    return kept | {field: _found(cells, column) for field, column in fields.items()}


def without_column(rows: Sequence[Any], column: str) -> str:
    """Why none of some rows can be an article, with a column to name instead; "" if one of them has the column."""
    objects = [row for row in rows if isinstance(row, Mapping)]
    if not objects or len(objects) < len(rows) or any(has_column(row, column) for row in objects):
        return ""
    shown = ", ".join(map(str, list(objects[0])[:_MOST_SHOWN])) or "none"
    better = likely_body(objects[0])
    return (
        f"no column '{column}'; columns present: {shown}; name another one by --field text={better or 'COLUMN'} "
        f"(in a data config: source.fields.text={better or 'COLUMN'})"
    )


def likely_body(row: Mapping[str, Any]) -> str:
    """The column, or `column.key` of a nested object, that most likely holds the body; "" if none does."""
    texts = dict(_texts(row))
    for name in ("text", *_BODY_NAMES):
        for key in texts:
            parts = _TEASERS.sub("", key.lower()).split(".")
            if name in parts[-2:] or parts[-1].endswith(f"_{name}"):
                return key
    near = get_close_matches("text", texts, 1)
    if near:
        return near[0]
    longest = max(texts, key=lambda key: len(texts[key]), default="")
    return longest if longest and len(texts[longest]) >= _LEAST_BODY else ""


def _texts(row: Mapping[str, Any], depth: int = 3) -> Iterator[tuple[str, str]]:
    """Texts of a row and of the objects in it, with their names."""
    for key, value in row.items():
        if isinstance(value, str) and value.strip():
            yield str(key), value
        elif isinstance(value, Mapping) and depth:
            yield from ((f"{key}.{name}", inner) for name, inner in _texts(value, depth - 1))


def has_column(row: Any, column: str) -> bool:
    """Whether a row is an object with a column, or key of an object, of this name."""
    if not isinstance(row, Mapping):
        return False
    return _found(row, column) is not None or column in row or column in map(_plain_name, row)


def _found(row: Mapping[str, Any], column: str) -> Any:
    if column in row or "." not in column:
        return row.get(column)
    head, _, tail = column.partition(".")
    inner = row.get(head)
    return _found(inner, tail) if isinstance(inner, Mapping) else None


def _unwrapped(value: Any) -> Any:
    """The text of an object that holds nothing else of interest, as WordPress and Drupal write titles and bodies."""
    inner = value.get("rendered", value.get("value")) if isinstance(value, Mapping) else None
    return inner if isinstance(inner, str) else value


def _plain_name(name: Any) -> Any:
    """«Text», « TEXT » and the like are the field `text`."""
    plain = str(name).strip().lower()
    return plain if plain in ARTICLE_FIELDS else name


def _text(row: Mapping[str, Any], cells: Mapping[str, Any]) -> str:
    value = _unwrapped(row.get("text"))
    if _is_null(value):
        keys = ", ".join(map(str, list(cells)[:_MOST_SHOWN])) or "none"
        raise DataError(f"an article needs the key 'text'; keys present: {keys}")
    given = [part for part in value if part is not None] if isinstance(value, (list, tuple)) else []
    if (parts := list(map(_part, given))) and None not in parts:
        # Paragraphs or blocks; or the pieces of one text with their formats, as Telegram exports it.
        pieces = any(isinstance(part, Mapping) and "type" in part and "data" not in part for part in given)
        return ("" if pieces else "\n").join(filter(None, parts))
    if not isinstance(value, str):
        raise DataError(f"field 'text' must be a string, got {type(value).__name__} {str(value)[:60]}")
    return value


def _part(value: Any) -> str | None:
    """A paragraph, a piece of text with its format, or the text of a block of an editor, "" if it is a picture."""
    if isinstance(value, Mapping) and isinstance(inner := value.get("data"), Mapping):
        items = inner.get("items")
        return "\n".join(filter(None, map(_part, items))) if isinstance(items, list) else _part(inner) or ""
    text = value.get("text") if isinstance(value, Mapping) else value
    return text if isinstance(text, str) else None


def _string(name: str, value: Any) -> str | None:
    if isinstance(value, str):
        return value if value.strip() else ""
    if name == "date" and hasattr(value, "isoformat"):
        return str(value.isoformat())[:10]
    if name != "id" or isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, (int, float)) else None


def _tags(value: Any, separator: str | None) -> list[str] | None:
    if isinstance(value, str):
        return None if separator is None else [tag.strip() for tag in value.split(separator) if tag.strip()]
    if not isinstance(value, (list, tuple)):
        return None
    # Svodka's own results, and the exports of many an archive, have an object a tag.
    named = [tag.get("name", tag.get("title")) if isinstance(tag, Mapping) else tag for tag in value]
    given = [tag for tag in named if not _is_null(tag)]
    # Numbers alone are the keys of a table of tags, as WordPress gives them.
    usable = all(isinstance(tag, (str, int)) for tag in given) and not (
        given and all(isinstance(tag, int) for tag in given)
    )
    return list(map(str, given)) if usable else None


def _is_null(value: Any) -> bool:
    return value is None or (isinstance(value, float) and not math.isfinite(value))
