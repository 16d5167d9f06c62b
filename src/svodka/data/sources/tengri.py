"""Long reads of Tengrinews.kz, Kazakhstan, 2023-24, with tags; the page prints them under the text, one a line."""

from collections.abc import Sequence

from svodka.article import Article
from svodka.data.sources.rows import Row, string, strings
from svodka.text import normalise_tag

COLUMNS = ("title", "main_text", "project_tags")


def article(row: Row) -> Article:
    """An article of a row."""
    tags = strings(row, "project_tags")
    return Article(
        text=body(string(row, "main_text"), tags),
        id=string(row, "project_id"),
        title=string(row, "title"),
        tags=tags,
        date=string(row, "project_date")[:10],
        url=string(row, "main_link"),
        lang="ru",
    )


def body(text: str, tags: Sequence[str]) -> str:
    """The text without the lines at its end that are tags."""
    own = {normalise_tag(tag) for tag in tags}
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    while lines and normalise_tag(lines[-1]) in own:
        lines.pop()
    return "\n".join(lines)
