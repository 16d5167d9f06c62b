"""Losses of tags and topics: each label a decision of its own.

b: articles, l: labels.
"""

import torch
from torch import Tensor, nn

from svodka.heads.targets import OPEN


def tag_bce(logits: Tensor, targets: Tensor, positive_weight: Tensor, *, left_open: float = 0.0) -> Tensor:
    """Binary cross-entropy, summed over tags, mean over articles.

    Args:
        logits: [b, l].
        targets: [b, l], 0 or 1, below 0 where nothing is known.
        positive_weight: [l], factor of the positive term.
        left_open: what a target `OPEN` counts for, as one of 0.
    """
    losses = nn.functional.binary_cross_entropy_with_logits(
        logits, targets.clamp(min=0), pos_weight=positive_weight, reduction="none"
    )
    weights = torch.where(targets >= 0, 1.0, left_open * (targets == OPEN))
    return (losses * weights).sum(dim=1).mean()


def asymmetric(logits: Tensor, targets: Tensor, *, gammas: tuple[float, float], margin: float) -> Tensor:
    """Asymmetric loss (Ridnik et al. 2021, eq. 7), summed over tags, mean over articles.

    L+ = (1 - p)^gp ln p;  L- = pm^gn ln(1 - pm) with pm = max(p - margin, 0).

    Args:
        logits: [b, l].
        targets: [b, l], 0 or 1, below 0 where nothing is known.
        gammas: focusing of positives (gp) and of negatives (gn).
        margin: probability under which a negative costs nothing.
    """
    probability = logits.sigmoid()
    # Not 0: the gradient of a power below 1 is infinite there.
    shifted = (probability - margin).clamp(min=1e-8)
    positive = (1 - probability).clamp(min=1e-8) ** gammas[0] * nn.functional.logsigmoid(logits)
    negative = shifted ** gammas[1] * torch.log((1 - shifted).clamp(min=1e-8))
    losses = torch.where(targets > 0, positive, negative) * (targets >= 0)
    return -losses.sum(dim=1).mean()
