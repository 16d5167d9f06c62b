"""Learning the token states of a larger encoder. b: articles, t: tokens, d: width of a token state."""

from torch import Tensor, nn


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
