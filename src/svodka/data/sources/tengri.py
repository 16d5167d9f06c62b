"""Long reads of Tengrinews.kz, Kazakhstan, 2023-24, with tags."""

from svodka.article import Article
from svodka.data.sources.rows import Row, string, strings

COLUMNS = ("title", "main_text", "project_tags")


def article(row: Row) -> Article:
    """An article of a row."""
    return Article(
        text=string(row, "main_text"),
        id=string(row, "project_id"),
        title=string(row, "title"),
        tags=strings(row, "project_tags"),
        date=string(row, "project_date")[:10],
        url=string(row, "main_link"),
        lang="ru",
    )
