"""Nezavisimaya Gazeta, 2008-18, as scraped for keyword extraction; the summary is a subtitle, often empty."""

import re

from svodka.article import Article
from svodka.data.sources.rows import Row, string, strings

COLUMNS = ("title", "summary", "content", "keywords")

# Some addresses stand inside another one: «?p=http://www.ng.ru/world/…».
_SECTION_IN_URL = re.compile(r"https?://[^/]*ng\.ru/([\w-]+)/\d")
_DATE_IN_URL = re.compile(r"/(\d{4}-\d\d-\d\d)/")
# Correspondents' towns close a text, on a line of their own without a full stop.
_DATELINE = re.compile(r"\n[А-ЯЁ][а-яё-]+(?:[ –—-]+[А-ЯЁ][а-яё-]+){0,4}\s*$")
_RELATED = re.compile(r"^\s*читайте также\s*:?.*$", re.IGNORECASE | re.MULTILINE)


def article(row: Row) -> Article:
    """An article of a row; the date is the one in its address, `extra` holds the section of the site."""
    url = string(row, "url")
    date, section = _DATE_IN_URL.search(url), _SECTION_IN_URL.search(url)
    return Article(
        text=_DATELINE.sub("", _RELATED.sub("", string(row, "content")).strip()),
        title=string(row, "title"),
        summary=string(row, "summary"),
        tags=strings(row, "keywords"),
        date=date.group(1) if date else "",
        url=url,
        lang="ru",
        extra={"section": section.group(1) if section else ""},
    )
