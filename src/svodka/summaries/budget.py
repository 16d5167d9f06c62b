"""How long a summary may be."""

from dataclasses import dataclass
from itertools import islice

from svodka.config.summary import SummaryConfig
from svodka.text import WORD, words

# What no text ends with, cut or not.
_JOINING_LIST = """
в во на с со к ко о об от из у за для по до и а но что не ни или з із та й і the a an of to in and
"""
_JOINING = frozenset(_JOINING_LIST.split())


@dataclass(frozen=True, slots=True)
class Budget:
    """Most words (as `text.words` counts them) and most characters; None: as many as the words take."""

    words: int
    characters: int | None = None

    @classmethod
    def of(cls, settings: SummaryConfig) -> "Budget":
        """That of a bundle's settings: a headline has its own number of words."""
        most = settings.headline_words if settings.mode == "headline" else settings.words
        return cls(most, settings.characters)

    def holds(self, text: str) -> bool:
        """Whether a text fits."""
        return len(words(text)) <= self.words and (self.characters is None or len(text) <= self.characters)

    def cut(self, text: str) -> str:
        """The first words of a text that fit, with «…» where some are missing; the last way out, for it cuts anywhere.

        A text without a space is cut at a character, and "" is all that fits into no word.
        """
        if self.holds(text):
            return text
        beyond = next(islice(WORD.finditer(text), self.words, None), None)
        reach = text[: beyond.start() if beyond else None]
        # Signs at the end are taken off again, so that a little more than the budget may come to fit.
        parts = reach[: self.characters and 2 * self.characters + 100].split(" ")
        ends = (n for n in range(len(parts) - 1, 0, -1) if n == 1 or parts[n - 1].lower() not in _JOINING)
        shorter = (" ".join(parts[:n]).rstrip(" ,;:–—-") + "…" for n in ends)
        room = self.characters or len(text)
        return next(filter(self.holds, shorter), next(filter(self.holds, (text[:room], "…")), ""))
