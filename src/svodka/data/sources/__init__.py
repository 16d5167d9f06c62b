"""Sources: one generator of articles a corpus, with its quirks inside."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from svodka.article import Article
from svodka.config.data import TABLES, SourceConfig
from svodka.data.sources import (
    fontanka,
    kommersant,
    lenta_headlines,
    ng,
    reuters,
    ria,
    rt,
    slavic,
    telegram,
    tengri,
    tg2019,
    topics,
    wikinews,
)  # fmt: skip
from svodka.data.sources.hub import hub
from svodka.data.sources.noise import noise
from svodka.data.sources.origins import CORPORA, Origin, origin_of
from svodka.data.sources.page_folder import page_folder
from svodka.data.sources.rows import Build, json_rows, read_articles
from svodka.data.sources.tables import tables
from svodka.errors import DataError
from svodka.inputs.reject import Reject
from svodka.labels import TagVocabulary

__all__ = ["CORPORA", "Origin", "origin_of", "read_source"]

# Corpus -> how a row becomes an article, and the columns that it needs.
_CORPUS_ROWS: dict[str, tuple[Build, Sequence[str]]] = {
    "rt": (rt.article, rt.COLUMNS),
    "ng": (ng.article, ng.COLUMNS),
    "lenta_headlines": (lenta_headlines.article, lenta_headlines.COLUMNS),
    "telegram": (telegram.post, telegram.POST_COLUMNS),
    "tg_silver": (telegram.silver, telegram.SILVER_COLUMNS),
    "wikinews": (wikinews.article, wikinews.COLUMNS),
    "reuters": (reuters.article, reuters.COLUMNS),
    "kyrgyz": (topics.kyrgyz, topics.KYRGYZ_COLUMNS),
    "sib200": (topics.sib200, topics.SIB200_COLUMNS),
    "slavic": (slavic.article, slavic.COLUMNS),
    "fontanka": (fontanka.article, fontanka.COLUMNS),
    "ria": (ria.article, ria.COLUMNS),
    "kommersant": (kommersant.article, kommersant.COLUMNS),
    "tengri": (tengri.article, tengri.COLUMNS),
    "tg2019": (tg2019.article, tg2019.COLUMNS),
}


def read_source(config: SourceConfig, vocabulary: TagVocabulary | None = None) -> Iterator[Article | Reject]:
    """Articles of a source in order, and what of it could not be used.

    Args:
        config: which source; its `languages` and `limit` are kept here.
        vocabulary: tags by which pages' lines of tags are split.

    Raises:
        DataError: the source is not there or not of its kind, or lacks a column.
    """
    if config.path is not None and not config.path.exists():
        raise DataError(f"no file or folder at {config.path}; name your copy of it by source.path=…")
    rows = _reader(config)(config, vocabulary)
    wanted = (row for row in rows if _in_languages(row, config.languages))
    yield from islice(wanted, config.limit)


def _reader(config: SourceConfig) -> Callable[[SourceConfig, TagVocabulary | None], Iterator[Article | Reject]]:
    if config.kind == "pages":
        return page_folder
    if config.kind == "hub":
        return lambda settings, _: hub(settings)
    if config.kind == "noise":
        return lambda settings, _: noise(settings)
    if config.kind in TABLES:
        return lambda settings, _: tables(settings)
    return lambda settings, _: _corpus(settings)


def _corpus(config: SourceConfig) -> Iterator[Article | Reject]:
    build, columns = _CORPUS_ROWS[config.kind]
    if config.path is None or not Path(config.path).is_file():
        raise DataError(f"the corpus '{config.kind}' is one .jsonl or .jsonl.gz file, got {config.path}")
    yield from read_articles(json_rows(config.path), build, columns=columns, name=config.kind)


def _in_languages(row: Article | Reject, languages: Sequence[str] | None) -> bool:
    return languages is None or isinstance(row, Reject) or row.lang in languages
