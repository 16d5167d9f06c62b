"""True statements: sentences of an article as they stand, or with one mention written otherwise."""

import random
import re
from collections.abc import Callable

from faithfulness.mentions import Case, Mention, mentions, replaced, sentence_with
from svodka.article import Article
from svodka.facts.morphology import parses
from svodka.text import split_sentences

CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct")
WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
DIGITS = {"два": "2", "три": "3", "четыре": "4", "пять": "5", "шесть": "6", "семь": "7", "восемь": "8", "девять": "9",
          "десять": "10", "двух": "2", "трёх": "3", "двадцать": "20", "сто": "100"}  # fmt: skip
WORDS = {value: word for word, value in DIGITS.items() if word not in ("двух", "трёх")}
MONTHS = ("января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
          "декабря")  # fmt: skip


def sentences(articles: list[Article], rng: random.Random) -> list[Case]:
    """Two sentences of each article."""
    cases = []
    for article in articles:
        found = [s.text for s in split_sentences(article.text) if len(s.text.split()) > 4]
        cases += [Case(article, text, "sentence") for text in rng.sample(found, min(2, len(found)))]
    return cases


def variants(articles: list[Article], rng: random.Random) -> list[Case]:
    """Sentences with one mention written otherwise, at most one of each way an article."""
    cases = []
    for article in articles:
        own = mentions(article)
        rng.shuffle(own)
        for name, way in WAYS.items():
            for mention in own:
                other = way(mention, rng)
                held = sentence_with(article, mention.text)
                if held and other and other != mention.text:
                    cases.append(Case(article, replaced(held, mention.text, other), name, f"{mention.text} -> {other}"))
                    break
    return cases


def in_another_case(mention: Mention, rng: random.Random) -> str:
    if mention.kind not in ("name", "place"):
        return ""
    words = WORD.findall(mention.text)
    case = rng.choice(CASES)
    inflected = []
    for word in words:
        best = parses(word.lower())[0]
        other = best.inflect({case}) if best.is_known and not word.isupper() else None
        if other is None:
            return ""
        inflected.append("-".join(part.capitalize() for part in other.word.split("-")))
    return " ".join(inflected)


def by_surname(mention: Mention, _: random.Random) -> str:
    return mention.text.split()[-1] if is_full_name(mention) else ""


def by_initial(mention: Mention, _: random.Random) -> str:
    return f"{mention.text[0]}. {mention.text.split()[-1]}" if is_full_name(mention) else ""


def is_full_name(mention: Mention) -> bool:
    words = mention.text.split()
    known = len(words) == 2 and all(word.isalpha() and word.istitle() for word in words)
    return mention.type == "PERSON" and known and "Name" in parses(words[0].lower())[0].tag


def other_numeral(mention: Mention, _: random.Random) -> str:
    words = mention.text.split()
    if mention.kind != "number":
        return ""
    return " ".join(DIGITS.get(word, WORDS.get(word, word)) for word in words)


def dotted(mention: Mention, _: random.Random) -> str:
    match = re.fullmatch(rf"(\d+) ({'|'.join(MONTHS)}) (\d{{4}}) года", mention.text)
    return f"{int(match[1]):02}.{MONTHS.index(match[2]) + 1:02}.{match[3]}" if match else ""


WAYS: dict[str, Callable[[Mention, random.Random], str]] = {
    "case": in_another_case, "surname": by_surname, "initial": by_initial, "numeral": other_numeral, "date": dotted,
}  # fmt: skip
