"""Reuters-21578, English, 1987: hard-wrapped lines, «Reuter» as signature, topics as tags."""

import re

from svodka.article import Article
from svodka.data.sources.rows import Row, string, strings

COLUMNS = ("title", "body", "topics")

_SIGNATURE = re.compile(r"\s*\breuters?\b[\s\W]*$", re.IGNORECASE)
_PARAGRAPH = re.compile(r"\n {3,}")
_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}
_DATE = re.compile(r"(\d{1,2})-([A-Z]{3})-(\d{4})")


def article(row: Row) -> Article:
    """An article of a row; `extra` holds the places."""
    body = _SIGNATURE.sub("", string(row, "body"))
    paragraphs = (" ".join(part.split()) for part in _PARAGRAPH.split(body))
    return Article(
        text="\n".join(filter(None, paragraphs)),
        id=string(row, "id"),
        title=" ".join(string(row, "title").split()),
        tags=strings(row, "topics"),
        date=_day(string(row, "date")),
        lang="en",
        extra={"places": list(strings(row, "places"))},
    )


def _day(written: str) -> str:
    found = _DATE.search(written)
    if not found or found.group(2) not in _MONTHS:
        return ""
    return f"{found.group(3)}-{_MONTHS[found.group(2)]:02}-{int(found.group(1)):02}"
