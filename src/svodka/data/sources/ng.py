"""Nezavisimaya Gazeta, 2008-18, as scraped for keyword extraction; the summary is a subtitle, often empty."""

import re

from svodka.article import Article
from svodka.data.sources.rows import Row, string, strings

COLUMNS = ("title", "summary", "content", "keywords")

_DATE_IN_URL = re.compile(r"/(\d{4}-\d\d-\d\d)/")
# Correspondents' towns close a text, on a line of their own without a full stop.
_DATELINE = re.compile(r"\n[А-ЯЁ][а-яё-]+(?:[ –—-]+[А-ЯЁ][а-яё-]+){0,4}\s*$")
_RELATED = re.compile(r"^\s*читайте также\s*:?.*$", re.IGNORECASE | re.MULTILINE)


def article(row: Row) -> Article:
    """An article of a row; the date is the one in its address."""
    url = string(row, "url")
    date = _DATE_IN_URL.search(url)
    return Article(
        text=_DATELINE.sub("", _RELATED.sub("", string(row, "content")).strip()),
        title=string(row, "title"),
        summary=string(row, "summary"),
        tags=strings(row, "keywords"),
        date=date.group(1) if date else "",
        url=url,
        lang="ru",
    )
