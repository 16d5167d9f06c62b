"""Suggested tags: what recurs in articles and is covered by no tag, with counts, examples and the nearest tag."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from svodka.article import Article
from svodka.bundle import Bundle
from svodka.bundle.named import name_vectors
from svodka.facts import tagger
from svodka.facts.entities import find_entities
from svodka.facts.morphology import lemmas, plain
from svodka.heads.tags import NAME_LENGTH
from svodka.labels import TagVocabulary
from svodka.suggest.subjects import subjects, written
from svodka.text import words
from svodka.visible import visible

COVERED = 0.9  # cosine of two names from which they mean the same to the model
LARGEST_SHARE = 0.5  # of the articles: what stands in more of them tells none from another
# How much sooner a name is a tag than a subject of as many articles: chosen on validation articles of RT by how many of
# ten hidden tags are among the first ten suggestions.
NAME_COUNTS = 8
_EXAMPLES = 2


@dataclass
class Candidate:
    """What recurs.

    Attributes:
        is_name: whether it is a person, an organisation or a place.
        forms: ways in which it is written, counted.
        articles: positions of the articles that are about it.
    """

    is_name: bool = False
    forms: Counter[str] = field(default_factory=Counter)
    articles: list[int] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What it is written like most."""
        return written(self.forms)

    @property
    def weight(self) -> int:
        """By which it comes first."""
        return len(self.articles) * (NAME_COUNTS if self.is_name else 1)


@dataclass(frozen=True)
class Suggestion:
    """A tag that could be.

    Attributes:
        name: in the nominative; count: articles that are about it; examples: headlines of some.
        nearest: the tag that is nearest by its name; cosine: how near, 1 is the same.
    """

    name: str
    count: int
    examples: tuple[str, ...]
    nearest: str
    cosine: float


def suggest(bundle: Bundle, articles: Sequence[Article], *, most: int = 20, least: int = 3) -> list[Suggestion]:
    """What the vocabulary of a bundle lacks, the likeliest tags first: names before subjects of as many articles.

    Names need the extra `ru`; without it there are subjects alone.

    Args:
        bundle: reads tags by their names.
        articles: cleaned.
        most: suggestions at the most; least: articles that something must recur in.

    Raises:
        ConfigError: the bundle's tags are not read by name.
    """
    found = uncovered(candidates(articles), bundle.labels, n_articles=len(articles), least=least)
    return list(_described(bundle, articles, found[: 3 * most]))[:most]


def candidates(articles: Sequence[Article]) -> list[Candidate]:
    """Names and subjects of articles, each with the articles that are about it."""
    named: defaultdict[tuple[str, ...], Candidate] = defaultdict(partial(Candidate, is_name=True))
    about: defaultdict[tuple[str, ...], Candidate] = defaultdict(Candidate)
    for position, article in enumerate(articles):
        for name in _names(article):
            _add(named[_key(name)], position, Counter([name]))
        found, forms = subjects(article.title, article.text)
        for subject in found:
            _add(about[subject], position, forms[subject])
    return [*_whole(named), *about.values()]


def _names(article: Article) -> Iterator[str]:
    """Names in an article that name more than once, or in the title."""
    if tagger.available():
        head = {plain(word) for word in words(article.title)}
        for entity in find_entities(article.title, article.text):
            if entity.count > 1 or {plain(word) for word in words(entity.name)} & head:
                yield entity.name


def _add(candidate: Candidate, position: int, forms: Counter[str]) -> None:
    candidate.forms += forms
    candidate.articles.append(position)


def _key(name: str) -> tuple[str, ...]:
    return tuple(min(lemmas(word), default=word) for word in words(name))


def _whole(named: dict[tuple[str, ...], Candidate]) -> list[Candidate]:
    """Names, in which a surname alone belongs to the only full name that ends in it."""
    ends: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    for key in named:
        if len(key) > 1:
            ends[key[-1]].append(key)
    for key in [key for key in named if len(key) == 1 and len(ends[key[0]]) == 1]:
        full, short = named[ends[key[0]][0]], named.pop(key)
        full.articles = sorted({*full.articles, *short.articles})
    return list(named.values())


def uncovered(
    found: Iterable[Candidate], labels: TagVocabulary, *, n_articles: int, least: int
) -> list[Candidate]:  # fmt: skip
    """Candidates that are often enough there and that no tag or alias names, the likeliest first."""
    known = [_forms(spelling) for spelling in (*labels.names, *labels.aliases)]
    by_first: defaultdict[str, list[list[frozenset[str]]]] = defaultdict(list)
    for forms in known:
        for lemma in forms[0] if forms else ():
            by_first[lemma].append(forms)
    often = [one for one in found if least <= len(one.articles) <= max(least, LARGEST_SHARE * n_articles)]
    # A longer phrase first among equals: it says more.
    often.sort(key=lambda one: (-one.weight, -len(one.name), one.name))
    kept: list[Candidate] = []
    for one in often:
        forms = _forms(one.name)
        near = [tag for lemma in (forms[0] if forms else ()) for tag in by_first[lemma]]
        if forms and not any(_same(forms, tag) for tag in near) and not any(_within(one, other) for other in kept):
            kept.append(one)
    return kept


def _forms(name: str) -> list[frozenset[str]]:
    return [lemmas(word) for word in words(name)]


def _same(one: Sequence[frozenset[str]], other: Sequence[frozenset[str]]) -> bool:
    return len(one) == len(other) and not any(map(frozenset.isdisjoint, one, other))


def _within(one: Candidate, other: Candidate) -> bool:
    """Whether one is nearly always said as a part of another, or the other way round."""
    shorter, longer = sorted((words(one.name), words(other.name)), key=len)
    if not {min(lemmas(word)) for word in shorter} <= {min(lemmas(word)) for word in longer}:
        return False
    shared = len({*one.articles} & {*other.articles})
    return 2 * shared > min(len(one.articles), len(other.articles))


def _described(bundle: Bundle, articles: Sequence[Article], found: Sequence[Candidate]) -> Iterator[Suggestion]:
    if not found:
        return
    vectors = name_vectors(bundle, [one.name for one in found])
    tags = bundle.model.tag_head.names.vectors[: len(bundle.labels)]  # type: ignore[union-attr]
    best = (vectors @ tags.T / NAME_LENGTH**2).max(dim=1)
    for one, cosine, position in zip(found, best.values.tolist(), best.indices.tolist(), strict=True):
        if cosine < COVERED:
            titles = tuple(articles[i].title or articles[i].text[:80] for i in one.articles[:_EXAMPLES])
            yield Suggestion(one.name, len(one.articles), titles, bundle.labels.names[position], cosine)


def tag_file(found: Sequence[Suggestion]) -> str:
    """The text of a tag set of suggestions, each with what speaks for it in a comment."""
    import yaml

    lines = ["# Suggested tags: take out what is none, describe what is not plain; use by --tags.", "name: suggested"]
    lines.append("tags:" if found else "tags: []")
    for one in found:
        shown = " | ".join(visible(title) for title in one.examples)
        lines.append(f"  # {one.count} articles, as {shown}; nearest tag: {one.nearest} ({one.cosine:.2f})")
        name = yaml.safe_dump({"name": one.name}, allow_unicode=True, width=1_000).strip()
        lines.append(f"  - {name}")
    return "\n".join(lines) + "\n"
