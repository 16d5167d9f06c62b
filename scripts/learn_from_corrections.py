#!/usr/bin/env python3
"""What a tag gains from 5, 10, 20 and 50 corrections: an editor is simulated who goes through articles one by one.

Of a tag the editor says of each article that the machine gave it rightly or wrongly, or that it is missing; articles
without either say nothing. F1 is measured on other articles, mean over the tags. No other tag's score changes, but one
that is given as the nearest, where none is sure, may give way: what the others lose by that, in points of F1, stands
last: the mean over them, the loss of the one that loses most in the mean over lessons, the largest of all lessons, and
the largest of a tag with --least articles: a rarer one may have one or two of those that it is measured on.

Usage: scripts/learn_from_corrections.py BUNDLE PREPARED... [--prior trained | named | unmet] [--limit 300]
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from named_tags import own_tags, refit
from svodka.bundle import load_bundle, with_tag_set
from svodka.data.splits import SPLITS
from svodka.data.store import PreparedData
from svodka.learning.fit import NAMED, TRAINED, Features, Prior, fit_change
from svodka.learning.readings import Readings, read

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
SHARE = 5 / 8  # of the articles that the editor may see; on the others it is measured
COLUMNS = (
    "corpus", "prior", "n", "corrections", "tags", "F1 before", "after", "gain", "tags that lose 0.05", "AP before",
    "after", "others lose", "most", "largest", "of frequent tags",
)  # fmt: skip


@dataclass(frozen=True)
class Corpus:
    """Articles that were read.

    Attributes:
        gold: 1 where an article has a tag [n, l]; found: what was read of them; thresholds: of each tag [l].
        nearly: share of its threshold from which the nearest tag is given where none reaches its own.
        prior: how far tags may move.
    """

    gold: Floats
    found: Readings
    thresholds: Floats
    nearly: float
    prior: Prior

    def given(self, odds: Floats) -> NDArray[np.bool_]:
        """Which tags are given by log-odds [n, l]."""
        shares = 1 / (1 + np.exp(-odds)) / self.thresholds
        nearest = (shares == shares.max(axis=1, keepdims=True)) & (shares >= self.nearly)
        return np.where((shares >= 1).any(axis=1, keepdims=True), shares >= 1, nearest)


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("prepared", type=Path, nargs="+")
    parser.add_argument("--prior", default="unmet", choices=("trained", "named", "unmet"), help="what tags were before")
    parser.add_argument("--split", default="validation", choices=SPLITS)
    parser.add_argument("--limit", type=int, default=300, help="most articles of a corpus, spread over it")
    parser.add_argument("--characters", type=int, default=2_000, help="of each article")
    parser.add_argument("--tags", type=int, default=60, help="the most frequent of the corpus")
    parser.add_argument("--least", type=int, default=12, help="articles that a tag must have")
    parser.add_argument("--corrections", type=int, nargs="+", default=[5, 10, 20, 50])
    parser.add_argument("--others", type=int, default=100, help="articles without corrections")
    parser.add_argument("--seeds", type=int, default=2)
    given = parser.parse_args()
    for row in (COLUMNS, ["---"] * len(COLUMNS)):
        print(f"| {' | '.join(row)} |", flush=True)
    for folder in given.prepared:
        corpus = read_corpus(given, folder)
        for n in given.corrections:
            rows = [row for seed in range(given.seeds) for row in curve(corpus, given, n=n, seed=seed)]
            show(folder.name, given.prior, len(corpus.gold), n=n, rows=np.array(rows))


def read_corpus(given: argparse.Namespace, folder: Path) -> Corpus:
    """The articles of a corpus, read once."""
    bundle, data = load_bundle(given.bundle, light=True), PreparedData.open(folder)
    if given.prior == "unmet":
        refit(bundle, [not used for used in bundle.labels.known(folder.name)])
    tags = own_tags(data, bundle.labels, given.tags)
    articles = data.articles(given.split)
    articles = articles[:: max(1, len(articles) // given.limit)][: given.limit]
    own = with_tag_set(bundle, tags, learnt=given.prior == "trained")
    labels = tags.vocabulary()
    start = time.process_time()
    found = read(own, [replace(article, text=article.text[: given.characters], tags=()) for article in articles])
    print(f"<!-- {folder.name}: {time.process_time() - start:.1f} CPU seconds for {len(articles)} articles -->")
    gold = np.array([labels.encode(article.tags) for article in articles])
    nearly = bundle.calibration.nearly if given.prior == "trained" else 1.0
    return Corpus(gold, found, own.calibration.threshold, nearly, TRAINED if given.prior == "trained" else NAMED)


def curve(corpus: Corpus, given: argparse.Namespace, *, n: int, seed: int) -> Iterator[tuple[float, ...]]:
    """Of each tag F1 and average precision before and after `n` corrections; the others' loss."""
    order = np.random.default_rng(seed).permutation(len(corpus.gold))
    seen, held_out = order[: int(SHARE * len(order))], order[int(SHARE * len(order)) :]
    for tag in range(corpus.gold.shape[1]):
        gold = corpus.gold[:, tag]
        if gold.sum() < given.least or gold[held_out].sum() < 2:
            continue
        corrected = _corrected(corpus, tag, seen)[:n]
        others = np.setdiff1d(seen, corrected, assume_unique=True)[: given.others]
        before, y = corpus.found.odds[held_out], corpus.gold[held_out]
        after = before.copy()
        after[:, tag] += _change(corpus, tag, corrected, others, held_out=held_out)
        scores = [
            [f1(chosen[:, i], y[:, i]) for i in range(y.shape[1])] for chosen in map(corpus.given, (before, after))
        ]
        lost = 100 * np.delete(scores[0], tag) - 100 * np.delete(scores[1], tag)
        ranked = (precision(odds[:, tag], y[:, tag]) for odds in (before, after))
        frequent = np.delete(corpus.gold.sum(axis=0) >= given.least, tag)
        yield tag, scores[0][tag], scores[1][tag], *ranked, lost.mean(), lost.max(), lost[frequent].max(initial=0.0)


def _corrected(corpus: Corpus, tag: int, seen: Rows) -> Rows:
    """The articles of those that the editor sees of which there is something to say."""
    given = corpus.given(corpus.found.odds[seen])[:, tag]
    return np.asarray(seen[given | (corpus.gold[seen, tag] > 0)])


def _change(corpus: Corpus, tag: int, corrected: Rows, others: Rows, *, held_out: Rows) -> Floats:
    """What is added to the log-odds of the articles held out."""
    rows = np.concatenate([corrected, others])
    said = np.concatenate([corpus.gold[corrected, tag], np.full(len(others), -1.0)])
    kinds = [corpus.found.attended[:, tag], *([] if corpus.found.hidden is None else [corpus.found.hidden])]
    features = [Features.of(kind[rows].astype(np.float64)) for kind in kinds]
    change = fit_change(corpus.found.odds[rows, tag], said, features, corpus.prior)
    added = (kind[held_out] @ weights for kind, weights in zip(kinds, change.weights, strict=True))
    return np.asarray(sum(added, np.full(len(held_out), change.constant)))


def f1(chosen: NDArray[np.bool_], gold: Floats) -> float:
    """F1 of one tag."""
    return float(2 * (chosen * gold).sum() / max(1.0, chosen.sum() + gold.sum()))


def precision(odds: Floats, gold: Floats) -> float:
    """Average precision of one tag."""
    right = gold[np.argsort(-odds, kind="stable")]
    return float((right * right.cumsum() / np.arange(1, len(right) + 1)).sum() / right.sum())


def show(corpus: str, prior: str, n_articles: int, *, n: int, rows: Floats) -> None:
    """Print a line of the table."""
    _, before, after, ranked, ranked_after, lost, most, frequent = rows.T
    told: Sequence[str] = (
        corpus, prior, str(n_articles), str(n), str(len({*rows[:, 0]})),
        *(f"{value:.3f}" for value in (before.mean(), after.mean(), (after - before).mean())),
        f"{(after - before < -0.05).mean():.2f}", f"{ranked.mean():.3f}", f"{ranked_after.mean():.3f}",
        f"{lost.mean():.2f}", f"{most.mean():.2f}", f"{most.max():.2f}", f"{frequent.max():.2f}",
    )  # fmt: skip
    print(f"| {' | '.join(told)} |", flush=True)


if __name__ == "__main__":
    main()
