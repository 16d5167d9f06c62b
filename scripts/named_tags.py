#!/usr/bin/env python3
"""How well a bundle gives tags by their names alone: what it learnt for a tag of that name is left out.

Beside it stands matching of the names by lemma. The bundle's maps from names have met the names of its own tags; with
--unmet, maps are fitted anew to the tags that the corpus' outlet does not use: a lower bound, as the bundle's maps
learnt more than regression finds. With --fit, the constants of such tags are fitted to the articles. With --trained,
TF-IDF with linear SVMs stands beside, trained on so many articles drawn from the training split; means over the draws.

Usage: scripts/named_tags.py BUNDLE PREPARED... [--tags SET.yaml | --frequent 37] [--split validation] [--unmet] [--fit]
    [--trained 100]
"""

import argparse
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize

from svodka.annotator import Annotator
from svodka.answers import Scored
from svodka.article import Article
from svodka.bundle import Bundle, load_bundle, with_tag_set
from svodka.bundle.named import INTERCEPT, MENTIONED, SLOPE
from svodka.config.loading import load_data_config
from svodka.data.sources import read_source
from svodka.data.splits import SPLITS
from svodka.data.store import PreparedData
from svodka.evaluation.tags.baselines import linear_tags
from svodka.facts.mentions import NOWHERE, Mentions
from svodka.heads.tags import NAME_LENGTH
from svodka.labels import TagVocabulary
from svodka.tagsets import TagSet, read_tag_set
from svodka.text import split_sentences
from svodka.training.trainer import average_precision

Floats = NDArray[np.float64]
RIDGE = 1.0  # beside name vectors of length 1


def main() -> None:
    """Print a table in Markdown, and with --fit the constants."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("prepared", type=Path, nargs="+")
    parser.add_argument("--tags", type=Path, help="tag set; default: the corpus' own tags that the bundle learnt")
    parser.add_argument("--frequent", type=int, help="of the corpus' own tags so many, the most frequent")
    parser.add_argument("--rubrics", type=Path, help="data config whose source has one rubric an article, not tags")
    parser.add_argument("--split", default="test", choices=SPLITS)
    parser.add_argument("--limit", type=int, default=400, help="most articles of a corpus, spread over it")
    parser.add_argument("--unmet", action="store_true", help="maps from names that met none of the outlet's tags")
    parser.add_argument("--trained", type=int, nargs="*", default=[], help="training articles that TF-IDF has")
    parser.add_argument("--draws", type=int, default=5, help="of the training articles")
    parser.add_argument("--fit", action="store_true", help="fit slope, intercept and what a mention adds")
    given = parser.parse_args()
    columns = ("corpus", "n", "tags", "system", "micro AP", "best one right", "precision", "recall")
    for row in (columns, ["---"] * len(columns)):
        print(f"| {' | '.join(row)} |", flush=True)
    parts = []
    for folder in given.prepared:
        bundle, data = load_bundle(given.bundle, light=True), PreparedData.open(folder)
        if given.unmet:
            refit(bundle, [not used for used in bundle.labels.known(folder.name)])
        tags = read_tag_set(given.tags) if given.tags else own_tags(data, bundle.labels, given.frequent)
        articles = labelled(data.articles(given.split), tags, given.rubrics)
        articles = articles[:: max(1, len(articles) // given.limit)][: given.limit]
        scored = list(Annotator(with_tag_set(bundle, tags, learnt=False)).stream_scored(articles))
        parts.append(show(folder.name, articles, tags, scored))
        pool = labelled(data.articles("train"), tags, given.rubrics)
        for n in given.trained:
            cells = trained(articles, tags, pool, n=n, draws=given.draws)
            print(f"| {folder.name} | {len(articles)} | {len(tags)} | {cells} |")
    if given.fit:
        fit(parts)


@torch.no_grad()
def refit(bundle: Bundle, kept: list[bool]) -> None:
    """Fit the bundle's maps from names anew, by ridge regression, to what it learnt for the tags that are kept."""
    head, rows = bundle.model.tag_head, torch.tensor(kept).nonzero().squeeze(-1)
    names = head.names
    if names is None:
        raise SystemExit("named_tags: this bundle's tags are not read by name")
    vectors = names.vectors[rows] / NAME_LENGTH  # [l, d]
    solution = torch.linalg.solve(vectors.T @ vectors + RIDGE * torch.eye(vectors.shape[1]), vectors.T)  # [d, l]
    query, readout, bias = (part[rows] for part in head.vectors())
    parts = ((names.query, query), (names.readout, readout), (names.bias, bias.unsqueeze(-1)))
    for layer, part in parts:
        layer.weight.copy_((solution @ (part - part.mean(dim=0))).T / NAME_LENGTH)
        layer.bias = torch.nn.Parameter(part.mean(dim=0))


def own_tags(data: PreparedData, known: TagVocabulary, most: int | None) -> TagSet:
    """The most frequent tags of a corpus; without a number, those of them that a bundle learnt from it."""
    counts = Counter(tag for split in SPLITS for article in data.articles(split) for tag in article.tags)
    if most is not None:
        return TagSet.of_names([tag for tag, _ in counts.most_common(most)])
    used = zip(known.names, known.known(data.folder.name), strict=True)
    hidden = known.house | known.dated.keys()
    return TagSet.of_names([name for name, own in used if own and counts[name] and name not in hidden])


def labelled(articles: list[Article], tags: TagSet, rubrics: Path | None) -> list[Article]:
    """The articles that have a tag of the set; a rubric of the corpus' source takes the tags' place."""
    if rubrics is not None:
        source = load_data_config(rubrics).source
        rows = (row for one in (source if isinstance(source, list) else [source]) for row in read_source(one))
        rubric = {row.title: str(row.extra.get("rubric")) for row in rows if isinstance(row, Article)}
        articles = [replace(article, tags=(rubric.get(article.title, ""),)) for article in articles]
    labels = tags.vocabulary()
    found = [article for article in articles if any(map(labels.resolve, article.tags))]
    return found if tags.kind == "one" else articles


def show(name: str, articles: list[Article], tags: TagSet, scored: list[Scored]) -> tuple[Floats, Floats, Floats]:
    """Print the rows of a corpus; gold [n, l], log-odds [n, l] and mentions by place [n, l, places]."""
    labels = tags.vocabulary()
    gold = np.array([labels.encode(article.tags) for article in articles])
    given = np.array([labels.encode(tag.name for tag in one.annotation.tags) for one in scored])
    scores = np.array([one.tags for one in scored])
    stands = mentions(articles, tags)
    for system, numbers, chosen in (
        ("by name", scores, given),
        ("name matching", stands @ np.array([3.0, 2.0, 1.0]), stands.any(axis=2)),
    ):
        hits = float((gold * chosen).sum())
        told = (
            average_precision(numbers, gold), best_right(numbers, gold), hits / max(1, chosen.sum()), hits / gold.sum()
        )  # fmt: skip
        print(f"| {name} | {len(articles)} | {len(tags)} | {system} | " + " | ".join(f"{x:.3f}" for x in told) + " |")
    odds = np.clip(scores, 1e-12, 1 - 1e-12)
    return gold, np.log(odds / (1 - odds)), stands


def trained(articles: list[Article], tags: TagSet, pool: list[Article], *, n: int, draws: int) -> str:
    """Cells of TF-IDF trained on n articles of a pool: its name, then micro AP and how often the best one is right.

    It has no articles to choose a threshold by, so that nothing is told of its decisions.
    """
    labels = tags.vocabulary()
    gold, known = (np.array([labels.encode(one.tags) for one in some]) for some in (articles, pool))
    found = []
    for seed in range(draws):
        rows = np.random.default_rng(seed).permutation(len(pool))[:n]
        _, scores = linear_tags([pool[row] for row in rows], known[rows], validation=([], known[:0]), test=articles)
        found.append((average_precision(scores, gold), best_right(scores, gold)))
    means, spread = np.mean(found, axis=0), np.std(found, axis=0)
    told = (f"{mean:.3f} ± {deviation:.3f}" for mean, deviation in zip(means, spread, strict=True))
    return f"TF-IDF on {min(n, len(pool))}, {draws} draws | {' | '.join(told)} | – | –"


def best_right(scores: Floats, gold: Floats) -> float:
    """Share of articles with a tag whose best tag is one of theirs; of equal ones the first counts."""
    rows = gold.any(axis=1)
    return float(np.take_along_axis(gold[rows], scores[rows].argmax(axis=1)[:, None], axis=1).mean())


def mentions(articles: list[Article], tags: TagSet) -> Floats:
    """1 where the first mention of a tag's name stands in a place of an article [n, l, places]."""
    finder = Mentions([(tag.name, *tag.aliases) for tag in tags.tags])
    found = np.zeros((len(articles), len(tags), NOWHERE))
    for row, article in enumerate(articles):
        sentences = [article.title, *(sentence.text for sentence in split_sentences(article.text))]
        for position, place in enumerate(finder.places(sentences)):
            if place != NOWHERE:
                found[row, position, place] = 1
    return found


def fit(parts: list[tuple[Floats, Floats, Floats]]) -> None:
    """Print the constants by which log loss is least, and precision and recall by threshold."""
    gold = np.concatenate([part[0].ravel() for part in parts])
    odds = np.concatenate([part[1].ravel() for part in parts])
    stands = np.concatenate([part[2].reshape(-1, NOWHERE) for part in parts])
    raw = (odds - INTERCEPT - stands @ np.array(MENTIONED[:NOWHERE])) / SLOPE

    def logits(w: Floats) -> Floats:
        return np.asarray(w[0] * raw + w[1] + stands @ w[2:])

    best = minimize(
        lambda w: (np.logaddexp(0, logits(w)) - gold * logits(w)).mean(), [SLOPE, INTERCEPT, *MENTIONED[:NOWHERE]]
    ).x
    print(f"\nslope {best[0]:.2f}, intercept {best[1]:.2f}, mentioned {best[2:].round(2).tolist()}\n")
    print("| threshold | precision | recall |\n|---|---|---|")
    for threshold in (0.3, 0.4, 0.5, 0.6, 0.7):
        chosen = 1 / (1 + np.exp(-logits(best))) >= threshold
        print(f"| {threshold} | {gold[chosen].mean():.3f} | {gold[chosen].sum() / gold.sum():.3f} |")


if __name__ == "__main__":
    main()
