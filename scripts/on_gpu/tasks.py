"""What is learnt: tags and topics by the label-wise attention, and texts by a decoder of our own.

b: articles, t: tokens of an article, d: width of a state, l: tags, k: topics.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score
from torch import Tensor
from torch.nn import functional

from on_gpu.articles import Articles, Kind
from on_gpu.windows import Batch, Places
from svodka.heads.losses import tag_bce
from svodka.heads.tags import LabelAttention, tag_targets
from svodka.heads.targets import NO_TARGET, padded
from svodka.heads.writer import Writer, signals_of

_LEFT_OPEN = 0.3  # as `model.topics.left_open`


class Labels:
    """Targets of tags and topics of some articles, on a device."""

    def __init__(self, articles: Articles, places: Places, device: torch.device) -> None:
        known = torch.from_numpy(articles.known[articles.corpus[places]])
        tags = tag_targets([articles.tags[place].tolist() for place in places], known)
        self.tags = tags.to(device)  # [n, l]
        self.topics = torch.from_numpy(articles.topics[places].astype(np.float32) / 2).to(device)  # [n, k]
        # Mean number of tags of an article that tells of any; the tags' loss is divided by it.
        self.per_article = float((tags > 0).sum() / (tags >= 0).any(dim=1).sum().clamp(min=1))


def label_logits(head: LabelAttention, batch: Batch, states: Tensor) -> Tensor:
    """Logits [b, l + k] of the states of windows."""
    joined, owned, _ = batch.side_by_side(states)
    shares, bias = head(joined, owned)
    logits: Tensor = shares.float().sum(dim=1) + bias
    return logits


def tag_loss(logits: Tensor, targets: Tensor, per_article: float) -> Tensor:
    """As the loss of a run, for logits and targets [b, l]."""
    return tag_bce(logits, targets, torch.ones_like(logits[0])) / per_article


def topic_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """As the loss of a run, for logits and targets [b, k]."""
    return tag_bce(logits, targets, torch.ones_like(logits[0]), left_open=_LEFT_OPEN)


def distance(logits: Tensor, taught: Tensor) -> Tensor:
    """How far probabilities [b, l] are from a teacher's: Kullback-Leibler, summed over labels, mean over articles."""
    wanted = taught.sigmoid()
    crossed, own = (
        functional.binary_cross_entropy_with_logits(given, wanted, reduction="none") for given in (logits, taught)
    )
    return (crossed - own).sum(dim=1).mean()


@torch.no_grad()
def average_precisions(logits: Tensor, labels: Labels, rows: NDArray[np.bool_] | None = None) -> tuple[float, float]:
    """Micro-averaged average precision of tags and topics [n, l + k] in the cells that are known."""
    n_tags, found = labels.tags.shape[1], []
    chosen = torch.ones(len(logits), dtype=torch.bool) if rows is None else torch.from_numpy(rows)
    for part, targets in ((logits[:, :n_tags], labels.tags), (logits[:, n_tags:], labels.topics)):
        scores, wanted = part.cpu()[chosen], targets.cpu()[chosen]
        known = wanted >= 0
        told = bool((wanted > 0).any())
        found.append(float(average_precision_score(wanted[known].numpy(), scores[known].numpy())) if told else 0.0)
    return found[0], found[1]


class Texts:
    """The texts of a kind that some articles have, as the decoder learns them."""

    def __init__(self, articles: Articles, places: Places, kind: Kind, device: torch.device) -> None:
        self._articles, self.places, self.kind, self._device = articles, places, kind, device

    def of(self, chosen: Places) -> tuple[Tensor, Tensor]:
        """Labels [b, u] and signals [b, 2] of the articles with these numbers."""
        targets = [self._articles.target(int(place), self.kind) for place in self.places[chosen]]
        labels = padded([[*target.tolist(), self._articles.special["end"]] for target in targets], NO_TARGET)
        kind = "headline" if self.kind == "headline" else "summary"
        words = [max(1, int(self._articles.begins[target].sum())) for target in targets]
        signals = torch.tensor([signals_of(kind, count) for count in words])
        return labels.to(self._device), signals.to(self._device)


def writing_loss(
    writer: Writer, batch: Batch, states: Tensor, *, texts: tuple[Tensor, Tensor], embedding: Tensor, smoothing: float
) -> tuple[Tensor, int]:
    """Loss of all tokens of some texts, and how many these are."""
    joined, owned, ids = batch.side_by_side(states)
    labels, signals = texts
    source = writer.read(joined, owned, ids=ids, signals=signals, embedding=embedding)
    losses, known = writer.losses(labels, source, embedding, smoothing=smoothing).float(), labels >= 0
    return (losses * known).sum(), int(known.sum())
