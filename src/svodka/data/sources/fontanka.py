"""Fontanka.ru, Saint Petersburg, 2022-23: one of 18 rubrics an article; paragraphs are glued («ТАСС.Из»)."""

import re

from svodka.article import Article
from svodka.data.sources.rows import Row, string

COLUMNS = ("title", "content", "topic")

# Between sentences, but not in «А.С.Пушкин», «Яндекс.Дзен» or «Газета.Ru».
_GLUED = re.compile(
    r"(?<![^\w][А-ЯЁA-Z])(?<!Яндекс)(?<=[\w»)\"%][.!?…]|[.!?…][»)\"])(?=[А-ЯЁ«—–]|[A-Z][a-z])(?!(?:РУ|Ру|Ru|Com)\b)"
)
_GLUED_NUMBER = re.compile(r"(?<=[а-яё]{5}\.)(?=\d)")

_INCIDENTS = "Происшествия"
# War is neither an accident nor a crime, though its news stand under the same rubric.
_WAR = re.compile(
    r"беспилотник|бпла|\bпво\b|дрон|ракет|обстрел|снаряд|всу\b|сво\b|минобороны|взрыв|взорва", re.IGNORECASE
)
_ACCIDENT = re.compile(
    r"пожар|загоре|сгоре|\bгор(?:ит|ят|ел)|возгоран|\bдтп\b|авари|столкн|врез|перевернул|опрокинул|\bсбил|\bзадавил"
    r"|утону|тонул|провалил|обруш|обвал|рухну|упал|сорвал|крушени|затоп|несчастн|пострадавш",
    re.IGNORECASE,
)
_CRIME = re.compile(
    r"задержа|арест|\bсуд(?:а|е|у|ом)?\b|приговор|осужд|осуди|колони[июея]|следств|следовател|следком|\bск\b|уголовн"
    r"|обвин|подозрева|подозрени|полици|убий|\bубил|\bубит|изби[лт]|ограб|краж|украл|украд|похи[тщ]|мошен|напал|напада"
    r"|изнасил|наркот|взятк|стрель|стрелял|зарез|\bнож(?:ом|а|е)?\b|\bмвд\b|\bфсб\b|прокур|обыск|розыск|преступ|вымога"
    r"|\bугна|угон|грабе[жл]|разбо[йю]|\bдрак",
    re.IGNORECASE,
)


def article(row: Row) -> Article:
    """An article of a row; `extra` holds the rubric. A rubric is no tag: it stands for a page of the site."""
    title = string(row, "title")
    return Article(
        text=unglued(string(row, "content")),
        title=title,
        date=string(row, "datetime")[:10],
        url=string(row, "url"),
        lang="ru",
        extra={"rubric": rubric(string(row, "topic"), title)},
    )


def unglued(text: str) -> str:
    """The text with its paragraphs on lines of their own."""
    return _GLUED_NUMBER.sub("\n", _GLUED.sub("\n", text))


def rubric(name: str, title: str) -> str:
    """The rubric; that of incidents, a third of all, with what the headline says: accident, crime, both or neither."""
    if name != _INCIDENTS or _WAR.search(title):
        return name
    found = [what for what, words in (("авария", _ACCIDENT), ("преступление", _CRIME)) if words.search(title)]
    return f"{name}: {' и '.join(found)}" if found else name
