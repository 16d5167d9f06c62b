"""The lexical branch's start: a linear SVM for each tag on tf-idf of subwords, its margins made log-odds."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from svodka.model.tag_head import LexicalBranch
from svodka.training.thresholds import platt

# Below so many articles times tags one process is done before others have started.
_WORTH_PROCESSES = 200_000


@dataclass(frozen=True)
class LexicalFit:
    """The fitted linear model: idf [v], weight [v, l], bias [l]; and its features [articles, v]."""

    idf: NDArray[np.float64]
    weight: NDArray[np.float64]
    bias: NDArray[np.float64]
    features: csr_matrix

    def start(self, branch: LexicalBranch) -> None:
        """Write into the branch."""
        with torch.no_grad():
            branch.idf.copy_(torch.from_numpy(self.idf))
            branch.weight.copy_(torch.from_numpy(self.weight))
            branch.bias.copy_(torch.from_numpy(self.bias))


def fit_lexical(
    bags: Sequence[Mapping[int, float]], targets: NDArray[np.float64], *, n_pieces: int, strength: float
) -> LexicalFit:
    """Fit one linear SVM a tag on the features that `LexicalBranch.features` computes.

    Margins become log-odds by one Platt scaling for all tags (Platt 1999), fitted on margins of articles that
    each SVM was not trained on: on its own articles an SVM is far too sure.

    Args:
        bags: of each article, token id -> what it counts for, 1 a token or more by its place.
        targets: [articles, l], 0 or 1.
        n_pieces: v, the size of the tokenizer.
        strength: inverse regularisation (C of scikit-learn's LinearSVC).
    """
    counts = _counts(bags, n_pieces)
    # The smoothed idf of scikit-learn's TfidfTransformer.
    idf = np.log((1 + len(bags)) / (1 + np.bincount(counts.indices, minlength=n_pieces))) + 1
    features = counts.copy()
    features.data = (1 + np.log(counts.data)) * idf[counts.indices]
    features = normalize(features)
    slope, intercept = _cross_fitted_platt(features, targets, strength)
    weight, bias = _machines(features, targets, strength)
    weight, bias = slope * weight, slope * bias + intercept
    single = (targets == targets[:1]).all(axis=0)  # a tag of all or of none teaches a machine nothing
    weight[:, single], bias[single] = 0.0, prior_bias(targets)[single]
    return LexicalFit(idf, weight, bias, features)


def _machines(
    features: csr_matrix, targets: NDArray[np.float64], strength: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights [v, l] and biases [l]; -1 and no weight for a tag that all or none of the articles have."""
    weight, bias = np.zeros((features.shape[1], targets.shape[1])), np.full(targets.shape[1], -1.0)
    fitted = np.flatnonzero((targets.sum(axis=0) > 0) & (targets.sum(axis=0) < len(targets)))
    # In processes, not threads: liblinear draws from one generator, which threads would share.
    jobs = -1 if targets.size >= _WORTH_PROCESSES else 1
    for tag, (column, offset) in zip(
        fitted, Parallel(jobs)(delayed(_machine)(features, targets[:, tag], strength) for tag in fitted), strict=True
    ):
        weight[:, tag], bias[tag] = column, offset
    return weight, bias


def _machine(features: csr_matrix, target: NDArray[np.float64], strength: float) -> tuple[NDArray[np.float64], float]:
    machine = LinearSVC(C=strength, random_state=0).fit(features, target)
    return machine.coef_[0], float(machine.intercept_[0])


def _cross_fitted_platt(features: csr_matrix, targets: NDArray[np.float64], strength: float) -> tuple[float, float]:
    half = np.arange(len(targets)) % 2 == 0
    margins = np.zeros_like(targets)
    for part in (half, ~half):
        if part.any() and not part.all():
            weight, bias = _machines(features[part], targets[part], strength)
            margins[~part] = features[~part] @ weight + bias
    return platt(margins, targets)


def prior_bias(targets: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-odds of each tag's share of articles [l], smoothed by half a use: a bias to start from."""
    share = (targets.sum(axis=0) + 0.5) / (len(targets) + 1.0)
    return np.asarray(np.log(share) - np.log1p(-share))


def positive_weights(targets: NDArray[np.float64], most: float) -> NDArray[np.float64]:
    """Weight of a tag's positives [l]: the root of negatives over positives, from 1 to `most`."""
    positives = targets.sum(axis=0)
    ratio = (len(targets) - positives) / np.maximum(positives, 1.0)
    return np.asarray(np.clip(np.sqrt(ratio), 1.0, max(most, 1.0)))


def tags_per_article(targets: NDArray[np.float64]) -> float:
    """Mean number of tags of an article, at least 1."""
    return max(1.0, math.fsum(targets.sum(axis=1)) / max(len(targets), 1))


def _counts(bags: Sequence[Mapping[int, float]], n_pieces: int) -> csr_matrix:
    rows = np.repeat(np.arange(len(bags)), [len(bag) for bag in bags])
    columns = np.fromiter((token for bag in bags for token in bag), dtype=np.int64, count=len(rows))
    values = np.fromiter((count for bag in bags for count in bag.values()), dtype=np.float64, count=len(rows))
    return csr_matrix((values, (rows, columns)), shape=(len(bags), n_pieces))
