#!/usr/bin/env python3
"""How often the best tag is right after so many examples of each: of a set of kind `one`, over several draws.

Examples are drawn from the training split, as many of each tag, and learned in the two ways that there are: as the
`examples` of a tag set (or by `svodka learn`), and by `svodka train` from a bundle. Beside them stand the names alone,
and TF-IDF with linear SVMs on the same examples. Accuracy is that on articles of another split, mean and standard
deviation over the draws.

Usage: scripts/few_examples.py BUNDLE PREPARED --tags SET.yaml [--examples 8] [--draws 10] [--split validation]
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from named_tags import labelled
from svodka.adapt.fit import learned
from svodka.article import Article
from svodka.bundle import Bundle, load_bundle, with_tag_set
from svodka.data.splits import SPLITS
from svodka.data.store import PreparedData
from svodka.evaluation.tags.baselines import linear_tags
from svodka.learning.fit import fit_change
from svodka.learning.readings import Readings, read
from svodka.tagsets import TagSet, read_tag_set

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Corpus:
    """Articles to draw from, then those to measure by.

    Attributes:
        bundle: whose tags are those of the set.
        articles: n of them, of which the first `pool` are drawn from; gold: their tags [n, l]; found: what was read.
    """

    bundle: Bundle
    articles: Sequence[Article]
    pool: int
    gold: Floats
    found: Readings


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("prepared", type=Path)
    parser.add_argument("--tags", type=Path, required=True, help="tag set; each article has one of its tags")
    parser.add_argument("--examples", type=int, default=8, help="of each tag")
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--pool", type=int, default=600, help="training articles that the draws are taken from")
    parser.add_argument("--split", default="test", choices=SPLITS, help="to measure by")
    parser.add_argument("--limit", type=int, default=1_000, help="most articles of it, spread over it")
    given = parser.parse_args()
    corpus = read_corpus(given)
    draws = [draw(corpus, given.examples, seed) for seed in range(given.draws)]
    print(f"{given.split}, n = {len(corpus.articles) - corpus.pool}, {corpus.gold.shape[1]} tags, {len(draws)} draws\n")
    print("| system | accuracy | deviation |\n|---|---|---|")
    print(f"| names alone | {right(corpus, corpus.found.odds[corpus.pool :]):.3f} | |")
    for name, system in (("examples of a tag set", of_set), ("svodka train", of_train), ("TF-IDF", of_tf_idf)):
        told = [right(corpus, system(corpus, rows)) for rows in draws]
        print(f"| {name} | {np.mean(told):.3f} | {np.std(told):.3f} |", flush=True)


def read_corpus(given: argparse.Namespace) -> Corpus:
    """Read the articles once."""
    data, tags = PreparedData.open(given.prepared), read_tag_set(given.tags)
    bundle = with_tag_set(load_bundle(given.bundle), tags, learnt=False)
    pool = spread(data, tags, "train", given.pool)
    articles = [*pool, *spread(data, tags, given.split, given.limit)]
    labels = tags.vocabulary()
    gold = np.array([labels.encode(article.tags) for article in articles])
    found = read(bundle, articles, lambda line: print(f"<!-- {line} -->", flush=True))
    return Corpus(bundle, articles, len(pool), gold, found)


def spread(data: PreparedData, tags: TagSet, split: str, most: int) -> list[Article]:
    """Articles of a split that have a tag of the set, spread over it."""
    articles = labelled(data.articles(split), tags, None)
    return articles[:: max(1, len(articles) // most)][:most]


def draw(corpus: Corpus, n: int, seed: int) -> Rows:
    """Places of n examples of each tag."""
    order = np.random.default_rng(seed).permutation(corpus.pool)
    return np.concatenate([[place for place in order if of[place]][:n] for of in corpus.gold.T])


def of_set(corpus: Corpus, rows: Rows) -> Floats:
    """Log-odds [m, l] of the articles to measure by, learned as the examples of a set are."""
    odds = corpus.found.odds[corpus.pool :].copy()
    hidden = corpus.found.hidden
    for tag in range(odds.shape[1]):
        part = Readings(corpus.found.odds[rows], corpus.found.attended[rows], None, take(hidden, rows))
        change = fit_change(part.odds[:, tag], corpus.gold[rows, tag], part.features(tag))
        kinds = [corpus.found.attended[corpus.pool :, tag], *([] if hidden is None else [hidden[corpus.pool :]])]
        odds[:, tag] += change.constant
        for kind, weights in zip(kinds, change.weights, strict=True):
            odds[:, tag] += kind @ weights
    return odds


def take(values: Floats | None, rows: Rows) -> Floats | None:
    """Rows of what may be missing."""
    return None if values is None else values[rows]


def of_train(corpus: Corpus, rows: Rows) -> Floats:
    """The same, learned as `svodka train` does from a bundle."""
    found = corpus.found
    every = np.concatenate([rows, np.arange(corpus.pool, len(corpus.articles))])
    words = None if found.words is None else [found.words[place] for place in every]
    part = Readings(found.odds[every], found.attended[every], words, take(found.hidden, every))
    changes = learned(corpus.bundle, part, corpus.gold[rows], trained=[False] * corpus.gold.shape[1])
    return np.stack([after for _, after in changes], axis=1)[len(rows) :]


def of_tf_idf(corpus: Corpus, rows: Rows) -> Floats:
    """Scores of linear SVMs; thresholds, which an accuracy does not need, come from the examples themselves."""
    train = [corpus.articles[place] for place in rows]
    test = corpus.articles[corpus.pool :]
    return linear_tags(train, corpus.gold[rows], validation=(train, corpus.gold[rows]), test=test)[1]


def right(corpus: Corpus, scores: Floats) -> float:
    """Share of the articles whose best tag is theirs."""
    gold = corpus.gold[corpus.pool :]
    return float(np.take_along_axis(gold, scores.argmax(axis=1)[:, None], axis=1).mean())


if __name__ == "__main__":
    main()
