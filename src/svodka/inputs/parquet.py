"""Rows of a Parquet file, each as a JSON object, read a few hundred at a time."""

import base64
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from svodka.errors import ConfigError, DataError, SvodkaError
from svodka.inputs.cells import without_column
from svodka.inputs.rows import Row
from svodka.inputs.sources import Source
from svodka.inputs.streams import Meter, size, stored

_ROWS = 256
_BUFFER = 1 << 20  # bytes of a column that are read ahead, instead of a whole row group
_BATCH_BYTES = 64 << 20
_ROW_BYTES = 16 << 20  # a text of as many characters as are read, four bytes each, and room to spare
_CELL_BYTES = 10_000
_LONG = "a row that is too long"


def parquet_rows(source: Source, meter: Meter) -> Iterator[Row]:
    """Every row of a Parquet file; dates become ISO 8601, NaN null, bytes their UTF-8 text, or base64 if they are none.

    Raises:
        ConfigError: pyarrow is not installed.
        DataError: the file is damaged, or has no column `text`.
    """
    (path,) = source.paths
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise ConfigError(f"{path}: to read Parquet, pip install 'svodka[batch]'") from None
    n_bytes = size(path)
    try:
        # Arrow jumps about in the file, so the meter goes by rows.
        with stored(path) as raw, _opened(raw) as file:
            _check_columns(file.schema_arrow.names, source)
            _check_rows(file.metadata, path)
            rows = max(1, file.metadata.num_rows)
            number = 0
            for batch in file.iter_batches(batch_size=_ROWS):
                for row in _batch_rows(batch):
                    number += 1
                    yield _row(row, f"{path}:{number}", source.text)
                meter.done += round(n_bytes * batch.num_rows / rows)
            if number != file.metadata.num_rows:
                raise DataError(f"{path} says that it has {file.metadata.num_rows} rows, and {number} are there")
    except SvodkaError:
        raise
    except Exception as error:  # whatever Arrow may come upon in bytes from outside
        raise DataError(f"cannot read {path} as Parquet: {type(error).__name__}: {error}") from error


def _opened(raw: BinaryIO) -> Any:
    """The file, its texts to be read as references to a list of the different ones: a kilobyte can name gigabytes."""
    from pyarrow import parquet

    metadata = parquet.read_metadata(raw)
    raw.seek(0)
    leaves = [metadata.schema.column(i) for i in range(metadata.num_columns)]
    texts = [x.path for x in leaves if x.physical_type == "BYTE_ARRAY" and x.logical_type.type != "DECIMAL"]
    return parquet.ParquetFile(raw, buffer_size=_BUFFER, read_dictionary=texts)


def _check_columns(names: list[str], source: Source) -> None:
    fault = without_column([dict.fromkeys(names, "-")], source.text.partition(".")[0])
    if fault:
        raise DataError(f"{source.paths[0]}: {fault}")


def _check_rows(metadata: Any, path: str) -> None:
    """Hold the rows of all groups against those of the file: by a forged or damaged number, rows would go unseen."""
    there = sum(metadata.row_group(i).num_rows for i in range(metadata.num_row_groups))
    if there != metadata.num_rows:
        raise DataError(f"{path} says that it has {metadata.num_rows} rows, and its groups have {there}; write it anew")


def _batch_rows(batch: Any) -> Iterator[Mapping[str, Any]]:
    if sum(map(_n_bytes, batch.columns)) <= _BATCH_BYTES:
        yield from _rows_of(batch)
        return
    for i in range(batch.num_rows):
        row = batch.slice(i, 1)
        sizes = dict(zip(batch.schema.names, map(_n_bytes, row.columns), strict=True))
        if sum(sizes.values()) <= _ROW_BYTES:
            yield from _rows_of(row)
        else:
            kept = row.select([name for name in sizes if sizes[name] <= _CELL_BYTES])
            yield next(_rows_of(kept)) | {_LONG: _Broken()}


def _n_bytes(array: Any) -> int:
    """Bytes of what an array refers to, each as often as it does."""
    import pyarrow as pa
    from pyarrow import compute

    if pa.types.is_dictionary(array.type):
        return compute.sum(compute.binary_length(array.dictionary).take(array.indices)).as_py() or 0
    if pa.types.is_struct(array.type):
        return sum(map(_n_bytes, array.flatten()))
    if pa.types.is_map(array.type):
        start, end = array.offsets[0].as_py(), array.offsets[-1].as_py()
        return sum(_n_bytes(part.slice(start, end - start)) for part in (array.keys, array.items))
    if pa.types.is_list(array.type) or pa.types.is_large_list(array.type):
        return _n_bytes(array.flatten())
    return int(array.nbytes)


def _rows_of(batch: Any) -> Iterator[dict[str, Any]]:
    try:
        yield from batch.to_pylist()
    except (ValueError, OverflowError):
        # One value that Python cannot hold spoils the whole list: cell by cell it spoils only its row.
        for i in range(batch.num_rows):
            yield {name: _cell(batch.column(name)[i]) for name in batch.schema.names}


class _Broken(dict[str, str]):
    """A cell that Python cannot hold, as base64 or as Arrow shows it."""


def _cell(scalar: Any) -> Any:
    import pyarrow as pa

    scalar = scalar.value if isinstance(scalar, pa.DictionaryScalar) and scalar.is_valid else scalar
    try:
        return scalar.as_py()
    except (ValueError, OverflowError):
        pass
    try:
        return _Broken(base64=base64.b64encode(scalar.as_buffer().to_pybytes()).decode("ascii"))
    except AttributeError:
        return _Broken(value=str(scalar.cast("int64")) if hasattr(scalar, "cast") else "")


def _row(row: Mapping[str, Any], where: str, text: str) -> Row:
    broken = [name for name, value in row.items() if isinstance(value, _Broken) or (name == text and _is_binary(value))]
    fault = f"column '{broken[0]}' holds what cannot be read, such as text that is no UTF-8" if broken else ""
    if _LONG in broken:
        fault = f"the row is longer than {_ROW_BYTES} bytes; what is kept of it are its short columns"
    # Bytes that are no text are told as such: in base64 they would be taken for a title.
    plain = {
        name: {"base64": _plain(value)} if _is_binary(value) else _plain(value)
        for name, value in row.items() if name != _LONG
    }  # fmt: skip
    data = json.dumps(plain, ensure_ascii=False)
    return Row(where, "table", data.encode("utf-8"), fault=fault)


def _is_binary(value: Any) -> bool:
    """Bytes that are no text."""
    if not isinstance(value, bytes):
        return False
    try:
        return "\0" in value.decode("utf-8")
    except UnicodeDecodeError:
        return True


def _plain(value: Any) -> Any:
    """A value of Arrow's as JSON can hold it."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii") if _is_binary(value) else value.decode("utf-8")
    if value is None or isinstance(value, (str, int)):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
