#!/usr/bin/env python3
"""What a bundle learns of a newsroom's tags from 100, 300 and 1,000 of its articles, beside TF-IDF with linear SVMs.

Of each corpus articles are drawn at random from the training split, and a tenth as many from the validation split. The
tags are those that three drawn articles have. What the bundle learned of this corpus is left out: its tags are read by
their names, through maps that met none of them, and the networks of its lexical branch do not count. TF-IDF reads the
whole articles, and chooses its one threshold on the validation articles that the bundle has. Intervals are those of the
bootstrap over test articles and draws.

Usage: scripts/curves.py BUNDLE PREPARED... [--sizes 100 300 1000] [--draws 3] [--limit 200]
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from named_tags import refit
from svodka.adapt.fit import learned
from svodka.article import Article
from svodka.bundle import Bundle, load_bundle, with_tag_set
from svodka.config.training import ThresholdConfig
from svodka.data.store import PreparedData
from svodka.evaluation.bootstrap import difference_of, resample
from svodka.evaluation.tags.baselines import linear_tags
from svodka.evaluation.tags.metrics import tag_scores
from svodka.evaluation.tags.resampling import tag_statistic
from svodka.learning.readings import Readings, read
from svodka.tagsets import TagSet
from svodka.training.thresholds import fit_calibration

Floats = NDArray[np.float64]
LEAST = 3  # drawn articles that a tag must have
FIGURES = {"micro_f1": "micro-F1", "macro_f1": "macro-F1", "map": "MAP"}
Decided = tuple[Floats, Floats]  # decisions and scores [n, l]


@dataclass(frozen=True)
class Corpus:
    """The articles of a corpus, read once.

    Attributes:
        articles: of all splits; gold: their tags [n, l]; found: what the bundle read of them.
        places: split -> where its articles stand.
    """

    bundle: Bundle
    articles: Sequence[Article]
    gold: Floats
    found: Readings
    places: dict[str, NDArray[np.int64]]


@dataclass(frozen=True)
class Draw:
    """Places of the articles to learn from and to choose by, and the tags that there are."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    tags: NDArray[np.int64]


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("prepared", type=Path, nargs="+")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 300, 1000])
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument(
        "--pool", type=int, default=1_200, help="training articles to draw from; a fifth as many of validation"
    )
    parser.add_argument("--limit", type=int, default=200, help="test articles, spread over the split")
    parser.add_argument("--windows", type=int, default=4, help="that the bundle reads of each article")
    given = parser.parse_args()
    columns = ("corpus", "articles", "tags", *(f"{name}, bundle / TF-IDF" for name in FIGURES.values()))
    columns = (*columns, *(f"difference in {name}" for name in FIGURES.values()))
    for row in (columns, ["---"] * len(columns)):
        print(f"| {' | '.join(row)} |", flush=True)
    for folder in given.prepared:
        corpus = read_corpus(given, folder)
        for size in given.sizes:
            if size <= len(corpus.places["train"]):
                draws = [draw(corpus, size, seed) for seed in range(given.draws)]
                show(folder.name, corpus, [one for one in draws if len(one.tags)], size)


def read_corpus(given: argparse.Namespace, folder: Path) -> Corpus:
    """Read what any draw needs of a corpus, with a bundle that has unlearned it."""
    data, bundle = PreparedData.open(folder), load_bundle(given.bundle)
    refit(bundle, [not used for used in bundle.labels.known(folder.name)])
    tags = bundle.model.config.heads.tags
    bundle.model.config.heads = bundle.model.config.heads.with_shares("tags", (*tags.shares[:2], 0.0))
    bundle.model.config.window = bundle.model.config.window.model_copy(update={"limit": given.windows})
    named = with_tag_set(bundle, TagSet.of_names(data.labels.names), learnt=False)
    parts = {split: data.articles(split) for split in ("train", "validation", "test")}
    for split, most in (("train", given.pool), ("validation", given.pool // 5)):
        parts[split] = [parts[split][i] for i in np.random.default_rng(0).permutation(len(parts[split]))[:most]]
    parts["test"] = parts["test"][:: max(1, len(parts["test"]) // given.limit)][: given.limit]
    ends = np.cumsum([0, *map(len, parts.values())])
    places = {split: np.arange(ends[i], ends[i + 1]) for i, split in enumerate(parts)}
    articles = [article for part in parts.values() for article in part]
    found = read(named, articles, lambda line: print(f"<!-- {folder.name}: {line} -->", flush=True))
    gold = np.array([data.labels.encode(article.tags) for article in articles])
    return Corpus(named, articles, gold, found, places)


def draw(corpus: Corpus, size: int, seed: int) -> Draw:
    """Articles at random."""
    generator = np.random.default_rng(seed)
    train = generator.permutation(corpus.places["train"])[:size]
    validation = generator.permutation(corpus.places["validation"])[: max(size // 10, 1)]
    counts = Counter({tag: int(n) for tag, n in enumerate(corpus.gold[train].sum(axis=0))})
    return Draw(train, validation, np.array(sorted(tag for tag, n in counts.items() if n >= LEAST), dtype=np.int64))


def of_bundle(corpus: Corpus, one: Draw) -> Decided:
    """What the bundle gives the test articles."""
    rows = np.concatenate([one.train, one.validation, corpus.places["test"]])
    found = corpus.found
    assert found.words is not None
    part = Readings(
        found.odds[np.ix_(rows, one.tags)], found.attended[np.ix_(rows, one.tags)], [found.words[i] for i in rows], None
    )
    said = corpus.gold[np.ix_(rows, one.tags)]
    n, end = len(one.train), len(one.train) + len(one.validation)
    changes = learned(corpus.bundle, part, said[:n], trained=[False] * len(one.tags))
    odds = np.stack([after for _, after in changes], axis=1)
    settings = ThresholdConfig(calibrate=False)
    thresholds = fit_calibration(odds[:end], said[:end], settings).threshold
    scores = 1 / (1 + np.exp(-odds[end:]))
    return (scores >= thresholds).astype(np.float64), scores


def of_tf_idf(corpus: Corpus, one: Draw) -> Decided:
    """What TF-IDF gives them."""
    train, validation, test = (
        [corpus.articles[i] for i in places] for places in (one.train, one.validation, corpus.places["test"])
    )
    gold = [corpus.gold[np.ix_(places, one.tags)] for places in (one.train, one.validation)]
    return linear_tags(train, gold[0], validation=(validation, gold[1]), test=test)


def show(name: str, corpus: Corpus, draws: Sequence[Draw], size: int) -> None:
    """Print a line: means over the draws, and intervals of the differences; none where no draw has a tag."""
    if not draws:
        return
    test = corpus.places["test"]
    figures, drawn = [], []
    for one in draws:
        gold = corpus.gold[np.ix_(test, one.tags)]
        both = [(gold, *system(corpus, one)) for system in (of_bundle, of_tf_idf)]
        figures.append([[tag_scores(*of)[key] for key in FIGURES] for of in both])
        values = [resample(len(test), tag_statistic(*of)) for of in both]
        drawn.append([values[0][key] - values[1][key] for key in FIGURES])
    means = np.array(figures).mean(axis=0)  # [systems, figures]
    spread = np.array(drawn)  # [draws, figures, resamples]
    picked = np.random.default_rng(0).integers(0, len(draws), (len(draws), spread.shape[2]))
    mixed = np.stack([spread[picked[k], :, np.arange(spread.shape[2])] for k in range(len(draws))]).mean(axis=0)
    pairs = [f"{ours:.3f} / {theirs:.3f}" for ours, theirs in means.T]
    told = [difference_of(float(d), mixed[:, i], np.zeros(len(mixed))) for i, d in enumerate(means[0] - means[1])]
    gains = [f"{one['mean']:+.3f} [{one['low']:+.3f}, {one['high']:+.3f}]" for one in told]
    tags = round(float(np.mean([len(one.tags) for one in draws])))
    print(f"| {' | '.join([name, f'{size:,}', str(tags), *pairs, *gains])} |", flush=True)


if __name__ == "__main__":
    main()
