"""Planted errors: a mention of an article gives way to one of the same kind and form that the article does not have."""

import random
import re
from itertools import islice

from faithfulness.mentions import FIGURES, KINDS, NUMERALS, Case, Mention, mentions, replaced, sentence_with
from svodka.article import Article
from svodka.facts.morphology import lemmas, parses, plain

WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
# Beginning of a place's name -> what its article must not have for it to be new there.
SECOND_NAMES = {
    "США": "америк", "РФ": "росси", "Росс": "рф", "Вели": "англи", "Англ": "британ", "Брит": "англи", "Герм": "немец",
    "ФРГ": "герман", "Кита": "кнр", "КНР": "кита", "Поль": "польск", "Фран": "франц", "СССР": "совет",
    "Санк": "петербург", "Пете": "санкт",
}  # fmt: skip
# How a value, in digits or in a word, may be written in an article: other digits, beginnings of words, Roman.
VALUES = {
    1: "од|перв|I", 2: "два|две|двух|двум|дво|втор|вдво|дважды|двадц|двен|II", 3: "три|тре|тро|трем|III", 4: "чет|IV",
    5: "пят", 6: "шест", 7: "сем|седьм", 8: "вос", 9: "девя", 10: "десят", 20: "двадц", 30: "тридц", 50: "пятьдес",
    60: "шестьдес", 70: "семьдес",
}  # fmt: skip
STEMS = {str(value): (str(value), *forms.lower().split("|")) for value, forms in VALUES.items()} | {
    word: (str(value), *forms.lower().split("|"))
    for value, forms in VALUES.items()
    for word in FIGURES
    if any(plain(word).startswith(form) for form in forms.split("|"))
}


def planted(articles: list[Article], rng: random.Random) -> list[Case]:
    """Up to two planted errors of each kind an article, where it has mentions to replace."""
    by_form: dict[tuple[str, ...], list[Mention]] = {}
    for mention in (mention for article in articles for mention in mentions(article)):
        by_form.setdefault(form(mention), []).append(mention)
    cases = []
    for article in articles:
        own = mentions(article)
        rng.shuffle(own)
        for kind in sorted(set(KINDS.values())):
            swaps = filter(None, (swapped(article, m, by_form[form(m)], rng) for m in own if m.kind == kind))
            cases += list(islice(swaps, 2))
    return cases


def swapped(article: Article, mention: Mention, others: list[Mention], rng: random.Random) -> Case | None:
    """A sentence with another mention in the place of one; None where no fitting one is found."""
    holding = sentence_with(article, mention.text)
    for _ in range(20 if holding else 0):
        numeric = mention.kind in ("number", "date")
        other = other_number(article, mention.text, rng) if numeric else rng.choice(others).text
        if other and (numeric or is_new(article, other, place=mention.kind == "place")):
            return Case(article, replaced(holding, mention.text, other), mention.kind, f"{mention.text} -> {other}")
    return None


def other_number(article: Article, text: str, rng: random.Random) -> str:
    """A number or date with one figure or numeral changed, or "" if the article has the new one in any spelling."""
    match = rng.choice(list(re.finditer(r"\d+|[^\W\d_]+", text)))
    if match[0].isdigit():
        first = rng.choice("123456789")
        new = first + "".join(rng.choice("0123456789") for _ in match[0][1:])
        if 1 <= int(match[0]) <= 31 and len(text.split()) > 1:
            new = str(rng.randint(1, 28))
    else:
        row = next((forms for forms in NUMERALS if match[0] in forms), None)
        new = rng.choice(row) if row else ""
    stems = [str(new), *(STEMS.get(new, ())), *(STEMS.get(str(int(new)), ()) if new.isdigit() else ())]
    whole = plain(f"{article.title}\n{article.text}")
    known = any(re.search(rf"(?<!\d){s}(?!\d)" if s.isdigit() else s, whole) for s in stems)
    return "" if not new or known else text[: match.start()] + new + text[match.end() :]


def is_new(article: Article, name: str, *, place: bool) -> bool:
    """Whether an article lacks some word of a name in every form; of a place, adjectives and second names as well."""
    text = f"{article.title}\n{article.text}"
    words = {plain(word) for word in WORD.findall(text)}
    bases = {lemma for word in words for lemma in lemmas(word)}
    new = [w for w in WORD.findall(name) if w[0].isupper() and not lemmas(plain(w)) & bases]
    if not place:
        return bool(new)
    starts = {word[:4] for word in words}
    return (
        bool(new)
        and all(plain(w)[:4] not in starts for w in new)
        and SECOND_NAMES.get(name[:4], "\0") not in plain(text)
    )


def form(mention: Mention) -> tuple[str, ...]:
    """What makes two names exchangeable: type, words, and the case, number and gender of each."""
    return (mention.type, *(agreement(word) for word in WORD.findall(mention.text)))


def agreement(word: str) -> str:
    if word.isupper():
        return "abbreviation"
    tag = parses(plain(word))[0].tag
    return f"{word[0].isupper()} {tag.case} {tag.number} {tag.gender}"
