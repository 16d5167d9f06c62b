"""Which articles a step reads: tagged ones, ones with a topic, ones of which something is written.

An epoch of the tagged ones is drawn as a run's YAML says; the others are drawn at random, corpora by their `rows`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from on_gpu.articles import Articles, Kind
from on_gpu.windows import Places, Windows

_POOL = 40  # batches' worth of articles that are sorted by length at a time
_SHORT = 64  # tokens; corpora of such texts are drawn apart from the others
_FEWEST_READ, _FEWEST_WRITTEN, _MOST_HEADLINE = 20, 4, 40  # tokens


@dataclass(frozen=True)
class Draw:
    """One corpus of those that are drawn from: numbers of its articles among all that are read, and its weight."""

    articles: Places
    weight: float


def epochs(parts: Sequence[Draw], windows: Windows, *, batch: int, random: np.random.Generator) -> Iterator[Places]:
    """Endless batches of articles, those of like length together; a part's weight is the articles an epoch takes."""
    while True:
        chosen = np.concatenate([random.permutation(part.articles)[: int(part.weight)] for part in parts])
        chosen = random.permutation(chosen)
        batches: list[Places] = []
        for pool in np.array_split(chosen, max(1, len(chosen) // (batch * _POOL))):
            order = np.lexsort((windows.lengths[pool], windows.counts[pool]))
            batches += np.array_split(pool[order], max(1, len(pool) // batch))
        for place in random.permutation(len(batches)):
            yield batches[place]


def drawn(parts: Sequence[Draw], *, size: int, random: np.random.Generator) -> Places:
    """Articles of corpora that are taken by their weights."""
    weights = np.array([part.weight for part in parts], np.float64)
    chosen = random.choice(len(parts), size, p=weights / weights.sum())
    return np.array([random.choice(parts[place].articles) for place in chosen], np.int64)


def by_length(parts: Mapping[str, Draw], windows: Windows) -> list[list[Draw]]:
    """Corpora of short texts, and the others; those without articles are left out."""
    found: tuple[list[Draw], list[Draw]] = ([], [])
    for part in parts.values():
        if len(part.articles):
            found[int(np.median(windows.lengths[part.articles]) > _SHORT)].append(part)
    return [one for one in found if one]


def writable(articles: Articles, places: Places, kind: Kind) -> Places:
    """Those of some articles that have a text of a kind and something to write it from."""

    def fits(place: int) -> bool:
        target = len(articles.target(place, kind))
        short = kind != "headline" or target <= _MOST_HEADLINE
        return target >= _FEWEST_WRITTEN and short and len(articles.read(place, kind)) >= _FEWEST_READ

    return np.array([place for place in places.tolist() if fits(place)], np.int64)
