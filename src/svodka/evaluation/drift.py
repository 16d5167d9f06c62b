"""Are incoming articles still like those that a model was made on?

The held-out articles of the bundle's reference are what the model knew; each number of an article (its length, how
surprising its words are, its scores) is spread over bands of them, and the population stability index tells how far
new articles fill the bands otherwise. Its usual reading is that of Siddiqi (2006, Credit Risk Scorecards): under 0.1
no change, from 0.25 a strong one. A few articles fill bands unevenly by chance alone: an index counts only where it
exceeds what chance gives in 95% of samples of that size (Yurdakul & Naranjo 2020), shared among all indices.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import numpy as np

from svodka.annotator import Annotator
from svodka.article import Article
from svodka.bundle.reference import (
    Floats,
    Pieces,
    Reference,
    count_pieces,
    jensen_shannon,
    make_reference,
    owned_pieces,
    score_features,
    text_features,
    unseen_share,
)
from svodka.errors import BundleError, DataError
from svodka.inputs.checking import checked
from svodka.model.encoding import ArticleEncoder
from svodka.progress import Say, reported

SOME, STRONG = 0.1, 0.25
_SURE = 0.95
_FALSE_DISCOVERIES = 0.05
_BLOCK = 256

RULE = (
    "PSI from 0.1: some drift, from 0.25: strong (Siddiqi 2006), where it exceeds chance (Yurdakul & Naranjo 2020, 95% "
    "over all indices); a tag counts as changed at twice or half its share by Fisher's exact test, false discovery "
    "rate 5% (Benjamini & Hochberg 1995)"
)


def drift(annotator: Annotator, articles: Iterable[Article], *, say: Say | None = None) -> dict[str, Any]:
    """Compare articles with the reference of a bundle.

    Args:
        annotator: the bundle's model.
        articles: new ones; their tags and summaries are not looked at.
        say: takes a line of progress a minute.

    Returns:
        `verdict` (`no drift`, `some drift`, `strong drift`), `why`, `rule`, `n`, `n_reference`; `features` with `psi`,
        `noise` (the index that chance may give), `mean`, `mean_reference` and `change`; `vocabulary` with
        `divergence` and `unseen` of new and held-out articles; `tags` whose share has changed.

    Raises:
        BundleError: the bundle holds no reference.
        DataError: there are no articles.
    """
    reference = annotator.bundle.reference
    if reference is None:
        raise BundleError(
            "this bundle holds no reference statistics (reference.json): it is of an older version, or was trained "
            "without a validation split; add them by `svodka evaluate BUNDLE DATA --attach` on its training data"
        )
    pieces, probabilities = _read(annotator, reported(articles, say, unit="articles"))
    if not pieces:
        raise DataError("there are no articles to compare; the input is empty")
    found = count_pieces(pieces, len(reference.pieces))
    thresholds = annotator.bundle.calibration.threshold
    values = text_features(pieces, reference.pieces) | score_features(probabilities, thresholds)
    features = _features(reference, values)
    tags = _tags(reference, annotator.bundle.labels.names, (probabilities >= thresholds).sum(axis=0), len(pieces))
    verdict, why = _verdict(features, tags)
    return {
        "verdict": verdict,
        "why": why,
        "rule": RULE,
        "n": len(pieces),
        "n_reference": reference.articles,
        "data": reference.data,
        "features": features,
        "vocabulary": {
            "divergence": jensen_shannon(reference.pieces, found),
            "divergence_reference": reference.divergence,
            "unseen": unseen_share(found, reference.pieces),
            "unseen_reference": reference.unseen,
        },
        "tags": tags,
    }


def learn_reference(
    annotator: Annotator, data: str, *, train: Sequence[Article], held_out: Sequence[Article]
) -> Reference:
    """The reference of a bundle that was saved without one, from the articles that it was made on."""
    pieces, probabilities = _read(annotator, held_out)
    encoder = ArticleEncoder.of(annotator.bundle.tokenizer, annotator.bundle.model.config)
    return make_reference(
        data,
        (owned for at in range(0, len(train), _BLOCK) for owned in _pieces(encoder, train[at : at + _BLOCK])),
        pieces,
        n_pieces=len(annotator.bundle.tokenizer),
        probabilities=probabilities,
        thresholds=annotator.bundle.calibration.threshold,
    )


def psi(reference: Sequence[int], new: Sequence[int]) -> float:
    """Population stability index of two counts over the same bands; half an article is added to each band."""
    p, q = (_shares(counts) for counts in (reference, new))
    return float(((q - p) * np.log(q / p)).sum())


def psi_by_chance(bands: int, n_reference: int, n_new: int, *, level: float = _SURE) -> float:
    """The index that samples of one population stay under with probability `level` (Yurdakul & Naranjo 2020)."""
    from scipy.stats import chi2

    return float(chi2.ppf(level, max(1, bands - 1)) * (1 / n_reference + 1 / n_new))


def _read(annotator: Annotator, articles: Iterable[Article]) -> tuple[list[Pieces], Floats]:
    """Pieces [n] and scores [n, l] of articles, a block at a time: their texts are not kept."""
    encoder = ArticleEncoder.of(annotator.bundle.tokenizer, annotator.bundle.model.config)
    stream, pieces, scores = iter(articles), list[Pieces](), list[Floats]()
    while block := list(islice(stream, _BLOCK)):
        block = [checked(article, len(pieces) + i) for i, article in enumerate(block)]
        pieces += _pieces(encoder, block)
        scores += [found for _, found in annotator.stream_with_scores(block)]
    # Without a tag head the scores are empty: a width of 0.
    return pieces, np.array(scores).reshape(len(pieces), -1 if pieces else 0)


def _pieces(encoder: ArticleEncoder, articles: Sequence[Article]) -> list[Pieces]:
    return [owned_pieces(e.input_ids, e.sentence_ids) for e in encoder.encode(articles)]


def _features(reference: Reference, values: dict[str, Floats]) -> dict[str, dict[str, Any]]:
    level = 1 - (1 - _SURE) / len(reference.features)
    rows: dict[str, dict[str, Any]] = {}
    for name, spread in reference.features.items():
        index = psi(spread.counts, spread.counts_of(values[name]))
        noise = psi_by_chance(len(spread.counts), reference.articles, len(values[name]), level=level)
        change = "none" if index < max(SOME, noise) else "some" if index < STRONG else "strong"
        rows[name] = {
            "psi": index,
            "noise": noise,
            "mean": float(values[name].mean()),
            "mean_reference": spread.mean,
            "change": change,
        }
    return rows


def _tags(reference: Reference, names: Sequence[str], given: Any, n: int) -> list[dict[str, Any]]:
    """Tags given at least twice or at most half as often as to the held-out articles, and surely so."""
    from scipy.stats import false_discovery_control, fisher_exact

    before, m = reference.given, reference.articles
    tests = [fisher_exact([[int(now), n - int(now)], [was, m - was]]) for now, was in zip(given, before, strict=True)]
    chances = [float(test.pvalue) for test in tests]
    sure = false_discovery_control(chances) < _FALSE_DISCOVERIES if chances else []
    rows = []
    for name, now, was, counts in zip(names, given, before, sure, strict=True):
        share, share_before = int(now) / n, was / m
        if counts and (share >= 2 * share_before or share <= share_before / 2):
            change = "vanished" if not now else "new" if not was else "more" if share > share_before else "fewer"
            rows.append({"name": name, "change": change, "share": share, "share_reference": share_before})
    return sorted(rows, key=lambda row: -abs(row["share"] - row["share_reference"]))


def _verdict(features: dict[str, dict[str, Any]], tags: Sequence[dict[str, Any]]) -> tuple[str, list[str]]:
    why = [
        f"{_WORDS[name]}: {row['change']} change (PSI {row['psi']:.2f}), mean {row['mean']:.4g} "
        f"against {row['mean_reference']:.4g}"
        for name, row in features.items()
        if row["change"] != "none"
    ]
    if tags:
        why.append(f"tags given much more or less often: {len(tags)}")
    strong = any(row["change"] == "strong" for row in features.values())
    return ("strong drift" if strong else "some drift" if why else "no drift"), why


_WORDS = {
    "length": "length in pieces",
    "surprise": "surprise of the words, bits a piece",
    "rare": "share of rare pieces",
    "top_score": "highest score",
    "tags": "tags an article",
}


def _shares(counts: Sequence[int]) -> Floats:
    plain: Floats = np.asarray(counts, dtype=np.float64) + 0.5
    return np.asarray(plain / plain.sum())
