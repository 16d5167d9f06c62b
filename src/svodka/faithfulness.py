"""Does a text name a number or a name that its source does not?

Names are compared by lemma, because Russian inflects: «в Алматы Сагинтаевым» is supported by «Сагинтаев».
"""

import re
from functools import lru_cache
from typing import Any

from svodka.text import split_sentences

_NUMBER = re.compile(r"\d+(?:[ \u00a0.,]\d+)*")
_TOKEN = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_NAME_MARKS = ("Name", "Surn", "Patr", "Geox", "Orgn")
_STEM = 5


def unsupported(text: str, source: str) -> list[str]:
    """Numbers and names of `text` that `source` does not hold, in order of appearance.

    A name is a capitalised word that does not open a sentence, or one that opens it and is a person's, a
    place's or an organisation's name by the dictionary. It is supported if the source has a word with a
    common lemma, or one with the same first five letters (surnames that the dictionary does not know).
    """
    numbers = {_plain(number) for number in _NUMBER.findall(source)}
    source_words = {word.lower().replace("ё", "е") for word in _TOKEN.findall(source)}
    lemmas = {lemma for word in source_words for lemma in _lemmas(word)}
    stems = {word[:_STEM] for word in source_words if len(word) >= _STEM}
    missing = [number for number in _NUMBER.findall(text) if _plain(number) not in numbers]
    for name in _names(text):
        word = name.lower().replace("ё", "е")
        if word not in source_words and not lemmas & _lemmas(word) and word[:_STEM] not in stems:
            missing.append(name)
    return missing


def _plain(number: str) -> str:
    return re.sub(r"[ \u00a0]", "", number).replace(",", ".").rstrip(".")


def _names(text: str) -> list[str]:
    names = []
    for sentence in split_sentences(text):
        for position, word in enumerate(_TOKEN.findall(sentence.text)):
            if word[0].isupper() and (position > 0 or _is_name(word.lower())):
                names.append(word)
    return names


@lru_cache(maxsize=1)
def _morph() -> Any:
    # Its dictionaries take a moment to open; a bundle without a decoder never needs them.
    from pymorphy3 import MorphAnalyzer

    return MorphAnalyzer()


@lru_cache(maxsize=50_000)
def _lemmas(word: str) -> frozenset[str]:
    return frozenset(parse.normal_form.replace("ё", "е") for parse in _morph().parse(word))


@lru_cache(maxsize=50_000)
def _is_name(word: str) -> bool:
    best = _morph().parse(word)[0]
    return any(mark in best.tag for mark in _NAME_MARKS)
