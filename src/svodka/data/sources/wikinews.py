"""Russian Wikinews with the entities of NEREL: the first line is the headline, then often captions of pictures."""

import re

from svodka.article import Article
from svodka.data.sources.rows import Row, string
from svodka.errors import DataError

COLUMNS = ("text", "entities")

_ITALICS = re.compile("'{2,5}")
_SENTENCE = re.compile(r"[.!?…:;»\")]\s*$")
_MOST_CAPTION_WORDS = 16


def article(row: Row) -> Article:
    """An article of a row; `extra` holds `entities`, a list of [type, mention]."""
    title, _, body = _ITALICS.sub("", string(row, "text")).strip().partition("\n")
    entities = row["entities"]
    if not isinstance(entities, list):
        raise DataError(f"column 'entities' must be a list, got {type(entities).__name__}")
    return Article(
        text="\n".join(_without_captions([line.strip() for line in body.split("\n") if line.strip()])),
        id=string(row, "id"),
        title=title.strip(),
        lang="ru",
        extra={"entities": [list(pair) for pair in entities]},
    )


def _without_captions(lines: list[str]) -> list[str]:
    """Captions stand before the first paragraph: short lines that are no sentence."""
    for start, line in enumerate(lines):
        if _SENTENCE.search(line) or len(line.split()) > _MOST_CAPTION_WORDS:
            return lines[start:]
    return lines
