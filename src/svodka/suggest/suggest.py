"""Suggested tags: what recurs in articles and is covered by no tag, with counts, examples and the nearest tag."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from svodka.article import Article
from svodka.bundle import Bundle
from svodka.bundle.named import name_vectors
from svodka.facts.morphology import lemmas
from svodka.heads.tags import NAME_LENGTH
from svodka.labels import TagVocabulary
from svodka.suggest.candidates import Candidate, candidates
from svodka.text import normalise_tag, words
from svodka.visible import visible

Floats = NDArray[np.float64]

COVERED = 0.9  # cosine of two names from which they mean the same to the model
LARGEST_SHARE = 0.5  # of the articles: what stands in more of them tells none from another
# How much sooner a name is a tag than a subject that recurs as much, and how much the likeness of a subject's name to
# names of tags counts: chosen on validation articles of RT by `scripts/suggested_tags.py`.
NAME_COUNTS, LIKENESS_COUNTS = 10, 0.75
_RIDGE = 1e-3  # beside name vectors of length 1
_MOST_READ = 1_000  # candidates whose names the model reads
_EXAMPLES = 2


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
    # What is published again says nothing new.
    articles = list({article.title or article.text: article for article in articles}.values())
    found = uncovered(candidates(articles), bundle.labels, n_articles=len(articles), least=least)[:_MOST_READ]
    if not found:
        return []
    vectors, tags = unit_vectors(bundle, found), tag_vectors(bundle)
    cosines = vectors @ tags.T
    places = [place for place in ranked(found, vectors, tags) if cosines[place].max() < COVERED]
    return [
        Suggestion(
            found[place].name,
            len(found[place].about),
            _examples(found[place], articles),
            bundle.labels.names[int(cosines[place].argmax())],
            float(cosines[place].max()),
        )
        for place in islice(distinct(found, places), most)
    ]


def uncovered(found: Iterable[Candidate], labels: TagVocabulary, *, n_articles: int, least: int) -> list[Candidate]:
    """Candidates that articles are about often enough and that no tag or alias names; what recurs most comes first."""
    by_first: defaultdict[str, list[list[frozenset[str]]]] = defaultdict(list)
    for forms in map(_forms, (*labels.names, *labels.aliases)):
        for lemma in forms[0] if forms else ():
            by_first[lemma].append(forms)
    often = [one for one in found if least <= len(one.about) <= max(least, LARGEST_SHARE * n_articles)]
    kept: list[Candidate] = []
    for one in often:
        forms = _forms(one.name)
        near = [tag for lemma in (forms[0] if forms else ()) for tag in by_first[lemma]]
        if forms and not any(_same(forms, tag) for tag in near):
            kept.append(one)
    return sorted(kept, key=lambda one: (-_recurs(one), one.name))


def unit_vectors(bundle: Bundle, found: Sequence[Candidate]) -> Floats:
    """What a bundle makes of the names of candidates [n, d], of length 1.

    Raises:
        ConfigError: the bundle's tags are not read by name.
    """
    vectors = name_vectors(bundle, [normalise_tag(one.name) for one in found])
    return np.asarray(vectors.double().cpu().numpy() / NAME_LENGTH)


def tag_vectors(bundle: Bundle) -> Floats:
    """Those of a bundle's tags [l, d]; it reads tags by their names."""
    names = bundle.model.tag_head.names
    assert names is not None
    return np.asarray(names.vectors[: len(bundle.labels)].double().cpu().numpy() / NAME_LENGTH)


def ranked(found: Sequence[Candidate], vectors: Floats, tags: Floats) -> list[int]:
    """Positions of candidates, the likeliest tags first.

    Args:
        found: n of them; vectors: of their names [n, d]; tags: of the names of the vocabulary [l, d].
    """
    weights = np.log([_recurs(one) for one in found])
    subjects = np.array([not one.is_name for one in found])
    if subjects.any():
        weights[subjects] += LIKENESS_COUNTS * likeness(vectors[subjects], tags)
    # A longer phrase first among equals: it says more.
    return sorted(range(len(found)), key=lambda i: (-weights[i], -len(found[i].name), found[i].name))


def likeness(names: Floats, tags: Floats) -> Floats:
    """How like names of tags other names are [n], with mean 0 and deviation 1: by Fisher's linear discriminant.

    Args:
        names: vectors of names, of which some may be tags [n, d]; tags: of names that are [l, d].
    """
    spread = (_around_mean(tags), _around_mean(names))
    scatter = sum(part.T @ part for part in spread) / (len(tags) + len(names)) + _RIDGE * np.eye(names.shape[1])
    values = names @ np.linalg.solve(scatter, tags.mean(axis=0) - names.mean(axis=0))
    return np.asarray((values - values.mean()) / (values.std() or 1.0))


def _around_mean(vectors: Floats) -> Floats:
    return np.asarray(vectors - vectors.mean(axis=0))


def _recurs(one: Candidate) -> float:
    return one.weight * (NAME_COUNTS if one.is_name else 1)


def distinct(found: Sequence[Candidate], places: Iterable[int]) -> Iterator[int]:
    """Places of candidates, without those that are nearly always said as a part of an earlier one or around it."""
    kept: list[tuple[frozenset[str], Candidate]] = []
    for place in places:
        one = found[place]
        own = frozenset(min(lemmas(word), default=word) for word in words(one.name))
        if not any((own <= other or other <= own) and _together(one, two) for other, two in kept):
            kept.append((own, one))
            yield place


def _together(one: Candidate, other: Candidate) -> bool:
    return 2 * len(one.about & other.about) > min(len(one.about), len(other.about))


def _forms(name: str) -> list[frozenset[str]]:
    return [lemmas(word) for word in words(name)]


def _same(one: Sequence[frozenset[str]], other: Sequence[frozenset[str]]) -> bool:
    return len(one) == len(other) and not any(map(frozenset.isdisjoint, one, other))


def _examples(one: Candidate, articles: Sequence[Article]) -> tuple[str, ...]:
    # Those with it in the title first: they show best what it is.
    places = sorted(one.about, key=lambda place: (place not in one.titled, place))
    return tuple(articles[place].title or articles[place].text[:80] for place in places[:_EXAMPLES])


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
