"""Tables of one's own: JSON, CSV and Parquet, read as every command reads them."""

from collections.abc import Iterator
from dataclasses import replace

from svodka.article import Article
from svodka.config.data import SourceConfig
from svodka.errors import DataError
from svodka.inputs.days import day_of
from svodka.inputs.readers import read_rows
from svodka.inputs.reject import Reject
from svodka.inputs.rows import Reading, read_row
from svodka.inputs.sources import Inputs, Source, kind_of
from svodka.inputs.streams import Meter

_KINDS = {"jsonl": ("lines", "json"), "csv": ("csv",), "parquet": ("parquet",)}


def tables(config: SourceConfig) -> Iterator[Article | Reject]:
    """Articles of a `jsonl`, `csv` or `parquet` source: a file, or a folder of such files.

    Raises:
        DataError: the column of the text is missing, or the file is none of its kind.
    """
    if config.path is None:
        raise DataError(f"a source of kind '{config.kind}' needs source.path")
    name, number = config.path.name.split(".")[0], 0
    reading = Reading(None, tuple(config.fields.items()), separator=config.separator)
    for source in _sources(config):
        for row in read_rows(source, Meter()):
            number += 1
            found = read_row(replace(row, name=f"{name}-{number:06}"), reading)
            yield found if isinstance(found, Reject) else _usable(found, row.where, name)


def _usable(article: Article, where: str, name: str) -> Article | Reject:
    """The article with what a corpus needs of a row: tags one by one, a day; other columns are left out."""
    tags = article.extra.get("tags")
    if isinstance(tags, str):
        fault = f"the column 'tags' is one string, {tags[:40]!r}; name what separates them by source.separator"
        return Reject("unusable", where, fault)
    date = article.date or day_of(article.extra.get("date"))
    return replace(article, source=article.source or name, date=date, extra={})


def _sources(config: SourceConfig) -> Iterator[Source]:
    path, kinds, text = str(config.path), _KINDS[config.kind], config.fields.get("text", "text")
    if config.path is not None and config.path.is_dir():
        found = Inputs((path,), fields=tuple(config.fields.items()))
        found.check()
        yield from (source for source in found.sources() if source.kind in kinds)
    else:
        kind = kind_of(path)
        yield Source(kind if kind in kinds else kinds[0], (path,), text)
