#!/usr/bin/env python3
"""How well `svodka suggest` finds tags that a vocabulary lacks: ten of a corpus' own tags are hidden from it.

Recall@k is the share of the hidden tags that are among the first k suggestions, mean over several draws.

Usage: scripts/suggested_tags.py BUNDLE PREPARED [--limit 200] [--characters 3000]
"""

import argparse
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from svodka.bundle import load_bundle
from svodka.bundle.files import BundlePaths
from svodka.data.splits import SPLITS
from svodka.data.store import PreparedData
from svodka.labels import TagVocabulary
from svodka.suggest.candidates import Candidate, candidates
from svodka.suggest.suggest import Floats, distinct, ranked, tag_vectors, uncovered, unit_vectors

HIDDEN, DRAWS = 10, 20
FIRST = (10, 20, 40)


@dataclass(frozen=True)
class Pool:
    """Candidates that no tag covers that is never hidden, the tags that each of them is, and vectors of their names."""

    found: Sequence[Candidate]
    tags: Sequence[set[str]]
    vectors: Floats


def main() -> None:
    """Print recall at some numbers of suggestions."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("prepared", type=Path)
    parser.add_argument("--split", default="validation", choices=SPLITS)
    parser.add_argument("--limit", type=int, default=200, help="most articles")
    parser.add_argument("--characters", type=int, default=3_000, help="of each article")
    parser.add_argument("--least", type=int, default=5, help="articles that a hidden tag must have")
    given = parser.parse_args()
    labels = TagVocabulary.load(BundlePaths(given.bundle).labels)
    articles = PreparedData.open(given.prepared).articles(given.split)[: given.limit]
    counts = Counter(name for one in articles for name in {*map(labels.resolve, one.tags)} if name)
    shown = [name for name, n in counts.items() if n >= given.least and name not in labels.house | labels.dated.keys()]
    found = candidates([replace(article, text=article.text[: given.characters]) for article in articles])
    # What no tag covers with all of them hidden: the same for every draw, but for what its other tags cover.
    free = uncovered(found, without(labels, shown), n_articles=len(articles), least=3)
    bundle = load_bundle(given.bundle, light=True)
    pool = Pool(free, [set(covering([one], labels, shown)) for one in free], unit_vectors(bundle, free))
    names = tag_vectors(bundle)
    draws = [set(random.Random(seed).sample(shown, HIDDEN)) for seed in range(DRAWS)]
    told = [recalls(pool, names[[name not in hidden for name in labels.names]], hidden) for hidden in draws]
    print(f"{len(articles)} articles, {HIDDEN} of {len(shown)} tags hidden, {DRAWS} draws")
    for k, values in zip(FIRST, zip(*told, strict=True), strict=True):
        print(f"recall@{k}: {sum(values) / DRAWS:.3f}")


def without(labels: TagVocabulary, names: Sequence[str]) -> TagVocabulary:
    """A vocabulary that lacks some tags."""
    kept = tuple(name for name in labels.names if name not in names)
    return TagVocabulary(kept, {alias: name for alias, name in labels.aliases.items() if name not in names})


def covering(found: Sequence[Candidate], labels: TagVocabulary, names: Sequence[str]) -> list[str]:
    """The tags of `names` by which one of the candidates is covered."""
    alone = ((name, TagVocabulary((name,), {a: n for a, n in labels.aliases.items() if n == name})) for name in names)
    return [name for name, one in alone if not uncovered(found, one, n_articles=10**6, least=1)]


def recalls(pool: Pool, names: Floats, hidden: set[str]) -> list[float]:
    """Share of the hidden tags among the first suggestions, at each number of `FIRST`; `names`: of the other tags."""
    rows = [i for i, tags in enumerate(pool.tags) if not tags or tags & hidden]
    found = [pool.found[i] for i in rows]
    order = islice(distinct(found, ranked(found, pool.vectors[rows], names)), max(FIRST))
    suggested = [pool.tags[rows[place]] & hidden for place in order]
    return [len(set().union(*suggested[:k])) / HIDDEN for k in FIRST]


if __name__ == "__main__":
    main()
