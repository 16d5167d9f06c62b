"""A text as a model is to read it where it has other letters than the model learned: capitals, look-alikes, stress.

Nothing of this is shown: evidence and summaries keep the letters of the article.
"""

import re

_STRESS = re.compile(r"(?<=[\u0400-\u04ff])\u0301")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LATIN = re.compile(r"[A-Za-z]")
_WORD = re.compile(r"[A-Za-z\u0400-\u04ff]+")
_LOOK_ALIKE = str.maketrans("aceopxyABCEHKMOPTXYkmb", "асеорхуАВСЕНКМОРТХУкмь")
_TWINS = frozenset("aceopxyABCEHKMOPTXY")
_SAFE = frozenset("aceopxyABCEHKMOPTXYkmb")
_RUSSIAN = re.compile(r"[а-яё]{2,}")
_LONGEST_ABBREVIATION = 5
_CAPITALS_SHARE = 0.7
_LEAST_CAPITALS = 12
_SENTENCE_START = re.compile(r"(^|[.!?…]\s+|\n)([«\"(–—-]?\s?)(\w)")


def as_learned(sentences: list[str]) -> list[str]:
    """The sentences of an article with their letters put right: no stress, words in one script, no capitals alone.

    Args:
        sentences: the title, then those of the body; a single one in capitals may well be a name, so all are looked at.
    """
    text = "\n".join(sentences)
    if text.isascii():
        return sentences
    body = text[len(sentences[0]) + 1 :]
    # A headline in capitals over an ordinary body is lowered on its own.
    title = _lowered(_in_one_script(_STRESS.sub("", sentences[0])))
    return [title, *_lowered(_in_one_script(_STRESS.sub("", body))).split("\n")] if len(sentences) > 1 else [title]


def _in_one_script(text: str) -> str:
    if not _LATIN.search(text) or not _CYRILLIC.search(text):
        return text
    words = _WORD.findall(text)
    mixed = sum(bool(_CYRILLIC.search(word) and _LATIN.search(word)) for word in words)
    if not mixed:
        return text
    latin = sum(not _CYRILLIC.search(word) for word in words)
    # Where many words are mixed, one of look-alikes alone, such as «o» or «Cop», was Cyrillic too.
    spoilt = mixed >= 2 and mixed * 4 >= latin
    return _WORD.sub(lambda found: _folded(found[0], whole=spoilt), text)


def _folded(word: str, *, whole: bool) -> str:
    latin = set(_LATIN.findall(word))
    if not latin or not (latin <= _SAFE):
        return word
    if _CYRILLIC.search(word) or (whole and latin <= _TWINS):
        return word.translate(_LOOK_ALIKE)
    return word


def _lowered(text: str) -> str:
    upper = sum(map(str.isupper, text))
    if upper < _LEAST_CAPITALS or upper < _CAPITALS_SHARE * sum(map(str.isalpha, text)):
        return text
    lowered = _RUSSIAN.sub(lambda found: _spelt(found[0]), text.lower())
    return _SENTENCE_START.sub(lambda found: found[1] + found[2] + found[3].upper(), lowered)


def _spelt(word: str) -> str:
    """A Russian word in small letters with the capitals that the dictionary gives names and abbreviations."""
    # Loaded here: few texts are in capitals.
    from svodka.facts.morphology import is_name, parses, plain

    form = plain(word)
    if "Abbr" in parses(form)[0].tag:
        return word.upper() if len(word) <= _LONGEST_ABBREVIATION else word
    return word.capitalize() if is_name(form) else word
