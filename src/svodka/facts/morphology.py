"""Russian words compared across their forms: lemmas by pymorphy3, and a comparison of endings for other words."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from typing import Any, Literal, TypeVar

from svodka.facts.once import loaded_once

Result = TypeVar("Result")
NameKind = Literal["person", "organisation", "place", "name"]

TOKEN = re.compile(r"[^\W\d_]+(?:[-‑'’][^\W\d_]+)*")
_NAME_MARKS = ("Name", "Surn", "Patr", "Geox", "Orgn", "Trad")
_SPELLING = str.maketrans("ё‑’", "е-'")
_LOOKALIKES = str.maketrans("aceopxyACEOPXYKMTBH", "асеорхуАСЕОРХУКМТВН")
_WORD, _LATIN, _CYRILLIC = re.compile(r"[^\W\d_]+"), re.compile("[A-Za-z]"), re.compile("[А-яЁё]")
_KIND_MARKS: tuple[tuple[str, NameKind], ...] = (
    ("Surn", "person"),
    ("Name", "person"),
    ("Patr", "person"),
    ("Geox", "place"),
    ("Orgn", "organisation"),
)
_SHORTEST_STEM = 3
# Endings that one name may have in turn, a set for each declension; "" is none.
_DECLENSIONS = tuple(
    frozenset(ending.strip("-") for ending in line.split())
    for line in (
        "- а у ом ым е ы и ам ами ах",  # Трамп, Иванов
        "а ы и е у ой ою ей ею ам ами ах",  # Москва, Захарова
        "ь я ю ем е и ью ям ями ях",  # Кремль, Казань
        "й я ю ем е и",  # Алексей
        "я и е ю ей ею ям ями ях",  # Россия, Илья
        "о а у ом е",  # Иваново
        "ий ый ой ого его ому ему ым им ом ем ая яя ей ую юю ое ее ые ие ых их ыми ими",  # Красный, Достоевская
    )
)


def kept_for_words(most: int, *, number: Result) -> Callable[[Callable[[str], Result]], Callable[[str], Result]]:
    """Keep what a function gives for as many words; of numbers, which are without end, it is always the same.

    Args:
        most: words that are kept.
        number: what is given for a number.
    """

    def keep(compute: Callable[[str], Result]) -> Callable[[str], Result]:
        kept = lru_cache(maxsize=most)(compute)

        @wraps(compute)
        def given(word: str) -> Result:
            return number if word.isdecimal() else kept(word)

        return given

    return keep


def plain(word: str) -> str:
    """Lower case, ё as е, one kind of hyphen and apostrophe."""
    return word.lower().translate(_SPELLING)


def unmixed(text: str) -> str:
    """A text of the same length in which no Cyrillic word has Latin letters that look Cyrillic."""
    return _WORD.sub(_one_script, text)


def _one_script(match: re.Match[str]) -> str:
    word = match[0]
    return word.translate(_LOOKALIKES) if _LATIN.search(word) and _CYRILLIC.search(word) else word


@loaded_once
def analyzer() -> Any:
    """The dictionary; it takes a moment to open, so it opens when first asked."""
    from pymorphy3 import MorphAnalyzer

    return MorphAnalyzer()


@lru_cache(maxsize=10_000)  # a word's readings take a kilobyte or two, its lemmas a tenth of that
def parses(word: str) -> tuple[Any, ...]:
    """What `word` (lower case) may be, likeliest first."""
    return tuple(analyzer().parse(word))


@lru_cache(maxsize=100_000)
def lemmas(word: str) -> frozenset[str]:
    """Base forms of a word (lower case, ё as е).

    A plural of a first name is left out where the word can be another thing: «Иванов» is seldom several men named
    «Иван», and must not be supported by one.
    """
    found = [p for p in parses(word) if not ("Name" in p.tag and "plur" in p.tag)] or parses(word)
    return frozenset(plain(p.normal_form) for p in found)


@lru_cache(maxsize=100_000)
def is_name(word: str) -> bool:
    """Whether a word (lower case) is by its likeliest reading a person's, a place's or an organisation's name."""
    return any(mark in parses(word)[0].tag for mark in _NAME_MARKS)


def is_known(word: str) -> bool:
    """Whether the dictionary has a word (lower case) or, of a hyphened one, the last part."""
    return bool(parses(word)[0].is_known)


def name_kind(word: str) -> NameKind:
    """`person`, `place` or `organisation` by the dictionary's likeliest reading of a word, else `name`."""
    tag = parses(word)[0].tag
    for mark, kind in _KIND_MARKS:
        if mark in tag:
            return kind
    return "name"


@lru_cache(maxsize=50_000)
def can_name(word: str) -> bool:
    """Whether a word (lower case) can name somebody or something alone: a noun or a name in some reading."""
    return any(p.tag.POS in ("NOUN", None) or any(mark in p.tag for mark in _NAME_MARKS) for p in parses(word))


def is_somebody(words: Sequence[str]) -> bool:
    """Whether a phrase's first noun is a common one for a living being, and no word but the first has a capital."""
    if any(word[0].isupper() for word in words[1:]):
        return False
    noun = next((p[0].tag for word in words if (p := parses(plain(word)))[0].tag.POS == "NOUN"), None)
    return noun is not None and "anim" in noun and not any(mark in noun for mark in _NAME_MARKS)


@lru_cache(maxsize=200_000)
def same_word(one: str, other: str) -> bool:
    """Whether two words (as `plain` gives them) may be forms of one, by lemma or by their endings."""
    if one == other:
        return True
    if not one or not other or one[0] != other[0]:
        return False
    return bool(lemmas(one) & lemmas(other)) or _differ_in_ending(one, other)


def _differ_in_ending(one: str, other: str) -> bool:
    shared = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        shared += 1
    # The ending may begin earlier than the first letter that differs: «Ильи», «Ильей».
    cuts = range(max(_SHORTEST_STEM, shared - 2), shared + 1)
    return any(one[cut:] in endings and other[cut:] in endings for cut in cuts for endings in _DECLENSIONS)
