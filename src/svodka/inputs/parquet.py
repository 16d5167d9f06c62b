"""Rows of a Parquet file, each as a JSON object, read a few hundred at a time."""

import base64
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from svodka.errors import ConfigError, DataError
from svodka.inputs.rows import Row
from svodka.inputs.sources import Source
from svodka.inputs.streams import Meter, size, stored

_ROWS = 256
_BUFFER = 1 << 20  # bytes of a column that are read ahead, instead of a whole row group


def parquet_rows(source: Source, meter: Meter) -> Iterator[Row]:
    """Every row of a Parquet file; dates become ISO 8601, NaN null, bytes that are no text base64.

    Raises:
        ConfigError: pyarrow is not installed.
        DataError: the file is damaged, or has no column `text`.
    """
    (path,) = source.paths
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise ConfigError(f"{path}: to read Parquet, pip install 'svodka[batch]'") from None
    n_bytes = size(path)
    try:
        # Arrow jumps about in the file, so the meter goes by rows.
        with stored(path) as raw, parquet.ParquetFile(raw, buffer_size=_BUFFER) as file:
            _check_columns(file.schema_arrow.names, source)
            rows = max(1, file.metadata.num_rows)
            number = 0
            for batch in file.iter_batches(batch_size=_ROWS):
                for row in _batch_rows(batch):
                    number += 1
                    yield _row(row, f"{path}:{number}")
                meter.done += round(n_bytes * batch.num_rows / rows)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"cannot read {path} as Parquet: {error}") from error


def _check_columns(names: list[str], source: Source) -> None:
    if source.text not in names:
        raise DataError(
            f"{source.paths[0]}: no column '{source.text}'; columns present: {', '.join(names[:20]) or 'none'}; "
            "name another one by --field text=COLUMN"
        )


def _batch_rows(batch: Any) -> Iterator[Mapping[str, Any]]:
    try:
        yield from batch.to_pylist()
    except (ValueError, OverflowError):
        # One value that Python cannot hold spoils the whole list: cell by cell it spoils only its row.
        for i in range(batch.num_rows):
            yield {name: _cell(batch.column(name)[i]) for name in batch.schema.names}


class _Broken(dict[str, str]):
    """A cell that Python cannot hold, as base64 or as Arrow shows it."""


def _cell(scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except (ValueError, OverflowError):
        pass
    try:
        return _Broken(base64=base64.b64encode(scalar.as_buffer().to_pybytes()).decode("ascii"))
    except AttributeError:
        return _Broken(value=str(scalar.cast("int64")) if hasattr(scalar, "cast") else "")


def _row(row: Mapping[str, Any], where: str) -> Row:
    broken = [name for name, value in row.items() if isinstance(value, _Broken)]
    fault = f"column '{broken[0]}' holds what cannot be read, such as text that is no UTF-8" if broken else ""
    data = json.dumps({name: _plain(value) for name, value in row.items()}, ensure_ascii=False)
    return Row(where, "table", data.encode("utf-8"), fault=fault)


def _plain(value: Any) -> Any:
    """A value of Arrow's as JSON can hold it."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if value is None or isinstance(value, (str, int)):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
