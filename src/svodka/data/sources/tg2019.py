"""News of some 700 outlets that were linked in Telegram in November 2019, with what each page says of itself.

A description is an editor's summary where it was written apart (`independent`), or is the lead that the page prints as
its first paragraph (`first_par`); the other kinds were cut from the text by a machine.
"""

import re

from svodka.article import Article
from svodka.data.sources.rows import Row, string
from svodka.text import words

COLUMNS = ("title", "text", "description", "description_kind")

_SUMMARIES = ("independent", "first_par")
_FEWEST_WORDS, _MOST_WORDS = 8, 60
_SCHEME = re.compile(r"^https?://(?:www\.)?")


def article(row: Row) -> Article:
    """An article of a row, with a summary where the description is one; its source is the outlet."""
    text, url, site = string(row, "text").strip(), string(row, "url"), string(row, "site").strip()
    kind, summary = string(row, "description_kind"), string(row, "description").strip()
    if kind not in _SUMMARIES or not _FEWEST_WORDS <= len(words(summary)) <= _MOST_WORDS:
        summary = ""
    elif kind == "first_par":
        # The paragraph is the summary but for spacing and signs, so that words alone may not match it.
        text = text.partition("\n")[2].strip()
    return Article(
        text=text,
        id=_SCHEME.sub("", url),
        title=_without_outlet(string(row, "title").strip(), site),
        summary=summary,
        date=string(row, "date")[:10],
        url=url,
        source=site,
        lang=string(row, "lang"),
    )


def _without_outlet(title: str, site: str) -> str:
    """«Заголовок - Вестник» of the outlet «Вестник» without its end."""
    head, dash, tail = re.sub(r"\s[|—–]\s", " - ", title).rpartition(" - ")
    return title[: len(head)].rstrip() if head and dash and tail.strip().lower() == site.lower() else title
