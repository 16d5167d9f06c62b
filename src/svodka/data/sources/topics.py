"""Small multilingual sets with topics given by people: Kyrgyz news, and the sentences of SIB-200."""

import re

from svodka.article import Article
from svodka.data.sources.rows import Row, string
from svodka.errors import DataError

KYRGYZ_COLUMNS = ("text", "labels_set")
SIB200_COLUMNS = ("text", "category", "lang")

# A teaser of another article: «Тектеш» on a line, its headline on the next, which begins with a blank.
_RELATED = re.compile(r"^Тектеш[^\n]*\n [^\n]*\n?\s*", re.MULTILINE)
_ISO_639_1 = {
    "rus": "ru", "kaz": "kk", "kir": "ky", "ukr": "uk", "bel": "be", "uzn": "uz", "eng": "en", "tat": "tt",
    "tgk": "tg",
}  # fmt: skip


def kyrgyz(row: Row) -> Article:
    """An article of 24.kg with its topics."""
    topics = [topic.strip() for topic in string(row, "labels_set").split(",")]
    return Article(
        text=_RELATED.sub("", string(row, "text")),
        id=string(row, "id"),
        tags=tuple(topic for topic in topics if topic),
        lang="ky",
    )


def sib200(row: Row) -> Article:
    """A sentence with its topic; its translations, which share `group` in `extra`, stay in one split."""
    code = string(row, "lang").partition("_")[0]
    if code not in _ISO_639_1:
        raise DataError(f"column 'lang': unknown language '{string(row, 'lang')}'; known: {', '.join(_ISO_639_1)}")
    index = string(row, "index_id")
    return Article(
        text=string(row, "text"),
        id=f"{_ISO_639_1[code]}-{index}" if index else "",
        tags=(string(row, "category"),),
        lang=_ISO_639_1[code],
        extra={"group": index} if index else {},
    )
