"""RIA Novosti, 2023 and 2025: some five tags an article, one of three rubrics or none.

The subtitle is a second headline, not a summary. A body opens with a dateline; two blanks stand between paragraphs.
"""

import ast
import re

from svodka.article import Article
from svodka.data.sources.rows import Row, string
from svodka.errors import DataError

COLUMNS = ("title", "content", "tags")

# «ИСЛАМАБАД, 17 окт - РИА Новости.», «СИРИУС (Краснодарский край), 29 ноя — РИА Новости, Анна Белова.»
_DATELINE = re.compile(r"^[А-ЯЁ][^.]{0,80}?, \d{1,2} [а-я]{3,8}\.? ?[-–—] ?(?:РИА Новости|Прайм)[^.]{0,60}\.\s*")
_TAIL = re.compile(r"\s*(?:Полный текст[^\n]*>>|\n\*+ ?[^\n]*)\s*$")
_PARAGRAPH = re.compile(r"[ \xa0]{2,}")
# «Центральный Банк РФ (ЦБ РФ)», «Форум "Сделано в России"»: what a tag's normal form would leave with one half.
_EXPLANATION = re.compile(r"\s*\([^()]*\)|[\"«»]")
_DATE = re.compile(r"(\d\d)\.(\d\d)\.(\d{4})")


def article(row: Row) -> Article:
    """An article of a row; `extra` holds the rubric where there is one."""
    rubric = string(row, "topic")
    return Article(
        text=body(string(row, "content")),
        id=str(row["id"]) if row.get("id") else "",
        title=string(row, "title"),
        tags=tuple(dict.fromkeys(filter(None, (_EXPLANATION.sub("", tag) for tag in _tags(row))))),
        date=_day(string(row, "datetime")),
        url=string(row, "url"),
        lang="ru",
        extra={"rubric": rubric} if rubric else {},
    )


def body(content: str) -> str:
    """The article's own paragraphs, without dateline, footnotes and the pointer to the full text."""
    text, before = _PARAGRAPH.sub("\n", _DATELINE.sub("", content.strip())), None
    while text != before:
        text, before = _TAIL.sub("", text), text
    return text


def _tags(row: Row) -> list[str]:
    """Tags: a list, or a string that holds one as Python or JSON writes it.

    Raises:
        DataError: neither.
    """
    value = row["tags"]
    if isinstance(value, str):
        try:
            value = ast.literal_eval(value)
        except (ValueError, SyntaxError, RecursionError, MemoryError) as error:
            raise DataError(f"column 'tags' holds no list: {value[:60]!r}") from error
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        raise DataError(f"column 'tags' must hold a list of strings, got {type(value).__name__}")
    return value


def _day(written: str) -> str:
    found = _DATE.search(written)
    return f"{found.group(3)}-{found.group(2)}-{found.group(1)}" if found else ""
