"""What the targets and losses of all heads share."""

from collections.abc import Sequence

import torch
from torch import Tensor

NO_LABEL = -1.0  # of a tag or topic of which an article tells nothing
OPEN = -0.5  # of a topic that the labels of a corpus give elsewhere, and leave open in an article that has another
NO_CANDIDATE = -1.0  # a sentence that no summary would choose, as the title
NO_TARGET = -100  # no token of a summary


def padded(lists: Sequence[Sequence[float]], fill: float) -> Tensor:
    """Lists of different lengths -> [b, longest], filled up at their ends."""
    width = max(1, *map(len, lists))
    return torch.tensor([[*values, *[fill] * (width - len(values))] for values in lists])


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
