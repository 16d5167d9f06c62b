"""The articles that `svodka watch` has annotated, read from its database and never written."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, inspect, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from svodka.article import Article
from svodka.errors import DataError, SvodkaError
from svodka.inputs.checking import checked
from svodka.serve.desk.shown import Shown, in_sentences, numbered, unsupported
from svodka.watch.database import columns_there, database_url
from svodka.watch.tables import ARTICLES, LISTS, TEXTS

_Lists = Mapping[str, list[dict[str, Any]]]


class Archive:
    """Reads the last articles of a database of `svodka watch`."""

    def __init__(self, database: str) -> None:
        """Name a database, which need not be there yet.

        Args:
            database: a URL or file, as `svodka watch --database` takes it.

        Raises:
            ConfigError: no URL of SQLite or PostgreSQL.
        """
        url = database_url(database)
        self._file = Path(str(url.database)).resolve() if url.get_dialect().name == "sqlite" else None
        self._engine = _reading_engine(url, self._file)

    def latest(self, most: int) -> list[Shown]:
        """The articles that were annotated last, the last one first, without their texts.

        Raises:
            SvodkaError: the database cannot be read.
        """
        with self._reading() as connection:
            if connection is None:
                return []
            query = select(ARTICLES).order_by(ARTICLES.c.annotated_at.desc(), ARTICLES.c.id).limit(most)
            rows = [dict(row) for row in connection.execute(query).mappings()]
            lists = {name: _lists(connection, name, [row["id"] for row in rows]) for name in LISTS}
        return [_shown(row, {name: found.get(row["id"], []) for name, found in lists.items()}) for row in rows]

    def find(self, article: str) -> Shown | None:
        """An article by its id, with its text where that is kept; None where there is none.

        Raises:
            SvodkaError: the database cannot be read.
        """
        with self._reading() as connection:
            query = select(ARTICLES).where(ARTICLES.c.id == article)
            row = None if connection is None else connection.execute(query).mappings().first()
            if connection is None or row is None:
                return None
            lists = {name: _lists(connection, name, [article]).get(article, []) for name in LISTS}
            text = _text(connection, article)
        found = _shown(dict(row), lists)
        return _with_text(found, text, row["lang"], lists) if text else found

    @contextmanager
    def _reading(self) -> Iterator[Connection | None]:
        """A connection; None where `watch` has made no tables yet."""
        if self._file is not None and not self._file.exists():
            yield None
            return
        try:
            with self._engine.connect() as connection:
                yield connection if inspect(connection).has_table(ARTICLES.name) else None
        except SQLAlchemyError as error:
            # Its own message may hold the password of the address.
            raise SvodkaError(
                f"--database cannot be read: {type(error).__name__}; is it up, and may it be read?"
            ) from error


def _reading_engine(url: URL, file: Path | None) -> Engine:
    if file is None:
        return create_engine(url, pool_pre_ping=True, execution_options={"postgresql_readonly": True})
    query = {"mode": "ro", "uri": "true"}
    return create_engine(URL.create("sqlite", database=f"file:{quote(str(file))}", query=query))


def _lists(connection: Connection, name: str, ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Article id -> its rows of one list, in the order in which an annotation has them."""
    table = LISTS[name]
    if not inspect(connection).has_table(table.name):
        return {}
    order = next(table.c[column].desc() for column in ("score", "count") if column in table.c)
    query = select(*columns_there(connection, table)).where(table.c.article_id.in_(ids)).order_by(order)
    without: dict[str, Any] = {"evidence": []} if "evidence" in table.c else {}
    found: dict[str, list[dict[str, Any]]] = {}
    for row in connection.execute(query).mappings():
        found.setdefault(row["article_id"], []).append(without | {k: v for k, v in row.items() if k != "article_id"})
    return found


def _text(connection: Connection, article: str) -> str:
    if not inspect(connection).has_table(TEXTS.name):
        return ""
    return connection.scalar(select(TEXTS.c.text).where(TEXTS.c.article_id == article)) or ""


def _shown(row: Mapping[str, Any], lists: _Lists) -> Shown:
    """An article without its text: what is shown of it are the sentences behind its topics and tags."""
    labels = [*lists["topics"], *lists["tags"]]
    evidence = {sentence: None for label in labels for sentence in label["evidence"] if sentence != row["title"]}
    sentences = [row["title"], *evidence]
    summary = {"text": row["summary"], "kind": row["kind"], "note": row["note"]} if row["summary"] else None
    return Shown(
        id=row["id"], origin="watch", at=_utc(row["annotated_at"]), model=row["model"],
        title=row["title"], date=str(row["date"] or ""), source=row["source"], url=row["url"],
        paragraphs=tuple((sentence,) for sentence in evidence), whole=False,
        topics=numbered(lists["topics"], sentences), tags=numbered(lists["tags"], sentences),
        summary=summary, unsupported=None,
        entities=tuple(lists["entities"]) or None, cut=row["cut"],
    )  # fmt: skip


def _with_text(found: Shown, text: str, language: str, lists: _Lists) -> Shown:
    """The article with its whole text, put in order as it was when it was annotated."""
    try:
        article = checked(Article(text, title=found.title, lang=language))
    except DataError:  # by an older version, which took it for an article
        return found
    paragraphs = in_sentences(article.text, article.lang)
    whole = replace(found, title=article.title, paragraphs=paragraphs, whole=True)
    return replace(
        whole,
        topics=numbered(lists["topics"], whole.sentences),
        tags=numbered(lists["tags"], whole.sentences),
        unsupported=unsupported(found.summary["text"], article) if found.summary else None,
    )


def _utc(at: datetime) -> str:
    # SQLite gives back no zone.
    return (at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)).isoformat(timespec="seconds")
