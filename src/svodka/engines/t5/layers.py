"""What encoder and decoder of T5, mT5 and umT5 are made of, each in as few passes over the numbers as torch allows.

The classes read the weights of transformers' modules and give their results up to rounding.

b: articles or windows, n: tokens or beams, h: heads, e: width of a head, d: width of a state, m: tokens attended to.
"""

from math import pi, sqrt
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import gelu, rms_norm, scaled_dot_product_attention

from svodka.engines.products import Maker
from svodka.engines.t5.keys_values import Memory, Remember
from svodka.engines.t5.workspace import Workspace

_GELU = sqrt(2 / pi)


class SelfAttention:
    """Attention to the tokens of the same text."""

    def __init__(self, layer: Any, make: Maker) -> None:
        """Take transformers' layer, whose products `make` makes."""
        part = layer.SelfAttention
        self._norm, self._heads = layer.layer_norm, part.n_heads
        self._in, self._out = make(part.q.weight, part.k.weight, part.v.weight), make(part.o.weight)

    def project(self, states: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """States [b, n, d] -> queries, keys and values [b, h, n, e]."""
        queries, keys, values = (split_heads(part, self._heads) for part in self._in(norm(self._norm, states)))
        return queries, keys, values

    def attend(self, queries: Tensor, keys: Tensor, values: Tensor, bias: Tensor) -> Tensor:
        """What queries [b, h, n, e] find in keys and values [b, h, m, e] -> [b, n, d]; see `find`."""
        return self._out(find(queries, keys, values, bias))[0]


class ArticleAttention:
    """Attention of a text that is being written to the article."""

    def __init__(self, layer: Any, make: Maker, make_many: Maker, remember: Remember) -> None:
        """Take transformers' layer, whose products `make` makes, and `make_many` those over the whole article."""
        part = layer.EncDecAttention
        self._norm, self._heads = layer.layer_norm, part.n_heads
        self._in, self._out = make(part.q.weight), make(part.o.weight)
        self._read, self._remember = make_many(part.k.weight, part.v.weight), remember

    def remember(self, article: Tensor, into: Workspace) -> Memory:
        """Token states [b, s, d] -> keys and values, for `attend`."""
        keys, values = (split_heads(part, self._heads) for part in self._read(article))
        return self._remember(keys, values, into)

    def attend(self, states: Tensor, memory: Memory, bias: Tensor) -> Tensor:
        """What states [b, n, d] find there -> [b, n, d]; `bias` as `Memory.find` has it."""
        queries = split_heads(self._in(norm(self._norm, states))[0], self._heads)
        return self._out(memory.find(queries, bias).transpose(1, 2).flatten(2))[0]


class FeedForward:
    """The feed-forward part of a block, gated or not."""

    def __init__(self, layer: Any, make: Maker) -> None:
        """Take transformers' layer, whose products `make` makes."""
        dense = layer.DenseReluDense
        self._norm, self._activation = layer.layer_norm, dense.act
        inward = (dense.wi_0.weight, dense.wi_1.weight) if hasattr(dense, "wi_0") else (dense.wi.weight,)
        self._in, self._out = make(*inward), make(dense.wo.weight)

    def __call__(self, states: Tensor) -> Tensor:
        """[b, n, d] -> [b, n, d]."""
        first, *gated = self._in(norm(self._norm, states))
        inner = _activate(self._activation, first)
        return self._out(inner.mul_(gated[0]) if gated else inner)[0]


def find(queries: Tensor, keys: Tensor, values: Tensor, bias: Tensor) -> Tensor:
    """Queries [b, h, n, e] attend to keys and values [b, h, m, e] -> [b, n, h * e]; T5 scales no scores.

    Args:
        queries, keys, values: of each head.
        bias: added to the scores, [b or 1, h or 1, n or 1, m].
    """
    mask = bias.expand(len(queries), -1, queries.shape[2], -1)
    return scaled_dot_product_attention(queries, keys, values, attn_mask=mask, scale=1.0).transpose(1, 2).flatten(2)


def split_heads(flat: Tensor, heads: int) -> Tensor:
    """[b, n, h * e] -> [b, h, n, e]."""
    return flat.view(*flat.shape[:2], heads, -1).transpose(1, 2)


def norm(module: Any, states: Tensor) -> Tensor:
    """Root mean square layer normalisation (Zhang & Sennrich 2019): x / sqrt(mean(x^2) + eps) * weight."""
    if states.is_cuda:  # one kernel there; on a CPU it is made of more passes than these
        return rms_norm(states, (states.shape[-1],), module.weight, module.variance_epsilon)
    length = torch.linalg.vector_norm(states, dim=-1, keepdim=True, dtype=torch.float32)
    scale: Tensor = (length * length).mul_(1 / states.shape[-1]).add_(module.variance_epsilon).rsqrt_()
    return (states * scale.to(states.dtype)).mul_(module.weight)


def distance_bias(block: Any, n: int) -> Tensor | None:
    """What a block adds to the scores of `n` tokens by distance [h, n, n]; None where it has nothing of its own."""
    attention = block.layer[0].SelfAttention
    if not attention.has_relative_attention_bias:
        return None
    # transformers lays the heads side by side: no fused attention on a GPU takes that, and one on a CPU takes longer.
    bias: Tensor = attention.compute_bias(n, n)[0].contiguous()
    return bias


def blocked(mask: Tensor, dtype: torch.dtype) -> Tensor:
    """Mask [b, m], True on text -> what is added to scores [b, 1, 1, m]: 0 there, the least number elsewhere."""
    nothing = torch.zeros(mask.shape, dtype=dtype, device=mask.device)
    return nothing.masked_fill_(~mask, torch.finfo(dtype).min)[:, None, None]


def _activate(activation: Any, values: Tensor) -> Tensor:
    if type(activation).__name__ != "NewGELUActivation":
        activated: Tensor = activation(values)
        return activated
    if values.device.type != "cpu" or values.dtype != torch.float32:  # one kernel instead of eight
        return gelu(values, approximate="tanh")
    # x (1 + tanh u) / 2 is x sigmoid(2 u), and a CPU computes sigmoids several times as fast. u as Hendrycks & Gimpel
    # (2016) have it: sqrt(2 / pi) (x + 0.044715 x^3).
    doubled = (values * values).mul_(2 * _GELU * 0.044715).add_(2 * _GELU)
    return doubled.mul_(values).sigmoid_().mul_(values)
