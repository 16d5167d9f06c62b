#!/usr/bin/env python3
"""What each part of a bundle's tag scores is worth: the validation articles ranked with each of them left out.

Parts are the attention over the encoder's states, in it what tags have from their names and what they have of their
own, the linear branch and the latent networks, in these the article's mean states. Nothing is fitted anew: a part is
taken away from the finished blend.

Usage: scripts/leave_out.py BUNDLE PREPARED [--limit 500]
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from svodka.article import Article
from svodka.bundle import Bundle, load_bundle
from svodka.data.store import PreparedData
from svodka.model.batch import pad_encodings
from svodka.model.encoding import ArticleEncoder
from svodka.model.news_model import NewsModel
from svodka.training.trainer import average_precision

Floats = NDArray[np.float64]


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("prepared", type=Path)
    parser.add_argument("--limit", type=int, default=500, help="most validation articles")
    given = parser.parse_args()
    bundle, data = load_bundle(given.bundle), PreparedData.open(given.prepared)
    articles = data.articles("validation")[: given.limit]
    logits = parts(bundle, articles)
    known = np.array(bundle.labels.known(data.folder.name) if bundle.labels.outlets else [True] * len(bundle.labels))
    gold = np.array([bundle.labels.encode(article.tags) for article in articles])[:, known]
    print(f"{data.folder.name}, n = {len(articles)} validation articles, {int(known.sum())} tags\n")
    print("| parts | AP | P@1 | P@5 |\n|---|---|---|---|")
    shares = dict(zip(("attention", "linear", "latent"), bundle.model.config.heads.tags.shares, strict=True))
    for name, kept in systems().items():
        scores = sum(shares[part.split(":")[0]] * logits[part][:, known] for part in kept)
        told = (average_precision(scores, gold), precision_at(scores, gold, 1), precision_at(scores, gold, 5))
        print(f"| {name} | " + " | ".join(f"{value:.3f}" for value in told) + " |")


def systems() -> dict[str, tuple[str, ...]]:
    """Name of a system -> the parts it adds up."""
    return {
        "all": ("attention", "linear", "latent"),
        "without the attention": ("linear", "latent"),
        "without linear and latent": ("attention",),
        "without the latent networks": ("attention", "linear"),
        "without the linear branch": ("attention", "latent"),
        "without the networks' mean states": ("attention", "linear", "latent:words"),
        "without names": ("attention:own", "linear", "latent"),
        "without the tags' own parts": ("attention:names", "linear", "latent"),
        "names alone": ("attention:names",),
    }


@torch.inference_mode()
def parts(bundle: Bundle, articles: list[Article]) -> dict[str, Floats]:
    """Logits [articles, l] of each part, unweighted."""
    model, encoder = bundle.model, ArticleEncoder.of(bundle.tokenizer, bundle.model.config)
    n = len(bundle.labels)
    found: dict[str, list[Floats]] = {
        name: [] for name in ("attention", "attention:own", "attention:names", "linear", "latent", "latent:words")
    }
    for encoding in encoder.encode(articles):
        batch = pad_encodings([encoding], bundle.tokenizer.pad_token_id)
        states = model.encode(batch["input_ids"], batch["attention_mask"])
        owners, ids = batch["sentence_ids"].flatten(1), batch["input_ids"].flatten(1)
        for name in ("attention", "attention:own", "attention:names"):
            with left_out(model, name):
                shares, bias = model.tag_head(states, owners >= 0)
            found[name].append((shares.sum(dim=1) + bias)[0, :n].double().numpy())
        branch, weights = model.lexical, model.place_weights(owners)
        # Of the means only what all articles have in common.
        means = branch.centre.expand(1, -1) if branch.rank and branch.means else None
        logits = [*model.branch_logits(states, ids, owners), *branch(ids, weights, means)[1:]]
        for name, values in zip(("linear", "latent", "latent:words"), logits, strict=False):
            found[name].append(values[0].double().numpy())
    return {name: np.array(rows) if rows else np.zeros((len(articles), n)) for name, rows in found.items()}


@contextmanager
def left_out(model: NewsModel, kept: str) -> Iterator[None]:
    """The tag head with the names' part alone, or with the tags' own alone."""
    head = model.tag_head
    if head.names is None:
        raise SystemExit("leave_out: this bundle's tags are not read by name")
    zeroed = {
        "attention": [],
        "attention:own": [head.names.query.weight, head.names.readout.weight, head.names.bias.weight],
        "attention:names": [head.query.weight, head.readout.weight, head.bias],
    }[kept]
    before = [weight.clone() for weight in zeroed]
    try:
        for weight in zeroed:
            weight.data.zero_()
        yield
    finally:
        for weight, old in zip(zeroed, before, strict=True):
            weight.data.copy_(old)


def precision_at(scores: Floats, gold: Floats, k: int) -> float:
    """Share of right ones among the k best tags, mean over articles that have a tag."""
    rows = gold.any(axis=1)
    best = np.argsort(-scores[rows], axis=1, kind="stable")[:, :k]
    return float(np.take_along_axis(gold[rows], best, axis=1).mean())


if __name__ == "__main__":
    main()
