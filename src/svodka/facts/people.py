"""One person of many mentions: «Нурсултан Назарбаев», «Н. Назарбаев», «Назарбаевым»."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from svodka.facts.morphology import parses, plain, same_word


@dataclass(frozen=True, slots=True)
class PersonMention:
    """A mention in the nominative: given names or initials, then the surname; `at` is its place in the text."""

    words: tuple[str, ...]
    at: int


@dataclass(slots=True)
class Person:
    """Mentions of one person, the fullest first."""

    mentions: list[PersonMention] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The fullest form, in the spelling used most."""
        longest = max(map(_fullness, self.mentions))
        used = Counter(m.words for m in self.mentions if _fullness(m) == longest)
        alone = Counter(m.words[-1] for m in self.mentions)
        words = max(used, key=lambda words: (used[words], alone[words[-1]]))
        return " ".join(f"{word}." if len(word) == 1 else word for word in words)


def in_order(words: Sequence[str]) -> tuple[str, ...]:
    """A name with the surname last and without the patronymic, if a first name or an initial stands by it."""
    kept = list(words)
    if len(kept) > 1:
        kept = [word for word in kept if not _is(word, "Patr")] or kept
    if len(kept) == 2 and (_is(kept[1], "Name") or len(kept[1]) == 1) and not _is(kept[0], "Name") and len(kept[0]) > 1:
        kept.reverse()
    initials = [word for word in kept if len(word) == 1]
    rest = [word for word in kept if len(word) > 1]
    return (*initials[:1], *rest) if len(rest) == 1 else tuple(rest or kept)


def merged(mentions: Iterable[PersonMention]) -> list[Person]:
    """People of mentions: full names first, then what can be short for one of them."""
    people: list[Person] = []
    for mention in sorted(mentions, key=lambda m: (-_fullness(m), m.at)):
        fitting = [person for person in people if _same(person.mentions[0].words, mention.words)]
        if fitting:
            _likeliest(fitting, mention).mentions.append(mention)
        else:
            people.append(Person([mention]))
    return people


def _likeliest(people: Sequence[Person], mention: PersonMention) -> Person:
    """Of several namesakes the one of the same gender, then the one named most."""
    return max(people, key=lambda p: (p.mentions[0].words[-1] == mention.words[-1], len(p.mentions)))


def _fullness(mention: PersonMention) -> int:
    return sum(2 if len(word) > 1 else 1 for word in mention.words)


def _same(full: Sequence[str], short: Sequence[str]) -> bool:
    if len(short) == 1:
        return any(_alike(word, short[0]) for word in full)
    if len(full) == 1 or not _alike(full[-1], short[-1]):
        return False
    return _alike(full[0], short[0]) or (1 in (len(full[0]), len(short[0])) and plain(full[0][0]) == plain(short[0][0]))


def _alike(one: str, other: str) -> bool:
    return same_word(plain(one), plain(other))


def _is(word: str, mark: str) -> bool:
    return any(p.is_known and mark in p.tag and "nomn" in p.tag and "sing" in p.tag for p in parses(word.lower()))
