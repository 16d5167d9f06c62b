"""Corrections: what people say about the tags of articles."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from svodka.article import Article
from svodka.errors import DataError
from svodka.files import read_lines
from svodka.inputs.cells import article_of
from svodka.inputs.checking import checked
from svodka.learning.label_studio import is_export, rows_of
from svodka.tagsets.checks import MOST_LETTERS
from svodka.text import normalise_tag

# Key of a row -> whether the article has the tags under it.
SAID: Mapping[str, bool] = {"right": True, "wrong": False, "missing": True}


@dataclass(frozen=True)
class Correction:
    """What is said about the tags of one article.

    Attributes:
        article: the article.
        said: tag as it was written -> whether the article has it.
        complete: the article has no other tag of those that the corrections name.
    """

    article: Article
    said: Mapping[str, bool] = field(default_factory=dict)
    complete: bool = False


def read_corrections(rows: Iterable[Mapping[str, Any]], articles: Iterable[Article] = ()) -> list[Correction]:
    """Corrections from rows, one an article; of several rows about one article the later wins.

    A row has `right`, `wrong` and `missing`, lists of tags, and `complete: true` where the article has no tags beside
    those; or, of an article whose tags are all known, `tags`. It has the article itself (`text`, `title`), or the `id`
    of one of `articles`.

    Raises:
        DataError: a row that says nothing or two things of one tag, or whose article is not there or cannot be read;
            its number counts from 1.
    """
    known = {article.id: article for article in articles if article.id}
    found: dict[str, Correction] = {}
    for number, row in enumerate(rows, 1):
        try:
            one = _correction(row, known)
        except DataError as error:
            raise DataError(f"correction {number}: {error}") from error
        key = one.article.id or one.article.text
        before = found.get(key)
        # An article whose tags are all told anew has none of those that were told before.
        kept = {} if before is None or one.complete else before.said
        whole = one.complete or (before is not None and before.complete)
        found[key] = replace(one, said={**kept, **one.said}, complete=whole)
    return list(found.values())


def load_corrections(path: Path) -> list[dict[str, Any]]:
    """Rows of corrections from a file of JSON lines, or from Label Studio's export as JSON.

    Raises:
        DataError: no such file, or neither of these.
    """
    if path.suffix.lower() != ".json":
        return read_lines(path)
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"cannot read {path}: {error}") from error
    if not isinstance(body, list):
        raise DataError(
            f"{path} must hold a JSON array of corrections, or Label Studio's export; got {type(body).__name__}"
        )
    return list(rows_of(body)) if is_export(body) else body


def _correction(row: Mapping[str, Any], known: Mapping[str, Article]) -> Correction:
    if not isinstance(row, Mapping):
        raise DataError(f"must be a JSON object, got {type(row).__name__}")
    said = dict(_said(row))
    corrects = any(row.get(key) is not None for key in SAID)
    if not corrects:
        tags = _names(row, "tags")
        if tags is None:
            raise DataError("says nothing of any tag; give it `right`, `wrong` or `missing`, or all its `tags`")
        said = dict.fromkeys(tags, True)
    return Correction(_article(row, known), said, complete=row.get("complete", False) is True or not corrects)


def _said(row: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    seen: dict[str, str] = {}
    for key, has in SAID.items():
        for tag in _names(row, key) or ():
            first = seen.setdefault(normalise_tag(tag), key)
            if SAID[first] != has:
                raise DataError(f"tag '{tag}' stands under `{first}` and under `{key}`; keep one")
            yield tag, has


def _names(row: Mapping[str, Any], key: str) -> Sequence[str] | None:
    value = row.get(key)
    if value is None:
        return None
    if not isinstance(value, (list, tuple)):
        raise DataError(f"`{key}` must be a list of tags, got {type(value).__name__} {str(value)[:60]!r}")
    # Svodka's own answers have an object a tag.
    given = [tag.get("name") if isinstance(tag, Mapping) else tag for tag in value]
    names = [name.strip() for name in given if isinstance(name, str) and name.strip()]
    if len(names) < len(given) or not all(map(normalise_tag, names)):
        raise DataError(f"`{key}` must hold names of tags, each with a letter or digit, got {str(value)[:60]!r}")
    longest = max(names, key=len, default="")
    if len(longest) > MOST_LETTERS["name"]:
        raise DataError(
            f"`{key}`: tag '{longest[:30]}…' has {len(longest):,} letters, at most {MOST_LETTERS['name']} are allowed"
        )
    return names


def _article(row: Mapping[str, Any], known: Mapping[str, Article]) -> Article:
    if row.get("text") is not None:
        return checked(article_of({key: value for key, value in row.items() if key != "tags"}, {}))
    name = row.get("id")
    if name is None:
        raise DataError("has neither `text` nor `id`; give it the article, or the id of one of --articles")
    if str(name) not in known:
        raise DataError(f"no article has the id '{name}'; name the file that has it by --articles, or give its `text`")
    return checked(known[str(name)])
