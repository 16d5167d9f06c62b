"""Losses of the heads."""

import torch
from torch import Tensor, nn


def tag_bce(logits: Tensor, targets: Tensor, positive_weight: Tensor) -> Tensor:
    """Binary cross-entropy, summed over tags, mean over articles.

    Args:
        logits: [b, l].
        targets: [b, l], 0 or 1, below 0 where nothing is known.
        positive_weight: [l], factor of the positive term.
    """
    losses = nn.functional.binary_cross_entropy_with_logits(
        logits, targets.clamp(min=0), pos_weight=positive_weight, reduction="none"
    )
    return (losses * (targets >= 0)).sum(dim=1).mean()


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


def state_distance(states: Tensor, taught: Tensor, mask: Tensor) -> Tensor:
    """Mean squared distance of token states to a teacher's, both scaled to zero mean and unit spread; 0 is the same.

    Args:
        states, taught: [b, t, d].
        mask: [b, t], 0 where there is no token.
    """
    width = states.shape[-1:]
    gap = nn.functional.layer_norm(states.float(), width) - nn.functional.layer_norm(taught.float(), width)
    real = mask.bool()
    return gap.pow(2).mean(dim=-1)[real].mean()


def sentence_bce(logits: Tensor, targets: Tensor, *, shared: bool = False) -> Tensor:
    """Binary cross-entropy over the sentences that are candidates: [b, s] each; a target below 0 is left out.

    Mean over candidates; 0 where a batch has none, with a gradient of 0.

    Args:
        shared: several processes train together; their gradients' mean is to be that of all candidates' mean.
    """
    candidates = targets >= 0
    losses = nn.functional.binary_cross_entropy_with_logits(logits, targets.clamp(min=0), reduction="none")
    return (losses * candidates).sum() / divisor(candidates.sum(), shared=shared)


def divisor(count: Tensor, *, shared: bool) -> Tensor:
    """What a sum of losses is divided by: its count, at least 1.

    With `shared` it is the mean count of the processes that train together: they average their gradients, and a
    process with few targets must not weigh each of them more than another does. All must call it at the same point.
    """
    if not (shared and torch.distributed.is_available() and torch.distributed.is_initialized()):
        return count.clamp(min=1)
    total = count.clone()
    torch.distributed.all_reduce(total)
    return total.clamp(min=1) / torch.distributed.get_world_size()
