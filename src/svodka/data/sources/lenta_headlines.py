"""Headlines of Lenta.ru, March and April 2024, one of 17 rubrics each. The headline is all the text there is."""

from svodka.article import Article
from svodka.data.sources.rows import Row, string

COLUMNS = ("titles", "topics", "dates")


def article(row: Row) -> Article:
    """An article whose text is the headline and whose tag is the rubric."""
    rubric = string(row, "topics")
    return Article(
        text=string(row, "titles"),
        tags=(rubric,) if rubric else (),
        date=string(row, "dates").replace("/", "-"),
        lang="ru",
    )
