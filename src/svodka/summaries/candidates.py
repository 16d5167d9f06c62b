"""The sentences of an article that may be printed, and what each of them is worth."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import log

from svodka.engines.result import Floats
from svodka.letters import as_learned
from svodka.summaries.clutter import is_clutter, is_fragment
from svodka.summaries.connectives import is_background
from svodka.summaries.publishers import is_attribution
from svodka.summaries.quotes import is_speech, torn
from svodka.summaries.standing import dangles, speaks_of_itself
from svodka.summaries.tidy import tidy
from svodka.text import words

QUOTATION = ("«", '"', "“", "„")
MOST_CHARACTERS = 3000  # a longer sentence is a list, or text that has lost its full stops
# In logits of the sentence head; chosen, as what follows, on leads of many outlets and on RT's summaries.
_BACKGROUND, _SPEAKS, _ASKS, _QUOTES = 1.0, 1.5, 1.5, 0.7
# What a sentence e times as long as a usual one is worth more: the head judges sentences, a summary counts words.
# Behind the title, which has told most of the news, a short one is enough.
_LENGTH, _LENGTH_BEHIND_TITLE, _USUAL_WORDS = 0.7, -0.5, 18
_FEWEST_WORDS = 4
_STEM, _LONGER = 5, 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may be printed.

    Attributes:
        place: among the article's sentences; 0 is the title.
        text: tidied.
        read: likewise, in the letters that words are known by (`svodka.letters`).
        score: the model's, less what speaks against the sentence.
        dangles: it needs the sentence before it.
        old: it tells what was before the news.
        length: words of `read`.
        stems: its longer words, as `stems_of` gives them.
        central: in how many sentences of the article each of these is, the mean of the logarithms.
    """

    place: int
    text: str
    read: str
    score: float
    dangles: bool
    old: bool
    length: int
    stems: frozenset[str]
    central: float = 0.0

    def worth(self, *, behind_title: bool = False) -> float:
        """What it is worth beside other sentences: a longer one tells more, and so does one whose words come again."""
        length = _LENGTH_BEHIND_TITLE if behind_title else _LENGTH
        return self.score + self.central + length * log(self.length / _USUAL_WORDS)


def candidates(sentences: Sequence[str], scores: Floats, outlet: str) -> list[Candidate]:
    """Every sentence that can be printed, tidied."""
    broken, learned = torn(sentences), as_learned(list(sentences))
    able = [place > 0 and len(one) <= MOST_CHARACTERS for place, one in enumerate(sentences[: len(scores)])]
    texts, reads = (
        [tidy(one, outlet) if fits else "" for one, fits in zip(side, able, strict=False)]
        for side in (sentences, learned)
    )
    often = Counter(chain.from_iterable(map(stems_of, learned[1 : len(able)])))
    return [
        _candidate(place, learned[place], (text, read), score=float(scores[place]), often=often)
        for place, (text, read) in enumerate(zip(texts, reads, strict=True))
        if text and read and not broken[place] and is_printable(read)
    ]


def is_printable(text: str) -> bool:
    """Whether a tidied sentence can stand in a summary at all."""
    if len(words(text)) < _FEWEST_WORDS or text.endswith(":") or is_speech(text):
        return False
    return not (is_clutter(text) or is_attribution(text) or is_fragment(text))


def stems_of(text: str) -> frozenset[str]:
    """The beginnings of a text's longer words: forms of one word have the same."""
    return frozenset(word[:_STEM] for word in words(text) if len(word) >= _LONGER)


def _candidate(
    place: int, sentence: str, texts: tuple[str, str], *, score: float, often: Mapping[str, int]
) -> Candidate:
    (text, read), old = texts, is_background(sentence)
    against = _BACKGROUND * old + _SPEAKS * speaks_of_itself(read) + _ASKS * read.endswith("?")
    against += _QUOTES * read.startswith(QUOTATION)
    stems = stems_of(read)
    central = sum(log(max(1, often[stem])) for stem in stems) / max(1, len(stems))
    return Candidate(place, text, read, score - against, dangles(read), old, len(words(read)), stems, central)
