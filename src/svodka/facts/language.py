"""Which language a sentence is in, as far as its openings differ."""

import re
from typing import Literal

Language = Literal["ru", "kk", "uk", "en"]

_KAZAKH, _UKRAINIAN = re.compile("[әғқңөұүһ]", re.I), re.compile("[іїєґ]", re.I)
_CYRILLIC = re.compile("[а-яё]", re.I)


def language_of(sentence: str) -> Language:
    """By letters: Kazakh and Ukrainian have their own, other Cyrillic is read as Russian, all else as English."""
    if _KAZAKH.search(sentence):
        return "kk"
    if _UKRAINIAN.search(sentence):
        return "uk"
    return "ru" if _CYRILLIC.search(sentence) else "en"
