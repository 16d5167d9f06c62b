"""Fontanka.ru, Saint Petersburg, 2022-23: one of 18 rubrics an article; paragraphs are glued («ТАСС.Из»)."""

import re

from svodka.article import Article
from svodka.data.sources.rows import Row, string
from svodka.data.sources.themes import EVERYDAY, themes

COLUMNS = ("title", "content", "topic")

# Between sentences, but not in «А.С.Пушкин», «Яндекс.Дзен» or «Газета.Ru».
_GLUED = re.compile(
    r"(?<!\b[А-ЯЁA-Z]\.)(?<!Яндекс\.)(?<=[\w»)\"%][.!?…]|[.!?…][»)\"])(?=[А-ЯЁ«—–]|[A-Z][a-z])(?!(?:РУ|Ру|Ru|Com)\b)"
)
# After a whole word, not after «корп.» or «ст.».
_GLUED_NUMBER = re.compile(r"(?:(?<=[а-яё]{5}\.)|(?<=\bгод[ау]\.))(?=\d)")

_INCIDENTS = ("авария", "преступление")
# Rubric -> what its headlines are searched for, as the rubric itself does not tell it.
_THEMES = {
    "Происшествия": ("война", *_INCIDENTS),
    "Город": ("война", *EVERYDAY),
    "Общество": ("война", *EVERYDAY),
    "Власть": ("война",),
    "Политика": ("война",),
}


def article(row: Row) -> Article:
    """An article of a row; `extra` holds the rubric, a page of the site and so no tag, and what the headline names."""
    title, rubric = string(row, "title"), string(row, "topic")
    return Article(
        text=unglued(string(row, "content")),
        title=title,
        date=string(row, "datetime")[:10],
        url=string(row, "url"),
        lang="ru",
        extra={"rubric": rubric, "themes": _themes(rubric, title)},
    )


def unglued(text: str) -> str:
    """The text with its paragraphs on lines of their own."""
    return _GLUED_NUMBER.sub("\n", _GLUED.sub("\n", text))


def _themes(rubric: str, title: str) -> list[str]:
    # Where there is war or an explosion, fires and victims are no accident for sure.
    if rubric in _THEMES and themes(title, ("война", "взрыв")):
        return themes(title, [name for name in _THEMES[rubric] if name not in _INCIDENTS])
    return themes(title, _THEMES.get(rubric, ()))
