"""Candidates for tags: names and subjects of articles, each with the articles that name it and those about it."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from svodka.article import Article, Entity
from svodka.facts import tagger
from svodka.facts.entities import find_entities
from svodka.facts.morphology import lemmas, plain
from svodka.facts.names import is_generic
from svodka.suggest.subjects import subjects, written
from svodka.text import words

# Whether it is a person, and lemmas: «Иге», whose lemma «Иг» has, is no surname of «ИГ».
_Name = tuple[bool, tuple[str, ...]]


@dataclass
class Candidate:
    """What recurs.

    Attributes:
        is_name: whether it is a person, an organisation or a place.
        forms: ways in which it is written, counted.
        named: positions of the articles that name it; about: of those about it, which name it twice or in the title;
            titled: of those that have it in the title.
    """

    is_name: bool = False
    forms: Counter[str] = field(default_factory=Counter)
    named: set[int] = field(default_factory=set)
    about: set[int] = field(default_factory=set)
    titled: set[int] = field(default_factory=set)

    @property
    def name(self) -> str:
        """What it is written like most."""
        return written(self.forms)

    @property
    def weight(self) -> float:
        """How much it recurs: the geometric mean of how many articles name it and how many have it in the title."""
        return float((len(self.named) * (len(self.titled) + 0.5)) ** 0.5)

    def add(self, position: int, forms: Counter[str], *, titled: bool, twice: bool) -> None:
        """Add an article that names it."""
        self.forms += forms
        self.named.add(position)
        self.about |= {position} if titled or twice else set()
        self.titled |= {position} if titled else set()


def candidates(articles: Sequence[Article]) -> list[Candidate]:
    """Names and subjects of articles. Names need the extra `ru`; without it there are subjects alone."""
    named: defaultdict[_Name, Candidate] = defaultdict(partial(Candidate, is_name=True))
    others: defaultdict[tuple[str, ...], Candidate] = defaultdict(Candidate)
    for position, article in enumerate(articles):
        head = {plain(word) for word in words(article.title)}
        for one in _names(article):
            titled = not head.isdisjoint(plain(word) for word in words(one.name))
            named[_key(one)].add(position, Counter([one.name]), titled=titled, twice=one.count > 1)
        for key, subject in subjects(article.title, article.text).items():
            twice = subject.forms.total() > 1
            others[key].add(position, subject.forms, titled=subject.titled, twice=twice)
    return [*_whole(named), *others.values()]


def _names(article: Article) -> Iterator[Entity]:
    if tagger.available():
        yield from find_entities(article.title, article.text)


def _key(name: Entity) -> _Name:
    told = words(name.name)
    if name.kind == "place":  # «Республика Крым» is «Крым»
        told = [word for word in told if not is_generic(plain(word))] or told
    return name.kind == "person", tuple(min(lemmas(word), default=word) for word in told)


def _whole(named: dict[_Name, Candidate]) -> list[Candidate]:
    """Names, in which a surname alone belongs to the only full name that ends in it."""
    ends: defaultdict[str, list[_Name]] = defaultdict(list)
    for is_person, key in named:
        if is_person and len(key) > 1:
            ends[key[-1]].append((is_person, key))
    for name in [
        (is_person, key) for is_person, key in named if is_person and len(key) == 1 and len(ends[key[0]]) == 1
    ]:
        full, short = named[ends[name[1][0]][0]], named.pop(name)
        full.named |= short.named
        full.about |= short.about
        full.titled |= short.titled
    return list(named.values())
