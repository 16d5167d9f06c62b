"""An article as a summary's facts are looked up in it."""

import re
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property

from svodka.facts.aliases import GROUPS, initials, is_clipped, is_derived, spells_out
from svodka.facts.dates import Date, find_dates
from svodka.facts.morphology import TOKEN, lemmas, plain, same_word
from svodka.facts.numbers import Number, find_numbers

_REACH = 3  # words between a first name and its surname, at most
_TOLERANCE = Decimal("0.1")  # «около 10 тысяч» is supported by 9 876
_LONGEST_ABBREVIATION = 6
_CLIP = 3  # letters that a clipped compound keeps of its first word, at least
_PARTS = re.compile(r"[.,]\d")
_PHRASE_END = re.compile(r"[^\w\s'’‑-]|\n")


class Source:
    """The numbers, dates and words of an article.

    Words are compared only when asked for, and only with words of the same first letter: an article is long, its
    summary is short.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = TOKEN.findall(text)
        self._plain = [plain(token) for token in self._tokens]

    @cached_property
    def numbers(self) -> frozenset[Decimal]:
        return frozenset(value for number in self._numbers for value in number.values)

    @cached_property
    def dates(self) -> Sequence[Date]:
        return find_dates(self.text, self._numbers)

    @cached_property
    def _numbers(self) -> Sequence[Number]:
        return find_numbers(self.text)

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """Word -> where it stands; a part of a hyphened one as well."""
        places = defaultdict(list)
        for at, word in enumerate(self._plain):
            for form in {word, *(word.split("-") if "-" in word else ())}:
                places[form].append(at)
        return dict(places)

    @cached_property
    def _by_letter(self) -> dict[str, list[str]]:
        letters = defaultdict(list)
        for word in filter(None, self._places):
            letters[word[0]].append(word)
        return dict(letters)

    @cached_property
    def _phrases(self) -> list[list[str]]:
        return [TOKEN.findall(phrase) for phrase in _PHRASE_END.split(self.text)]

    @cached_property
    def _abbreviations(self) -> frozenset[str]:
        return frozenset(t.lower() for t in self._tokens if t.isupper() and 1 < len(t) <= _LONGEST_ABBREVIATION)

    def has_number(self, number: Number) -> bool:
        """Whether a number stands in the article, or one that it rounds where it is only said to be about so much."""
        if len(_PARTS.findall(number.text)) > 1:  # a score or a version has all of its parts
            return number.values <= self.numbers
        if number.values & self.numbers:
            return True
        return number.hedged and any(_rounds(value, other) for value in number.values for other in self.numbers)

    def has_date(self, date: Date) -> bool:
        """Whether a date stands in the article; its year may stand apart from its day."""
        same = [d for d in self.dates if d.month == date.month and date.day in (0, d.day)]
        years = {d.year for d in same}
        return bool(same) and (not date.year or date.year in years or (0 in years and date.year in self.numbers))

    def where(self, word: str) -> list[int]:
        """Places of a word (as `plain` gives it) in any of its forms."""
        same = [other for other in self._by_letter.get(word[0], ()) if same_word(word, other)]
        return [at for other in same for at in self._places[other]]

    def has_word(self, word: str) -> bool:
        """Whether a word of a name stands in the article in any form, by another name, or in an adjective of it."""
        base = plain(word)
        if base in self._places or self.where(base) or self._has_parts(base):
            return True
        return self._has_alias(base) or self._has_derived(base) or self._has_expansion(word) or self._has_clipped(base)

    def has_name(self, words: list[str]) -> bool:
        """Whether the article has a name of several words by its initials or under another name."""
        forms = [plain(word) for word in words]
        if len(words) > 1 and any(letters in self._abbreviations for letters in initials(forms)):
            return True
        clipped = (w for one in forms[:1] for w in self._by_letter.get(one[0], ()) if w[:3] == one[:3])
        return self._has_alias(" ".join(forms)) or any(is_clipped(w, *forms[:2]) for w in clipped if len(forms) > 1)

    def has_together(self, one: str, other: str) -> bool:
        """Whether two words of a name stand near each other; an initial counts for a first name.

        A word that the article has in another guise alone, as «Москва» in «московский», is near everything.
        """
        first, last = plain(one), plain(other)
        spots, others = self.where(last), self.where(first)
        if not spots or (not others and len(first) > 1):
            return True
        near = {at + step for at in spots for step in range(-_REACH, _REACH + 1)}
        return not near.isdisjoint(others) or any(self._agrees(at, first) for at in near)

    def _agrees(self, at: int, first: str) -> bool:
        if not 0 <= at < len(self._plain):
            return False
        token = self._plain[at]
        return (len(token) == 1 or len(first) == 1) and self._tokens[at][0].isupper() and token[0] == first[0]

    def _has_parts(self, word: str) -> bool:
        parts = word.split("-")
        return len(parts) > 1 and all(len(part) > 1 and self.where(part) for part in parts)

    def _has_alias(self, name: str) -> bool:
        words = name.split()
        groups = [group for key, group in GROUPS.items() if _same_phrase(words, key.split())]
        return any(self._has_phrase(other.split()) for group in groups for other in group)

    def _has_phrase(self, words: list[str]) -> bool:
        spots = self.where(words[0])
        return any(all(at + i in self.where(word) for i, word in enumerate(words)) for at in spots)

    def _has_derived(self, word: str) -> bool:
        others = self._by_letter.get(word[0], ())
        bases = {form for base in lemmas(word) for form in (base, base.removesuffix("ский"))}
        return any(is_derived(base, other) for base in bases for other in others) or any(
            is_derived(base, word) for other in others if word[:3] == other[:3] for base in lemmas(other)
        )

    def _has_expansion(self, word: str) -> bool:
        short = word.isupper() and 1 < len(word) <= _LONGEST_ABBREVIATION
        return short and any(spells_out(word, phrase) for phrase in self._phrases)

    def _has_clipped(self, word: str) -> bool:
        heads = [w for w in self._by_letter.get(word[0], ()) if w[:_CLIP] == word[:_CLIP]]
        pairs = [self._plain[at : at + 2] for head in heads for at in self._places[head]]
        return any(is_clipped(base, *pair) for pair in pairs if len(pair) > 1 for base in {word, *lemmas(word)})


def _rounds(value: Decimal, other: Decimal) -> bool:
    fewer = len(value.normalize().as_tuple().digits) < len(other.normalize().as_tuple().digits)
    return fewer and abs(value - other) <= _TOLERANCE * abs(other)


def _same_phrase(words: Sequence[str], others: Sequence[str]) -> bool:
    return len(words) == len(others) and all(map(same_word, words, others))
