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
    return [_inflected(word, marks=_PERSON_MARKS, gender=gender) for word in words]


def phrase_words(words: Sequence[Word]) -> list[str]:
    """Words of a place's or an organisation's name: its first noun and what agrees with it, the rest as it stands."""
    head = next((i for i, word in enumerate(words) if _is_noun(word)), len(words) - 1)
    return [_inflected(word, marks=("Geox", "Orgn")) if i <= head else word.text for i, word in enumerate(words)]


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


def _inflected(word: Word, *, marks: Sequence[str], gender: str = "") -> str:
    if not _bends(word.text) or word.features.get("Case") == "Nom":
        return word.text
    best = _best(word, marks=marks, gender=gender)
    if best is None:
        return word.text
    other = best.inflect({"nomn"})
    return word.text if other is None else _capitals(other.word, word.text)


def _best(word: Word, *, marks: Sequence[str], gender: str) -> Any:
    """The dictionary's reading that fits what the tagger says, a name before other words."""
    fitting = [p for p in parses(word.text.lower()) if _fits(p, word, gender=gender)]
    named = [p for p in fitting if any(mark in p.tag for mark in marks)]
    return next(iter(named or fitting), None)


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
    return part[:1].upper() + part[1:] if model[:1].isupper() else part
