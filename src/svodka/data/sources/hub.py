"""Data sets of the hub, read as a stream through `datasets` at a pinned revision."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from svodka.article import Article
from svodka.config.data import SourceConfig
from svodka.data.sources.rows import Located, read_articles
from svodka.errors import DataError
from svodka.inputs.cells import article_of
from svodka.inputs.reject import Reject

# Where a set's columns have other names than the fields; source.fields comes first.
FIELDS = {
    "reciTAL/mlsum": {"tags": "topic"},
    "yutkin/Lenta.Ru-News-Dataset": {"tags": "topic"},
}
# A topic is one tag, whatever commas it has.
_SEPARATORS = {"reciTAL/mlsum": "\n", "yutkin/Lenta.Ru-News-Dataset": "\n"}
_FORMATS = {".parquet": "parquet", ".jsonl": "json", ".json": "json", ".csv": "csv"}


def hub(config: SourceConfig) -> Iterator[Article | Reject]:
    """Articles of the splits that the config names, one after another.

    Raises:
        DataError: no network, no such data set, revision or column.
    """
    name = str(config.dataset)
    fields = FIELDS.get(name, {}) | config.fields
    separator = config.separator or _SEPARATORS.get(name)
    build = partial(article_of, fields=fields, separator=separator)
    columns = list(dict.fromkeys([fields.get("text", "text"), *fields.values()]))
    short = Path(name).name
    for split in config.splits:
        yield from read_articles(_rows(config, split), build, columns=columns, name=f"{short}-{split}")


def _rows(config: SourceConfig, split: str) -> Iterator[Located]:
    number = 0
    try:
        for row in _open(config, split):
            number += 1
            yield f"{config.dataset} {split}:{number}", row
    except DataError:
        raise
    except Exception as error:  # whatever fsspec, the hub client or a parser raises, it is the data that failed
        raise DataError(
            f"cannot read {config.dataset} at revision {config.revision}, split '{split}', after {number} rows: "
            f"{type(error).__name__}: {str(error)[:300]}; it needs a network and the names as they are on the hub, "
            "or give files of your own as source.kind=jsonl source.path=…"
        ) from error


def _open(config: SourceConfig, split: str) -> Any:
    from datasets import load_dataset

    if config.files is None:
        return load_dataset(str(config.dataset), config.subset, revision=config.revision, split=split, streaming=True)
    files = data_files(config, split)
    suffix = next((s for s in reversed(Path(files).suffixes) if s in _FORMATS), "")
    if not suffix:
        raise DataError(f"source.files: cannot tell the format of {files}; it must end in one of {', '.join(_FORMATS)}")
    return load_dataset(_FORMATS[suffix], data_files={split: files}, split=split, streaming=True)


def data_files(config: SourceConfig, split: str) -> str:
    """Address of a split's files: the config's pattern, filled in; on the hub unless it names another place."""
    pattern = str(config.files)
    if "://" not in pattern and not Path(pattern).is_absolute():
        pattern = "hf://datasets/{dataset}@{revision}/" + pattern
    revision = str(config.revision)
    # A branch such as refs/convert/parquet has slashes, which would end the revision in an hf:// address.
    safe = quote(revision, safe="") if pattern.startswith("hf://") else revision
    return pattern.replace("{dataset}", str(config.dataset)).replace("{revision}", safe).replace("{split}", split)
