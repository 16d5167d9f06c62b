"""Sentences in capitals as they would be written otherwise (truecasing, after Lita et al. 2003).

A word is written as in the article's other sentences, else as newsrooms mostly do, else as the dictionary has it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from svodka.facts.morphology import is_known, is_name, lemmas, parses, plain

# Words that newsrooms spell otherwise than the dictionary, made by scripts/usual_spellings.py.
_USUAL = Path(__file__).with_name("usual_spellings.txt")
_TOKEN = re.compile(r"[A-Za-z\u0400-\u04ff]+")
_RUSSIAN = re.compile(r"[а-яё]{2,}")
_VOWEL = re.compile(r"[аеиоуыэюя]")
_START = re.compile(r"(^|[.!?…]\s+)([«\"(–—-]?\s?)(\w)")
_TYPE = re.compile(r"(?<![\w-])(?:су|ту|ил|ан|як|ми|ка|[а-яё])(?=-\d)", re.IGNORECASE)  # «Су-24», «С-400»
_COMMON_HALVES = frozenset(["плей", "офф", "онлайн", "офлайн", "нибудь"])
_UNITS = frozenset(re.findall(r"\w+", "тыс млн млрд трлн км кг см мм га грн руб долл куб кв ст ул др пр мск тел"))
_SMALL_LATIN = frozenset(re.findall(r"\w+", "a an and at by de for from in la le of on or the to vs with"))
_LONGEST_ABBREVIATION, _LONGEST_LATIN_ABBREVIATION = 5, 4
_KNOWN_SHARE = 0.7  # of a text's words; one in another language has fewer in the dictionary


def respelt(sentences: Sequence[str], others: Iterable[str] = ()) -> list[str]:
    """Sentences in capitals with capitals where names, abbreviations and beginnings have them.

    Args:
        sentences: those in capitals.
        others: the article's sentences that are not.
    """
    lowered = [sentence.lower() for sentence in sentences]
    words = {word for sentence in lowered for word in _RUSSIAN.findall(sentence)}
    russian = bool(words) and sum(is_known(plain(word)) for word in words) >= _KNOWN_SHARE * len(words)
    spelt = (_spellings(lowered, words) if russian else {}) | _written(others)
    return [_respelt(sentence, spelt) for sentence in lowered]


def _respelt(sentence: str, spelt: Mapping[str, str]) -> str:
    written = _TOKEN.sub(lambda found: spelt.get(found[0], found[0]), sentence)
    return _START.sub(_capital, _TYPE.sub(lambda found: found[0].capitalize(), written))


def spelling(word: str) -> str:
    """A Russian word in small letters as the dictionary has it, with a capital or all in capitals if it does."""
    form, tag = plain(word), parses(plain(word))[0].tag
    if form in _UNITS:
        return word
    if len(word) <= _LONGEST_ABBREVIATION and ("Abbr" in tag or not (is_known(form) or _VOWEL.search(form))):
        return word.upper()
    # Adjectives of places have small letters, but for those in names.
    if "Abbr" in tag or (tag.POS == "ADJF" and "Geox" in tag):
        return word
    return word.capitalize() if is_name(form) or not is_known(form) else word


def _spellings(lowered: Sequence[str], words: Iterable[str]) -> dict[str, str]:
    """How each word of a text in small letters is written, where that differs."""
    text = "\n".join(lowered)
    found = {word: _usual(word) or spelling(word) for word in words}
    surnames = _after_first_names(text)
    found |= {word: word.capitalize() for word in words if found[word] == word and lemmas(plain(word)) & surnames}
    found |= _halves(text, found)
    return found | {word: _latin(word) for word in _TOKEN.findall(text) if word.isascii()}


def _halves(text: str, found: Mapping[str, str]) -> dict[str, str]:
    """Halves of hyphened words that the dictionary lacks: names in «санкт-петербург», none in «торгово-финансовый»."""
    spelt = dict[str, str]()
    for pair in re.findall(r"(?<![\w-])([а-яё]{2,})-([а-яё]{2,})(?![\w-])", text):
        unknown = [half for half in pair if not is_known(plain(half)) and plain(half) not in usual_spellings()]
        named = len(unknown) == len(pair) or any(found[half] != half for half in pair if half not in unknown)
        spelt |= {half: half.capitalize() if named and half not in _COMMON_HALVES else half for half in unknown}
    return spelt


def _usual(word: str) -> str:
    """A word with capitals where newsrooms have them, "" if the dictionary has them there too."""
    usual = usual_spellings().get(plain(word), "")
    return "".join(own.upper() if letter.isupper() else own for own, letter in zip(word, usual, strict=False))


def _after_first_names(text: str) -> frozenset[str]:
    """Base forms of words that follow a first name in its case, as surnames do."""
    found = set[str]()
    for first, last in re.findall(r"(?=\b([а-яё]{3,}) ([а-яё]{3,})\b)", text):
        name, other = parses(plain(first))[0], parses(plain(last))[0]
        if (
            "Name" in name.tag
            and name.is_known
            and other.tag.POS in ("NOUN", "ADJF")
            and other.tag.case == name.tag.case
        ):
            found |= lemmas(plain(last))
    return frozenset(found)


def _latin(word: str) -> str:
    """A Latin word among Russian ones, which is a name."""
    if word in _SMALL_LATIN:
        return word
    return word.upper() if len(word) <= _LONGEST_LATIN_ABBREVIATION else word.capitalize()


def _written(sentences: Iterable[str]) -> dict[str, str]:
    """How sentences that are not in capitals write words behind their first; of names and abbreviations alone."""
    words = (word for sentence in sentences for word in _TOKEN.findall(sentence)[1:])
    return {word.lower(): word for word in words if word != word.lower()}


@cache
def usual_spellings() -> Mapping[str, str]:
    """Words that newsrooms mostly write otherwise than `spelling` does, by their plain form."""
    return {plain(word): word for word in _USUAL.read_text(encoding="utf-8").split()}


def _capital(found: re.Match[str]) -> str:
    return found[1] + found[2] + found[3].upper()
