"""What NEREL's annotators marked in an article, and a statement about it that is to be checked."""

import re
from dataclasses import dataclass

from svodka.article import Article
from svodka.text import split_sentences

KINDS = {
    "PERSON": "name", "CITY": "place", "COUNTRY": "place", "STATE_OR_PROVINCE": "place", "ORGANIZATION": "organisation",
    "NUMBER": "number", "MONEY": "number", "PERCENT": "number", "AGE": "number", "ORDINAL": "number", "DATE": "date",
}  # fmt: skip
# Numerals in one form each line: one may stand for another.
ROWS = """два три четыре пять шесть семь восемь девять десять
двух трёх четырёх пяти шести семи восьми девяти десяти
двумя тремя четырьмя пятью шестью восемью девятью
двое трое четверо пятеро
второй третий четвёртый пятый шестой седьмой
второго третьего четвёртого пятого шестого седьмого
втором третьем четвёртом пятом шестом седьмом
двадцать тридцать пятьдесят шестьдесят семьдесят"""
NUMERALS = [row.split() for row in ROWS.split("\n")]
FIGURES = frozenset(word for row in NUMERALS for word in row)


@dataclass(frozen=True)
class Mention:
    """An annotated mention: NEREL's type, our kind, the text as it stands."""

    type: str
    kind: str
    text: str


@dataclass(frozen=True)
class Case:
    """A statement to check against its article; `swap` is what was put for what."""

    article: Article
    statement: str
    kind: str
    swap: str = ""


def mentions(article: Article) -> list[Mention]:
    """Annotated mentions that can be swapped: names that open with a capital, numbers with a figure or numeral."""
    found = []
    for type_, text in article.extra["entities"]:
        kind = KINDS.get(type_, "")
        number = any(c.isdigit() for c in text) or any(word in FIGURES for word in re.findall(r"\w+", text))
        if kind in ("number", "date") if number else kind and kind not in ("number", "date") and text[0].isupper():
            found.append(Mention(type_, kind, text))
    return found


def sentence_with(article: Article, text: str) -> str:
    """The first sentence of an article in which a text stands as whole words; "" if none has it."""
    word = re.compile(rf"(?<!\w){re.escape(text)}(?!\w)")
    return next((found.text for found in split_sentences(article.text) if word.search(found.text)), "")


def replaced(sentence: str, text: str, other: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(text)}(?!\w)", lambda _: other, sentence, count=1)
