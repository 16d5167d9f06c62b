"""The tables: results for people to query, and the ledger of what has been done."""

from typing import Any, Literal, get_origin, get_type_hints

import sqlalchemy as sa
from sqlalchemy import Column, Table, Text
from sqlalchemy.dialects import postgresql

from svodka.article import RESULT_LISTS

LEDGER_FORMAT = 1

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

METADATA = sa.MetaData()
ARTICLES = Table(
    "svodka_articles", METADATA,
    Column("id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("date", sa.Date, index=True),
    Column("source", Text, nullable=False),
    Column("lang", Text, nullable=False),
    Column("summary", Text),
    Column("kind", Text),
    Column("note", Text, nullable=False),
    Column("cut", sa.Integer, nullable=False),
    Column("model", Text, nullable=False),
    Column("annotated_at", sa.DateTime(timezone=True), nullable=False, index=True),
    Column("place", Text, nullable=False),
    Column("extra", _JSON, nullable=False),
)  # fmt: skip
TEXTS = Table(
    "svodka_texts", METADATA,
    Column("article_id", Text, sa.ForeignKey(ARTICLES.c.id, ondelete="CASCADE"), primary_key=True),
    Column("text", Text, nullable=False),
)  # fmt: skip


def _list_table(name: str, record: type) -> Table:
    """The table of one list of an annotation: a column for each field of its record."""
    hints = get_type_hints(record)
    first = next(iter(hints))
    keys = {first, "kind"} & set(hints)
    columns = [
        # With a default, so that a table from before the column can be given it.
        Column(field, kind, primary_key=field in keys, nullable=False, server_default="[]" if kind is _JSON else None)
        for field, kind in ((field, _sql_type(hint)) for field, hint in hints.items())
    ]
    owner = Column("article_id", Text, sa.ForeignKey(ARTICLES.c.id, ondelete="CASCADE"), primary_key=True)
    index = [sa.Index(f"svodka_{name}_by_{first}", first, *(["score"] if "score" in hints else []))]
    return Table(f"svodka_{name}", METADATA, owner, *columns, *index)


def _sql_type(hint: Any) -> Any:
    if get_origin(hint) is Literal:
        return Text
    return {str: Text, float: sa.Float, int: sa.Integer, bool: sa.Boolean}.get(hint, _JSON)


LISTS = {name: _list_table(name, record) for name, record in RESULT_LISTS.items()}
REJECTS = Table(
    "svodka_rejects", METADATA,
    Column("key", sa.String(32), primary_key=True),
    Column("place", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("raw", Text, nullable=False),
    Column("rejected_at", sa.DateTime(timezone=True), nullable=False),
)  # fmt: skip
LEDGER = Table(
    "svodka_ledger", METADATA,
    Column("key", sa.String(32), primary_key=True),
    Column("digest", sa.String(32), nullable=False),
    Column("source", sa.String(32), nullable=False, index=True),
    Column("nth", sa.Integer, nullable=False),
)  # fmt: skip
SOURCES = Table(
    "svodka_sources", METADATA,
    Column("key", sa.String(32), primary_key=True),
    Column("place", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("read_at", sa.DateTime(timezone=True), nullable=False),
)  # fmt: skip
OUTPUTS = Table(
    "svodka_outputs", METADATA,
    Column("name", sa.String(32), primary_key=True),
    Column("bytes", sa.Integer, nullable=False),
)  # fmt: skip
FORMAT = Table("svodka_format", METADATA, Column("number", sa.Integer, primary_key=True))

LEDGER_TABLES = (LEDGER, SOURCES, FORMAT)
RESULT_TABLES = (ARTICLES, TEXTS, *LISTS.values(), REJECTS)
