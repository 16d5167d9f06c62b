"""Tag sets from files and from whatever else names one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast, get_args

from svodka.config.yaml_files import read_yaml
from svodka.errors import ConfigError
from svodka.tagsets.record import Kind, NamedTag, TagSet, raise_errors, set_errors

_LISTS = ("aliases", "examples")
_TAG_FIELDS = tuple(field.name for field in fields(NamedTag))


def read_tag_set(given: TagSet | Path | str | Sequence[Any] | Mapping[str, Any]) -> TagSet:
    """A tag set from a set, a YAML file or what it holds, the word `iptc`, or names with commas between them.

    A file holds a list of names, or `name`, `kind` and `tags`; each tag is a name or the fields of a `NamedTag`.

    Raises:
        ConfigError: no such file, no YAML, or every error of the set, one a line.
    """
    if isinstance(given, TagSet):
        return given
    if isinstance(given, Path):
        return _load(given)
    if not isinstance(given, str):
        body = given if isinstance(given, Mapping) else {"tags": list(given)}
        return _of_rows(body, "the tag set", name="tags")
    if given == "iptc":
        return TagSet.of_topics()
    if given.endswith((".yaml", ".yml")) or Path(given).is_file():
        return _load(Path(given))
    return TagSet.of_names([name.strip() for name in given.split(",")])


def _load(path: Path) -> TagSet:
    body = read_yaml(path, "tag set")
    body = {"tags": body} if isinstance(body, list) else body
    if not isinstance(body, dict):
        raise ConfigError(f"tag set {path} must be a list of names, or a mapping with `tags`; got {_show(body)}")
    return _of_rows(body, f"tag set {path}", name=path.stem)


def _of_rows(body: Mapping[str, Any], what: str, *, name: str) -> TagSet:
    errors = list(_unknown(body, ("name", "kind", "tags"), ""))
    called: Any = body.get("name", name)
    kind, rows = body.get("kind", "many"), body.get("tags")
    if not isinstance(called, str):
        errors.append(f"name: must be a text, got {_show(called)}")
    if kind not in get_args(Kind):
        errors.append(f"kind: must be {' or '.join(get_args(Kind))}, got {_show(kind)}")
    if not isinstance(rows, list):
        errors.append("tags: missing" if rows is None else f"tags: must be a list, got {_show(rows)}")
        raise_errors(what, errors)
    rows = [{"name": row} if isinstance(row, str) else row for row in cast("list[Any]", rows)]
    told = [list(_row_errors(row, f"tags.{number}")) for number, row in enumerate(rows, 1)]
    tags = {number: _tag(row) for number, (row, own) in enumerate(zip(rows, told, strict=True), 1) if not own}
    raise_errors(what, [*errors, *(line for own in told for line in own), *set_errors(tags, len(rows))])
    return TagSet(tuple(tags.values()), called, kind)


def _tag(row: Mapping[str, Any]) -> NamedTag:
    given: dict[str, Any] = {
        name: tuple(value) if name in _LISTS else value for name, value in row.items() if value is not None
    }
    return NamedTag(**given)


def _row_errors(row: Any, place: str) -> Iterator[str]:
    if not isinstance(row, dict):
        yield f"{place}: must be a name or a mapping with `name`, got {_show(row)}"
        return
    yield from _unknown(row, _TAG_FIELDS, f"{place}.")
    if row.get("name") is None:
        yield f"{place}.name: missing"
    for name, value in row.items():
        if value is None or name not in _TAG_FIELDS:
            continue
        if name == "manual":
            if not isinstance(value, bool):
                yield f"{place}.manual: must be true or false, got {_show(value)}"
        elif name in _LISTS:
            if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
                yield f"{place}.{name}: must be a list of texts, got {_show(value)}"
        elif not isinstance(value, str):
            yield f"{place}.{name}: must be a text, got {_show(value)}; write it in quotes"


def _unknown(body: Mapping[Any, Any], allowed: Sequence[str], place: str) -> Iterator[str]:
    for key in body:
        if key not in allowed:
            near = get_close_matches(str(key), allowed, 1)
            hint = f"did you mean '{near[0]}'? " if near else ""
            yield f"{place}{key}: unknown field; {hint}allowed: {', '.join(allowed)}"


def _show(value: object) -> str:
    text = repr(value)
    return f"{type(value).__name__} {text[:60]}{'…' if len(text) > 60 else ''}"
