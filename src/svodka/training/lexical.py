"""The lexical branch's start: a linear SVM for each tag on tf-idf of subwords, its margins made log-odds."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import torch
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from svodka.heads.lexical import LexicalBranch
from svodka.heads.targets import OPEN
from svodka.heads.topics import TopicReader
from svodka.training.thresholds import platt

Floats = NDArray[np.float64]

# Below so many articles times tags one process is done before others have started.
_WORTH_PROCESSES = 200_000


@dataclass(frozen=True)
class LexicalFit:
    """The fitted linear model: idf [v], weight [v, l], bias [l]; and its features [articles, v].

    `counted` are the pieces that v stands for, in order; None: all there are.
    """

    idf: Floats
    weight: Floats
    bias: Floats
    features: csr_matrix
    counted: NDArray[np.int64] | None = None

    def start(self, branch: LexicalBranch) -> None:
        """Write into the branch."""
        n = len(self.idf)
        with torch.no_grad():
            if self.counted is not None:
                branch.column[torch.from_numpy(self.counted)] = torch.arange(n)
                branch.idf.zero_()  # the column of all other pieces stays without weight
            branch.idf[:n].copy_(torch.from_numpy(self.idf))
            branch.weight[:n].copy_(torch.from_numpy(self.weight))
            branch.bias.copy_(torch.from_numpy(self.bias))


def fit_lexical(
    bags: Sequence[Mapping[int, float]],
    targets: Floats,
    *,
    n_pieces: int,
    strength: float,
    counted: int = 0,
    left_open: float = 0.0,
) -> LexicalFit:
    """Fit one linear SVM a tag on the features that `LexicalBranch.features` computes.

    Margins become log-odds by one Platt scaling for all tags (Platt 1999), fitted on margins of articles that
    each SVM was not trained on: on its own articles an SVM is far too sure.

    Args:
        bags: of each article, token id -> what it counts for, 1 a token or more by its place.
        targets: [articles, l], 0 or 1, below 0 where nothing is known: each tag learns from the others.
        n_pieces: the size of the tokenizer.
        strength: inverse regularisation (C of scikit-learn's LinearSVC).
        counted: pieces that stand in most articles, which alone are counted; 0: all.
        left_open: what a target `OPEN` counts for, as one of 0.
    """
    learnt = (targets, _weights(targets, left_open))
    counts = _counts(bags, n_pieces)
    chosen = _most_frequent(counts, counted) if 0 < counted < n_pieces else None
    if chosen is not None:
        counts, n_pieces = counts[:, chosen], len(chosen)
    # The smoothed idf of scikit-learn's TfidfTransformer.
    idf = np.log((1 + len(bags)) / (1 + np.bincount(counts.indices, minlength=n_pieces))) + 1
    features = counts.copy()
    features.data = (1 + np.log(counts.data)) * idf[counts.indices]
    features = normalize(features)
    slope, intercept = _cross_fitted_platt(features, learnt, strength)
    weight, bias = _machines(features, learnt, strength)
    weight, bias = slope * weight, slope * bias + intercept
    single = ~_divided(targets)  # a tag of all or of none teaches a machine nothing
    weight[:, single], bias[single] = 0.0, prior_bias(targets)[single]
    return LexicalFit(idf, weight, bias, features, chosen)


def _most_frequent(counts: csr_matrix, n: int) -> NDArray[np.int64]:
    """Columns that stand in most rows, ascending."""
    articles = np.bincount(counts.indices, minlength=counts.shape[1])
    return np.sort(np.argsort(-articles, kind="stable")[:n])


def bag(
    input_ids: Sequence[Sequence[int]], sentence_ids: Sequence[Sequence[int]], model: TopicReader
) -> dict[int, float]:
    """What each piece counts for in an article, given as windows, as the branch of a model will count it."""
    owners = torch.tensor([list(chain.from_iterable(sentence_ids))])
    weights = model.place_weights(owners)[0].tolist()
    counts: dict[int, float] = {}
    for token, weight in zip(chain.from_iterable(input_ids), weights, strict=True):
        if weight:
            counts[token] = counts.get(token, 0.0) + weight
    return counts


def _weights(targets: Floats, left_open: float) -> Floats:
    """What each target counts for [articles, l]; nothing where nothing is known."""
    return np.where(targets >= 0, 1.0, np.where(targets == OPEN, left_open, 0.0))


def _divided(targets: Floats) -> NDArray[np.bool_]:
    """Which tags some articles have and others have not [l]."""
    return np.asarray((targets > 0).any(axis=0) & (targets == 0).any(axis=0))


def _machines(features: csr_matrix, learnt: tuple[Floats, Floats], strength: float) -> tuple[Floats, Floats]:
    """Weights [v, l] and biases [l] from targets and what they count for; -1 and no weight for a tag that all or none
    of the articles have."""
    targets, counting = learnt
    weight, bias = np.zeros((features.shape[1], targets.shape[1])), np.full(targets.shape[1], -1.0)
    fitted = np.flatnonzero(_divided(targets))
    # In processes, not threads: liblinear draws from one generator, which threads would share.
    jobs = -1 if targets.size >= _WORTH_PROCESSES else 1
    found = Parallel(jobs)(delayed(_machine)(features, targets[:, tag], counting[:, tag], strength) for tag in fitted)
    for tag, (column, offset) in zip(fitted, found, strict=True):
        weight[:, tag], bias[tag] = column, offset
    return weight, bias


def _machine(features: csr_matrix, target: Floats, counting: Floats, strength: float) -> tuple[Floats, float]:
    told = counting > 0
    rows = features if told.all() else features[told]
    machine = LinearSVC(C=strength, random_state=0).fit(rows, target[told] > 0, sample_weight=counting[told])
    return machine.coef_[0], float(machine.intercept_[0])


def _cross_fitted_platt(features: csr_matrix, learnt: tuple[Floats, Floats], strength: float) -> tuple[float, float]:
    targets, counting = learnt
    half = np.arange(len(targets)) % 2 == 0
    margins = np.zeros_like(targets)
    for part in (half, ~half):
        if part.any() and not part.all():
            weight, bias = _machines(features[part], (targets[part], counting[part]), strength)
            margins[~part] = features[~part] @ weight + bias
    return platt(margins, targets)


def prior_bias(targets: Floats) -> Floats:
    """Log-odds of each tag's share of the articles that tell of it [l], smoothed by half a use: to start from."""
    share = ((targets > 0).sum(axis=0) + 0.5) / ((targets >= 0).sum(axis=0) + 1.0)
    return np.asarray(np.log(share) - np.log1p(-share))


def positive_weights(targets: Floats, most: float) -> Floats:
    """Weight of a tag's positives [l]: the root of negatives over positives, from 1 to `most`."""
    positives = (targets > 0).sum(axis=0)
    ratio = (targets == 0).sum(axis=0) / np.maximum(positives, 1.0)
    return np.asarray(np.clip(np.sqrt(ratio), 1.0, max(most, 1.0)))


def tags_per_article(targets: Floats) -> float:
    """Mean number of tags of an article that tells of any, at least 1."""
    told = int((targets >= 0).any(axis=1).sum())
    return max(1.0, math.fsum((targets > 0).sum(axis=1)) / max(told, 1))


def _counts(bags: Sequence[Mapping[int, float]], n_pieces: int) -> csr_matrix:
    rows = np.repeat(np.arange(len(bags)), [len(bag) for bag in bags])
    columns = np.fromiter((token for bag in bags for token in bag), dtype=np.int64, count=len(rows))
    values = np.fromiter((count for bag in bags for count in bag.values()), dtype=np.float64, count=len(rows))
    return csr_matrix((values, (rows, columns)), shape=(len(bags), n_pieces))
