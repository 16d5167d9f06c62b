"""A connection to SQLite or PostgreSQL, in whose transactions nothing is lost by a kill."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Engine, Table, create_engine, event, inspect, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.schema import CreateColumn

from svodka.errors import ConfigError

_BUSY_SECONDS = 30
_JSON = partial(json.dumps, ensure_ascii=False)
_EXAMPLES = "sqlite:///news.db or postgresql://user@host/name"
_SQLITE_SUFFIXES = (".db", ".sqlite", ".sqlite3")
_DIALECTS: dict[str, Callable[[Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def database_url(text: str) -> URL:
    """A SQLAlchemy URL, checked; a plain path that ends in .db, .sqlite or .sqlite3 is a SQLite file.

    Raises:
        ConfigError: no URL, or of a database other than SQLite and PostgreSQL.
    """
    try:
        url = make_url(text) if "://" in text else _sqlite_file(text)
        if url.drivername in ("postgresql", "postgres"):
            url = url.set(drivername="postgresql+psycopg")
        name = url.get_dialect().name
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError) as error:
        # The text may hold a password.
        raise ConfigError(f"--database is no URL of a database: {type(error).__name__}; {_EXAMPLES}") from error
    if name not in _DIALECTS:
        raise ConfigError(f"--database names {name}; allowed: {_EXAMPLES}")
    if name == "sqlite" and url.database in (None, "", ":memory:"):
        raise ConfigError(f"--database in memory would keep nothing; name a file, as in {_EXAMPLES}")
    if url.drivername == "postgresql+psycopg" and find_spec("psycopg") is None:
        raise ConfigError("PostgreSQL needs a driver; install it by pip install 'svodka[postgresql]'")
    return url


def _sqlite_file(text: str) -> URL:
    # Without an ending it may well be the name of a database on a server, or of nothing.
    if not text.lower().endswith(_SQLITE_SUFFIXES):
        # The text may hold a password.
        endings = ", ".join(_SQLITE_SUFFIXES)
        raise ConfigError(f"--database is neither a URL nor a file that ends in {endings}; write it as {_EXAMPLES}")
    return URL.create("sqlite", database=text)


def open_engine(url: URL) -> Engine:
    """Engine for a checked URL; a SQLite file's folder is made."""
    if url.get_dialect().name != "sqlite":
        return create_engine(url, pool_pre_ping=True, json_serializer=_JSON)
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, json_serializer=_JSON, connect_args={"timeout": _BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        # sqlite3 would begin transactions by rules of its own.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def columns_there(connection: Connection, table: Table) -> list[Column[Any]]:
    """Those columns of a table that the database has; one from before a column lacks it."""
    there = {column["name"] for column in inspect(connection).get_columns(table.name)}
    return [column for column in table.c if column.name in there]


def add_columns(connection: Connection, tables: Sequence[Table]) -> None:
    """Give tables from before a column that column."""
    for table in tables:
        there = {column.name for column in columns_there(connection, table)}
        for column in (column for column in table.c if column.name not in there):
            made = CreateColumn(column).compile(dialect=connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {made}")


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, or replace those that stand under the same primary key."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    statement = _DIALECTS[connection.dialect.name](table)
    rest = {column.name: statement.excluded[column.name] for column in table.c if not column.primary_key}
    # In the order of their keys, so that two writers of the same rows wait for each other and do not lock up.
    ordered = sorted(rows, key=lambda row: [row[name] for name in keys])
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=rest), ordered)
