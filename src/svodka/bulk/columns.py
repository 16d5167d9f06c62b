"""Results as Parquet: the same columns for every row, found in a first pass over the JSON lines."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from itertools import islice
from pathlib import Path
from types import NoneType
from typing import Any, BinaryIO, Literal, get_args, get_origin, get_type_hints

from svodka.article import RESULT_KEYS, Annotation

ROW_GROUP = 2_048
# More carried keys than this are no columns of a table; the rest stand together in the column `rest`, as JSON.
MOST_COLUMNS = 500
REST = "rest"
_INT64 = range(-(2**63), 2**63)


def write_parquet(partial: Path, target: BinaryIO) -> None:
    """Write the JSON lines of a run as Parquet; the same lines always give the same bytes.

    A carried column is text, a whole number, a number or a truth value if every row agrees, and JSON text otherwise.
    """
    import pyarrow as pa
    from pyarrow import parquet

    kinds = _kinds(partial)
    carried = ((name, _arrow_type(kind)) for name, kind in kinds.items())
    schema = pa.schema([*_result_fields(_result_keys(partial)), *carried])
    with parquet.ParquetWriter(target, schema, compression="zstd") as writer:
        for rows in _groups(partial):
            columns = [pa.array(_column(rows, field.name, kinds), field.type) for field in schema]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema), row_group_size=ROW_GROUP)


def _result_keys(partial: Path) -> Sequence[str]:
    """The results that the rows of a run hold, which are those of its first row."""
    first = next(_rows(partial), dict.fromkeys(RESULT_KEYS))
    return [name for name in RESULT_KEYS if name in first]


def _result_fields(names: Sequence[str]) -> list[tuple[str, Any]]:
    hints = get_type_hints(Annotation)
    return [(name, _arrow_of(hints[name])) for name in names]


def _arrow_of(hint: Any) -> Any:
    """The Arrow type of a field of a record, by its annotation."""
    import pyarrow as pa

    if is_dataclass(hint):
        hints = get_type_hints(hint)
        return pa.struct([(field.name, _arrow_of(hints[field.name])) for field in fields(hint)])
    parts = [part for part in get_args(hint) if part is not NoneType]
    if get_origin(hint) is tuple:
        return pa.list_(_arrow_of(parts[0]))
    if get_origin(hint) is Literal:
        return pa.string()
    if parts:  # X | None
        return _arrow_of(parts[0])
    return {str: pa.string(), float: pa.float64(), int: pa.int64(), bool: pa.bool_()}[hint]


def _kinds(partial: Path) -> dict[str, str]:
    """Carried key -> `string`, `int64`, `float64`, `bool`, `null`, or `json` where the rows hold more than one kind."""
    kinds: dict[str, str] = {}
    for row in _rows(partial):
        for name, value in row.items():
            if name in RESULT_KEYS:
                continue
            if name in kinds or len(kinds) < MOST_COLUMNS:
                kinds[name] = _joined(kinds.get(name, "null"), _kind(value))
            else:
                kinds[REST] = "json"
    return kinds


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int64" if value in _INT64 else "json"
    return {float: "float64", str: "string", type(None): "null"}.get(type(value), "json")


def _joined(one: str, other: str) -> str:
    if other in (one, "null"):
        return one
    if one == "null":
        return other
    return "float64" if {one, other} == {"int64", "float64"} else "json"


def _arrow_type(kind: str) -> Any:
    import pyarrow as pa

    return {"json": pa.string(), "null": pa.string(), "bool": pa.bool_()}.get(kind) or getattr(pa, kind)()


def _column(rows: list[dict[str, Any]], name: str, kinds: dict[str, str]) -> list[Any]:
    if name == REST and len(kinds) > MOST_COLUMNS:
        own = {*RESULT_KEYS, *kinds} - {REST}
        others = ({key: value for key, value in row.items() if key not in own} for row in rows)
        return [_json(other) if other else None for other in others]
    if kinds.get(name) == "json":
        return [None if row.get(name) is None else _json(row[name]) for row in rows]
    if kinds.get(name) == "float64":
        return [None if row.get(name) is None else float(row[name]) for row in rows]
    return [row.get(name) for row in rows]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _groups(partial: Path) -> Iterator[list[dict[str, Any]]]:
    rows = _rows(partial)
    while group := list(islice(rows, ROW_GROUP)):
        yield group


def _rows(partial: Path) -> Iterator[dict[str, Any]]:
    with partial.open(encoding="utf-8") as file:
        for line in file:
            # Half of a surrogate pair, which JSON can escape, is no text to Arrow.
            row = json.loads(line)
            yield row if "\\ud" not in line else json.loads(_mended(row))


def _mended(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")
