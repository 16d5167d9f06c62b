"""What encoder and decoder of T5, mT5 and umT5 are made of, each in as few passes over the numbers as torch allows.

The functions read the weights of transformers' modules and give their results up to rounding.

b: articles or windows, n: tokens or beams, h: heads, e: width of a head, d: width of a state, m: tokens attended to.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import gelu, linear, scaled_dot_product_attention


def attend(attention: Any, normed: Tensor, memory: tuple[Tensor, Tensor], bias: Tensor) -> Tensor:
    """States [b, n, d] attend to keys and values [b, h, m, e]; T5 scales no scores.

    Args:
        attention: transformers' module.
        normed: [b, n, d].
        memory: keys and values.
        bias: added to the scores, [b or 1, h or 1, n or 1, m].
    """
    query = split_heads(linear(normed, attention.q.weight), attention.n_heads)  # [b, h, n, e]
    mask = bias.expand(len(query), -1, query.shape[2], -1)
    found = scaled_dot_product_attention(query, *memory, attn_mask=mask, scale=1.0)
    return linear(found.transpose(1, 2).flatten(2), attention.o.weight)


def keys_and_values(attention: Any, states: Tensor) -> tuple[Tensor, Tensor]:
    """States [b, n, d] -> keys and values [b, h, n, e]."""
    keys, values = (split_heads(linear(states, part.weight), attention.n_heads) for part in (attention.k, attention.v))
    return keys, values


def split_heads(flat: Tensor, heads: int) -> Tensor:
    """[b, n, h * e] -> [b, h, n, e]."""
    return flat.view(*flat.shape[:2], heads, -1).transpose(1, 2)


def feed_forward(layer: Any, states: Tensor) -> Tensor:
    """The feed-forward part of a block, gated or not: [b, n, d] -> [b, n, d]."""
    dense, normed = layer.DenseReluDense, norm(layer.layer_norm, states)
    if not hasattr(dense, "wi_0"):
        return linear(_activate(dense.act, linear(normed, dense.wi.weight)), dense.wo.weight)
    gate = _activate(dense.act, linear(normed, dense.wi_0.weight))
    return linear(gate.mul_(linear(normed, dense.wi_1.weight)), dense.wo.weight)


def norm(module: Any, states: Tensor) -> Tensor:
    """Root mean square layer normalisation (Zhang & Sennrich 2019): x / sqrt(mean(x^2) + eps) * weight."""
    length = torch.linalg.vector_norm(states, dim=-1, keepdim=True, dtype=torch.float32)
    scale = torch.rsqrt(length * length / states.shape[-1] + module.variance_epsilon)
    return (states * scale.to(states.dtype)).mul_(module.weight)


def distance_bias(block: Any, n: int) -> Tensor | None:
    """What a block adds to the scores of `n` tokens by distance [h, n, n]; None where it has nothing of its own."""
    attention = block.layer[0].SelfAttention
    if not attention.has_relative_attention_bias:
        return None
    bias: Tensor = attention.compute_bias(n, n)[0]
    return bias


def blocked(mask: Tensor, dtype: torch.dtype) -> Tensor:
    """Mask [b, m], True on text -> what is added to scores [b, 1, 1, m]: 0 there, the least number elsewhere."""
    nothing = torch.zeros(mask.shape, dtype=dtype, device=mask.device)
    return nothing.masked_fill_(~mask, torch.finfo(dtype).min)[:, None, None]


def _activate(activation: Any, values: Tensor) -> Tensor:
    # The same function in one pass over the numbers instead of eight.
    if type(activation).__name__ == "NewGELUActivation":
        return gelu(values, approximate="tanh")
    activated: Tensor = activation(values)
    return activated
