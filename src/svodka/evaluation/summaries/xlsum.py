"""Words as the scores published with XL-Sum were computed: csebuetnlp's multilingual fork of rouge_score, Russian.

Punctuation and every ASCII sign are spaces, letters and digits that touch are apart, any other sign is a word; words of
up to three letters and stop words are not stemmed.
"""

import unicodedata
from functools import lru_cache
from itertools import groupby
from typing import Any

_SHORTEST_STEMMED = 4
# Russian stop words of the Snowball project that NLTK has, of four letters and more.
_STOP_WORD_LIST = """
только было меня теперь когда даже вдруг если быть него нибудь опять ведь потом себя ничего может есть надо тебя была
чтоб будто чего тоже себе будет тогда этот того потому этого какой совсем здесь этом один почти чтобы сейчас были куда
зачем всех никогда можно наконец другой хоть после больше через всего какая много разве впрочем хорошо свою этой перед
иногда лучше чуть нельзя такой более всегда конечно между
"""
_STOP_WORDS = frozenset(_STOP_WORD_LIST.split())


def xlsum_words(text: str) -> list[str]:
    """Stems of a text as ROUGE-1, ROUGE-2 and ROUGE-L compare them there."""
    return [_stem(part) for word in _plain_words(text) for part in _parts(word)]


def xlsum_words_of_sentence(text: str) -> list[str]:
    """Stems as ROUGE-Lsum compares them there: «5б» stays one word."""
    return [_stem(word) for word in _plain_words(text)]


def _plain_words(text: str) -> list[str]:
    return "".join(map(_plain, text.lower())).split()


def _plain(sign: str) -> str:
    kind = unicodedata.category(sign)
    if sign not in "\t\n\r" and (kind.startswith("C") or sign == "\ufffd"):
        return ""
    return " " if kind[0] in "PZ" or (sign.isascii() and not sign.isalnum()) else sign


def _parts(word: str) -> list[str]:
    return ["".join(sign for _, sign in run) for _, run in groupby(enumerate(word), key=_run)]


def _run(numbered: tuple[int, str]) -> str:
    """What a sign stands together with: letters and their marks, digits, or nothing."""
    place, sign = numbered
    return {"L": "letters", "M": "letters", "N": "digits"}.get(unicodedata.category(sign)[0], str(place))


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    return word if len(word) < _SHORTEST_STEMMED or word in _STOP_WORDS else str(_stemmer().stem(word))


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    # rouge_score brings nltk along.
    from nltk.stem.snowball import SnowballStemmer

    return SnowballStemmer("russian")
