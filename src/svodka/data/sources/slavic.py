"""News of the SlavicNER shared tasks in six Slavic languages, gathered around events."""

from svodka.article import Article
from svodka.data.sources.rows import Row, string

COLUMNS = ("title", "body", "lang")


def article(row: Row) -> Article:
    """An article of a row; `extra` holds the event."""
    event, name = string(row, "event"), string(row, "file")
    return Article(
        text=string(row, "body"),
        id=f"{event}-{string(row, 'lang')}-{name}" if name else "",
        title=string(row, "title"),
        lang=string(row, "lang"),
        extra={"event": event},
    )
