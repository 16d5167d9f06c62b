"""The tables: results for people to query, and the ledger of what has been done."""

import sqlalchemy as sa
from sqlalchemy import Column, Table, Text
from sqlalchemy.dialects import postgresql

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
TAGS = Table(
    "svodka_tags", METADATA,
    Column("article_id", Text, sa.ForeignKey(ARTICLES.c.id, ondelete="CASCADE"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("score", sa.Float, nullable=False),
    Column("evidence", _JSON, nullable=False),
    sa.Index("svodka_tags_by_name", "name", "score"),
)  # fmt: skip
TOPICS = Table(
    "svodka_topics", METADATA,
    Column("article_id", Text, sa.ForeignKey(ARTICLES.c.id, ondelete="CASCADE"), primary_key=True),
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("score", sa.Float, nullable=False),
    Column("sure", sa.Boolean, nullable=False),
    sa.Index("svodka_topics_by_id", "id", "score"),
)  # fmt: skip
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
RESULT_TABLES = (ARTICLES, TAGS, TOPICS, REJECTS)
