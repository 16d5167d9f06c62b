"""The tags of an adapted bundle, and what the articles of the data say of them.

n: articles, m: tags of the data.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from svodka.article import Article
from svodka.bundle import Bundle, with_tag_set
from svodka.errors import ConfigError
from svodka.labels import TagVocabulary
from svodka.learning.fit import Floats
from svodka.tagsets.checks import MOST_LETTERS, MOST_TAGS
from svodka.tagsets.record import TagSet
from svodka.training.mixture import Mixture


@dataclass(frozen=True)
class Vocabulary:
    """Which tags there are.

    Attributes:
        labels: those of the adapted bundle.
        names: m of them that the data use.
        columns: for each tag of the data's vocabulary which of these it is.
    """

    labels: TagVocabulary
    names: tuple[str, ...]
    columns: tuple[int, ...]

    @classmethod
    def of(cls, start: Bundle, data: Mixture, *, keep: bool) -> "Vocabulary":
        """The tags of the data; with `keep` those of the bundle stand before them, and one that both know is one tag.

        Raises:
            ConfigError: no tags, more than a bundle can take, or a name that is too long.
        """
        own, old = data.labels, start.labels
        called = [(old.resolve(name) if keep else None) or name for name in own.names]
        names = tuple(dict.fromkeys(called))
        every = (*old.names, *(name for name in names if name not in old.index)) if keep else names
        _check(start, names, len(every))
        labels = _beside(old, own, every, dict(zip(own.names, called, strict=True)), data) if keep else own
        spelled = {name for name, forms in zip(old.names, start.spellings, strict=False) if forms}
        known = {name: old.resolve(name) for name in labels.names}
        named = frozenset(name for name, found in known.items() if found is None or found in spelled)
        return cls(replace(labels, named=named), names, tuple(map(names.index, called)))


def _check(start: Bundle, names: Sequence[str], n: int) -> None:
    """Raise a ConfigError for tags of the data that a bundle, which would then have n, cannot take."""
    if not names or n > MOST_TAGS:
        raise ConfigError(
            f"start: {start.folder} can be given 1 to {MOST_TAGS:,} tags, got {n if names else 0:,}; set "
            "data.tags.min_count or data.tags.max_tags"
        )
    longest = max(names, key=len)
    if len(longest) > MOST_LETTERS["name"]:
        raise ConfigError(
            f"tag '{longest[:30]}…' of the data has {len(longest):,} letters, at most {MOST_LETTERS['name']} are "
            "allowed; leave it out by data.tags.drop, or give it another name by data.tags.aliases"
        )


def _beside(
    old: TagVocabulary, own: TagVocabulary, names: tuple[str, ...], called: dict[str, str], data: Mixture
) -> TagVocabulary:
    """The tags of a bundle with those of the data."""
    outlets = dict(old.outlets)
    for corpus in data.corpora if outlets else ():
        for name, uses in zip(own.names, own.known(corpus.name), strict=True):
            if uses and corpus.tags == "own":
                outlets[called[name]] = tuple(dict.fromkeys((*outlets.get(called[name], ()), corpus.name)))
    aliases = {spelling: called[name] for spelling, name in own.aliases.items()} | dict(old.aliases)
    kept = {spelling: name for spelling, name in aliases.items() if spelling not in names}
    house = old.house | {called[name] for name in own.house}
    dated = dict(old.dated) | {called[name]: years for name, years in own.dated.items()}
    return TagVocabulary(names, kept, outlets, house, dated)


def tagged_with(start: Bundle, labels: TagVocabulary, names: Sequence[str]) -> Bundle:
    """A bundle with tags of a vocabulary: those that it knows as they are, others read by their names.

    Raises:
        ConfigError: its tags are not read by name, or names that no tag can have.
    """
    spelled = dict(zip(labels.names, labels.spellings, strict=True)) if labels.spellings else {}
    found = with_tag_set(start, TagSet.of_names(names, name=f"the data's, for {start.folder}"))
    spellings = tuple(spelled.get(name, ()) for name in names)
    own = labels if labels.names == tuple(names) else found.labels
    return replace(found, labels=own, tag_set=None, spellings=spellings, learned=())


@dataclass(frozen=True)
class Labelled:
    """Articles, and what they say of each tag [n, m]: 1 and 0 where one has it and has not, below 0 if unknown."""

    articles: Sequence[Article]
    said: Floats

    @classmethod
    def of(cls, data: Mixture, split: str, tags: Vocabulary, *, most: int | None = None) -> "Labelled":
        """A split of the data, or `most` articles spread evenly over it."""
        articles: list[Article] = []
        told: list[Floats] = []
        for corpus, known in zip(data.corpora, data.known().numpy(), strict=True):
            for article in data.articles(corpus, split):
                articles.append(article)
                told.append(_said(np.array(data.labels.encode(article.tags)), known, tags))
        places = range(len(articles))
        if most is not None and len(articles) > most:
            places = np.linspace(0, len(articles) - 1, most).round().astype(int).tolist()
        rows = np.array([told[i] for i in places]).reshape(len(places), len(tags.names))
        return cls([articles[i] for i in places], rows)


def _said(has: Floats, known: NDArray[np.bool_], tags: Vocabulary) -> Floats:
    """What one article says [m], of what it says of the data's vocabulary."""
    found = np.full(len(tags.names), -1.0)
    # A tag that has several spellings in the data is there where one of them is.
    np.maximum.at(found, np.array(tags.columns), np.where(known, has, -1.0))
    return found
