"""Names in the nominative: «Нурсултана Назарбаева» -> «Нурсултан Назарбаев», «Южной Корее» -> «Южная Корея»."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from svodka.facts.morphology import parses

_CASES = {"Nom": "nomn", "Gen": "gent", "Dat": "datv", "Acc": "accs", "Ins": "ablt", "Loc": "loct"}
_GENDERS = {"Masc": "masc", "Fem": "femn", "Neut": "neut"}
_NUMBERS = {"Sing": "sing", "Plur": "plur"}
_OTHER_CASES = {"gent": ("gen2",), "loct": ("loc2",)}
_ENDINGS = {"Gen": "а", "Acc": "а", "Dat": "у", "Ins": "ом"}
_RUSSIAN = ("ов", "ев", "ин")  # endings of surnames that the dictionary bends by itself
_CONSONANTS = "бвгджзклмнпрстфхцчш"
_PERSON_MARKS = ("Name", "Surn", "Patr")
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a name with what the tagger says of it in its sentence (features of Universal Dependencies)."""

    text: str
    start: int
    features: Mapping[str, str]


def person_words(words: Sequence[Word]) -> list[str]:
    """Every word of a person's name in the nominative, of one gender."""
    gender = _gender(words)
    return [_person_word(word, gender) for word in words]


def untitled(words: Sequence[Word], *, opens: bool) -> Sequence[Word]:
    """A person's name without a title before it: «Президент Назарбаев».

    A word that only looks so may be a first name («Кит»), unless the tagger says noun or it opens a sentence.
    """
    while len(words) > 1 and (opens or words[0].features.get("POS") == "NOUN") and _is_common(words[0].text):
        words, opens = words[1:], False
    return words


def _person_word(word: Word, gender: str) -> str:
    if not _bends(word.text) or _is_fixed(word.text):
        return word.text
    readings = parses(word.text.lower())
    if gender == "masc" and not readings[0].is_known and (stem := _foreign(word)):
        return stem
    named = [p for p in readings if any(mark in p.tag for mark in _PERSON_MARKS)]
    named = [p for p in named if "plur" not in p.tag] or named
    usable = named or [p for p in readings if _is_nominal(p)]
    if word.features.get("Case") == "Nom" and not _of_a_man(named, gender):
        return word.text
    best = _fitting(usable, word, gender=gender)
    return word.text if best is None else _nominative(word, best)


def _of_a_man(readings: Sequence[Any], gender: str) -> bool:
    """Whether a word is a man's surname in the genitive, which the tagger took for a woman's in the nominative."""
    stands = any("nomn" in p.tag and "femn" not in p.tag for p in readings)
    bends = any("gent" in p.tag and "masc" in p.tag for p in readings)
    return gender == "masc" and bends and not stands


def _foreign(word: Word) -> str:
    """The nominative of a man's surname that the dictionary does not have and that ends in a consonant, or ""."""
    ending = _ENDINGS.get(word.features.get("Case", ""), "")
    stem = word.text.removesuffix(ending)
    bare = stem == word.text or stem[-1] not in _CONSONANTS
    return "" if bare or stem.endswith(_RUSSIAN) else stem


def _is_fixed(text: str) -> bool:
    # A foreign name that the dictionary does not have and that keeps its vowel in every case: «Кими», «Андо».
    return text[-1] in "иоэ" and not parses(text.lower())[0].is_known


def _is_nominal(parse: Any) -> bool:
    return "NOUN" in parse.tag


def _is_common(text: str) -> bool:
    known = [p for p in parses(text.lower()) if p.is_known]
    return bool(known) and not any(mark in p.tag for p in known for mark in _PERSON_MARKS)


def phrase_words(words: Sequence[Word]) -> list[str]:
    """Words of a place's or an organisation's name: its first noun and what agrees with it, the rest as it stands."""
    at = next((i for i, word in enumerate(words) if _is_noun(word)), None)
    if at is None:
        return [word.text for word in words]
    gender = _GENDERS.get(words[at].features.get("Gender", ""), "")
    readings = [p for p in parses(words[at].text.lower()) if _is_nominal(p)] if _bends(words[at].text) else []
    named = [p for p in readings if "Geox" in p.tag or "Orgn" in p.tag]
    head = _fitting(named or readings, words[at], gender=gender)
    if head is None or words[at].features.get("Case") == "Nom":
        return [word.text for word in words]
    agreeing = [_agreeing(word, head) for word in words[:at]]
    return [*agreeing, _nominative(words[at], head), *(word.text for word in words[at + 1 :])]


def _agreeing(word: Word, head: Any) -> str:
    """An adjective in the nominative, with the number and the gender of its noun."""
    adjective = next((p for p in parses(word.text.lower()) if p.tag.POS in ("ADJF", "PRTF")), None)
    if adjective is None or not _bends(word.text):
        return word.text
    plural = "plur" in head.tag
    other = adjective.inflect({"nomn", "plur"} if plural else {"nomn", "sing", str(head.tag.gender or "masc")})
    return word.text if other is None else _capitals(other.word, word.text)


def _is_noun(word: Word) -> bool:
    if not _bends(word.text):
        return True
    adjective = parses(word.text.lower())[0].tag.POS in ("ADJF", "PRTF")
    return not adjective and word.features.get("POS") in ("NOUN", "PROPN", "X")


def _gender(words: Sequence[Word]) -> str:
    """By the first name or patronymic if the dictionary has one, else by the tagger."""
    for word in words:
        for parse in parses(word.text.lower()):
            if parse.is_known and ("Name" in parse.tag or "Patr" in parse.tag) and _fits(parse, word, gender=""):
                return str(parse.tag.gender or "")
    told = [_GENDERS.get(word.features.get("Gender", ""), "") for word in words]
    return max(told, key=told.count, default="")


def _bends(text: str) -> bool:
    return len(text) > 1 and not text.isupper() and bool(_CYRILLIC.search(text)) and not text[0].isdigit()


def _nominative(word: Word, parse: Any) -> str:
    if "nomn" in parse.tag:
        return word.text
    other = parse.inflect({"nomn"})
    return word.text if other is None else _capitals(other.word, word.text)


def _fitting(readings: Sequence[Any], word: Word, *, gender: str) -> Any:
    """The likeliest reading that fits what the tagger says.

    Where none fits, the tagger is mistaken about the case: then one in the nominative, or the likeliest.
    """
    for wanted in (gender, ""):
        fitting = [p for p in readings if _fits(p, word, gender=wanted)]
        if fitting:
            return fitting[0]
    return min(readings, key=lambda p: "nomn" not in p.tag, default=None)


def _fits(parse: Any, word: Word, *, gender: str) -> bool:
    tag = parse.tag
    case = _CASES.get(word.features.get("Case", ""), "")
    number = _NUMBERS.get(word.features.get("Number", ""), "")
    # pymorphy3 refuses to compare a tag's part with anything but a known value: compare as strings.
    return (
        str(tag.case) in (case, *_OTHER_CASES.get(case, ()))
        and (not number or str(tag.number) in (number, "None"))
        and (not gender or str(tag.gender) in (gender, "None"))
    )


def _capitals(form: str, like: str) -> str:
    parts = form.split("-")
    models = like.split("-")
    if len(parts) != len(models):
        return form.capitalize() if like[0].isupper() else form
    return "-".join(_like(part, model) for part, model in zip(parts, models, strict=True))


def _like(part: str, model: str) -> str:
    if model[1:].isupper() and len(model) > 1:
        return part.upper()
    capitals = len(model) - len(model.lstrip("АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"))
    if capitals > 1:  # «ВЭБа»
        return part[:capitals].upper() + part[capitals:]
    return part[:1].upper() + part[1:] if model[:1].isupper() else part
