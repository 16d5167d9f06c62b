"""Networks beside the attention: over latent semantics before the first step of a training; over means after the last.

v: pieces, k: rank, m: the article's means, h: hidden width of all networks, l: tags.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.preprocessing import normalize
from sklearn.utils.extmath import randomized_svd
from torch import Tensor, nn

from svodka.heads.lexical import LexicalBranch
from svodka.heads.losses import tag_bce
from svodka.heads.topics import TopicNetwork

_EPOCHS = 25
_BATCH = 64
_RATE = 1e-3
_DROPOUT = (0.2, 0.5)  # on the latent places, on the hidden layer


@dataclass(frozen=True)
class LatentFit:
    """Projection [v, k], and the networks behind it as one: Linear(k, h), Linear(h, l)."""

    projection: Tensor
    hidden: nn.Linear
    output: nn.Linear

    def start(self, branch: LexicalBranch) -> None:
        """Write into the branch."""
        with torch.no_grad():
            branch.projection[: len(self.projection)].copy_(self.projection)
        _place(branch, self.hidden, self.output)


def fit_latent(
    features: csr_matrix, targets: NDArray[np.float64], *, rank: int, hidden: int, networks: int, seed: int
) -> LatentFit:
    """Latent semantic analysis of the training articles and networks with one hidden layer on it.

    Networks from different starts err differently; their mean logit is again one network, n times as wide.

    Args:
        features: unit-length tf-idf [articles, v].
        targets: [articles, l], 0 or 1, below 0 where nothing is known.
        rank: k, at most the smaller side of `features` less one; what is beyond stays zero.
        hidden: width of one network's hidden layer.
        networks: n; h is n times `hidden`.
        seed: reaches the factorisation and the networks.
    """
    possible = min(rank, *(side - 1 for side in features.shape))
    _, _, vt = randomized_svd(features, possible, n_iter=3, random_state=seed)
    projection = np.pad(vt.T, ((0, 0), (0, rank - possible)))
    places = torch.from_numpy(normalize(features @ projection) * rank**0.5).float()
    trained = _networks(places, targets, hidden=hidden, networks=networks, seed=seed)
    return LatentFit(torch.from_numpy(projection).float(), *trained)


@torch.no_grad()
def fit_means(
    branch: LexicalBranch, projected: Tensor, means: Tensor, targets: NDArray[np.float64], *,
    hidden: int, networks: int, seed: int,
) -> None:  # fmt: skip
    """Fit as many networks again that read the article's means besides, and give the branch the mean of all.

    Args:
        branch: whose other networks are fitted already, and alone give its logits.
        projected, means: of the training articles [articles, k] and [articles, m]; see `LexicalBranch.places`.
        targets, hidden, networks, seed: as in `fit_latent`.
    """
    _standardise(branch, means)
    places = branch.places(projected, means)
    with torch.enable_grad():
        first, last = _networks(places, targets, hidden=hidden, networks=networks, seed=seed)
    branch.output.weight.div_(2)
    branch.output.bias.div_(2)
    last.weight.div_(2)
    _place(branch, first, last, at=hidden * networks)
    branch.output.bias.add_(last.bias / 2)


@torch.no_grad()
def fit_topic_network(
    network: TopicNetwork, means: Tensor, targets: NDArray[np.float64], *, seed: int, left_open: float = 0.0
) -> None:
    """Fit the topics' network to the means of the training articles.

    Args:
        network: it is changed.
        means: [articles, m].
        targets: [articles, k], 0 or 1, below 0 where nothing is known.
        seed: of its start and the order of the rows.
        left_open: as in `topic_loss`.
    """
    _standardise(network, means)
    places = (means - network.centre) / network.spread
    with torch.enable_grad():
        hidden, output = _networks(
            places, targets, hidden=network.hidden.out_features, networks=1, seed=seed, left_open=left_open
        )
    network.hidden.load_state_dict(hidden.state_dict())
    network.output.load_state_dict(output.state_dict())


def _standardise(reader: LexicalBranch | TopicNetwork, means: Tensor) -> None:
    reader.centre.copy_(means.mean(dim=0))
    reader.spread.copy_(means.std(dim=0, correction=0).clamp(min=1e-6))


@torch.no_grad()
def _place(branch: LexicalBranch, first: nn.Linear, last: nn.Linear, *, at: int = 0) -> None:
    """Write networks side by side into the branch's layers, from hidden unit `at` on; at 0 with the output's bias."""
    rows = slice(at, at + first.out_features)
    branch.hidden.weight[rows] = 0.0
    branch.hidden.weight[rows, : first.in_features] = first.weight
    branch.hidden.bias[rows] = first.bias
    branch.output.weight[:, rows] = last.weight
    if not at:
        branch.output.bias.copy_(last.bias)


def _networks(
    places: Tensor, targets: NDArray[np.float64], *, hidden: int, networks: int, seed: int, left_open: float = 0.0
) -> tuple[nn.Linear, nn.Linear]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _side_by_side(
            [_trained(places, torch.from_numpy(targets).float(), hidden, left_open) for _ in range(networks)]
        )


def _side_by_side(networks: Sequence[tuple[nn.Linear, nn.Linear]]) -> tuple[nn.Linear, nn.Linear]:
    """One network whose logits are the mean of theirs."""
    hidden, output = networks[0]
    width = hidden.out_features * len(networks)
    first, last = nn.Linear(hidden.in_features, width), nn.Linear(width, output.out_features)
    with torch.no_grad():
        first.weight.copy_(torch.cat([layer.weight for layer, _ in networks]))
        first.bias.copy_(torch.cat([layer.bias for layer, _ in networks]))
        last.weight.copy_(torch.cat([layer.weight for _, layer in networks], dim=1) / len(networks))
        last.bias.copy_(torch.stack([layer.bias for _, layer in networks]).mean(dim=0))
    return first, last


def _trained(places: Tensor, targets: Tensor, hidden: int, left_open: float) -> tuple[nn.Linear, nn.Linear]:
    first, last = nn.Linear(places.shape[1], hidden), nn.Linear(hidden, targets.shape[1])
    with torch.no_grad():
        share = ((targets > 0).sum(dim=0) + 0.5) / ((targets >= 0).sum(dim=0) + 1.0)
        last.bias.copy_(share.logit())
    network = nn.Sequential(nn.Dropout(_DROPOUT[0]), first, nn.GELU(), nn.Dropout(_DROPOUT[1]), last)
    optimizer = torch.optim.AdamW(network.parameters(), _RATE, weight_decay=0.01)
    batches = -(-len(places) // _BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _RATE, total_steps=_EPOCHS * batches, pct_start=0.1)
    for _ in range(_EPOCHS):
        for rows in torch.split(torch.randperm(len(places)), _BATCH):
            loss = tag_bce(network(places[rows]), targets[rows], torch.ones(targets.shape[1]), left_open=left_open)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            schedule.step()
    return first, last
