"""The articles that `svodka watch` has annotated, read from its database and never written."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, inspect, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from svodka.errors import SvodkaError
from svodka.serve.desk.shown import Shown, numbers
from svodka.watch.database import database_url
from svodka.watch.tables import ARTICLES, LISTS


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
        """The articles that were annotated last, the last one first.

        Raises:
            SvodkaError: the database cannot be read.
        """
        if self._file is not None and not self._file.exists():
            return []
        query = select(ARTICLES).order_by(ARTICLES.c.annotated_at.desc(), ARTICLES.c.id).limit(most)
        try:
            with self._engine.connect() as connection:
                if not inspect(connection).has_table(ARTICLES.name):
                    return []
                rows = [dict(row) for row in connection.execute(query).mappings()]
                lists = {name: _lists(connection, name, [row["id"] for row in rows]) for name in LISTS}
        except SQLAlchemyError as error:
            # Its own message may hold the password of the address.
            raise SvodkaError(
                f"--database cannot be read: {type(error).__name__}; is it up, and may it be read?"
            ) from error
        return [_shown(row, {name: found.get(row["id"], []) for name, found in lists.items()}) for row in rows]


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
    found: dict[str, list[dict[str, Any]]] = {}
    for row in connection.execute(select(table).where(table.c.article_id.in_(ids)).order_by(order)).mappings():
        found.setdefault(row["article_id"], []).append({k: v for k, v in row.items() if k != "article_id"})
    return found


def _shown(row: Mapping[str, Any], lists: Mapping[str, list[dict[str, Any]]]) -> Shown:
    """The database keeps no text: what is known of it are the sentences behind the tags."""
    evidence = {sentence: None for tag in lists["tags"] for sentence in tag["evidence"] if sentence != row["title"]}
    sentences = [row["title"], *evidence]
    summary = {"text": row["summary"], "kind": row["kind"], "note": row["note"]} if row["summary"] else None
    return Shown(
        id=row["id"], origin="watch", at=_utc(row["annotated_at"]), model=row["model"],
        title=row["title"], date=str(row["date"] or ""), source=row["source"], url=row["url"],
        paragraphs=tuple((sentence,) for sentence in evidence), whole=False,
        topics=tuple(lists["topics"]),
        tags=tuple(tag | {"evidence": numbers(tag["evidence"], sentences)} for tag in lists["tags"]),
        summary=summary, unsupported=None,
        entities=tuple(lists["entities"]) or None, cut=row["cut"],
    )  # fmt: skip


def _utc(at: datetime) -> str:
    # SQLite gives back no zone.
    return (at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)).isoformat(timespec="seconds")
