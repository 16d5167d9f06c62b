"""Where names stand in sentences, in any of their forms."""

from collections.abc import Iterator, Sequence

from svodka.facts.aliases import NAMES
from svodka.facts.morphology import lemmas, plain
from svodka.text import words

# Where a name first stands in an article: in the title, in the first sentences, behind them, or nowhere.
PLACES = 4
NOWHERE = PLACES - 1
_LEAD = 4  # sentences


def place_of(sentence: int) -> int:
    """Which of the places a sentence is in; sentence 0 is the title."""
    return 0 if sentence == 0 else 1 if sentence <= _LEAD else 2


class Mentions:
    """Finds names, each in several spellings, by the lemmas of their words."""

    def __init__(self, names: Sequence[Sequence[str]]) -> None:
        """Take the spellings of each name, to which other names of the same thing are added that every newsroom uses.

        A spelling without a word is never found.
        """
        self._names = len(names)
        self._starts: dict[str, list[tuple[int, tuple[frozenset[str], ...]]]] = {}
        for position, spellings in enumerate(names):
            for spelling in dict.fromkeys(name for own in spellings for name in (own, *NAMES.get(plain(own), ()))):
                forms = tuple(map(lemmas, words(spelling)))
                for lemma in forms[0] if forms else ():
                    self._starts.setdefault(lemma, []).append((position, forms))

    def find(self, sentences: Sequence[str]) -> list[list[int]]:
        """For each name the sentences in which it stands, in their order."""
        found: list[list[int]] = [[] for _ in range(self._names)]
        for number, sentence in enumerate(sentences):
            for position in set(self._in(sentence)):
                found[position].append(number)
        return found

    def places(self, sentences: Sequence[str]) -> list[int]:
        """For each name the place of the first sentence in which it stands, `NOWHERE` where there is none."""
        return [place_of(found[0]) if found else NOWHERE for found in self.find(sentences)]

    def _in(self, sentence: str) -> Iterator[int]:
        forms = [lemmas(word) for word in words(sentence)]
        for at, lemma in ((at, lemma) for at, form in enumerate(forms) for lemma in form):
            for position, wanted in self._starts.get(lemma, ()):
                there = forms[at : at + len(wanted)]
                if len(there) == len(wanted) and not any(map(frozenset.isdisjoint, there, wanted)):
                    yield position
