"""Products of states with fixed weights, in the form that is fastest for the states at hand.

A maker takes weights [n, d], one or several that are applied to the same states, and gives what computes
[..., d] -> [..., n] for each of them.
"""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import linear

from svodka.errors import ConfigError

Products = Callable[[Tensor], tuple[Tensor, ...]]
Maker = Callable[..., Products]


def as_stored(*weights: Tensor) -> Products:
    """With the weights as they are: best for hundreds of rows and more."""
    return lambda states: tuple(linear(states, weight) for weight in weights)


def for_few_rows(*weights: Tensor) -> Products:
    """For as few rows as a step of a decoder has: most of the time goes into reading the weights.

    On a CPU they are copied into the order in which oneDNN reads them, and joined: MKL's products of few rows read them
    at a fraction of the rate.
    """
    pack, product = (_onednn(name) for name in ("_reorder_linear_weight", "_linear_pointwise"))
    if pack is None or product is None or not _taken_by_onednn(weights[0]):
        return as_stored(*weights)
    packed = pack(torch.cat([weight.detach() for weight in weights]))
    sizes = [len(weight) for weight in weights]
    return lambda states: _parts(product(states, packed, None, "none", [], ""), sizes)


def in_int8(*weights: Tensor) -> Products:
    """With weights in int8, a scale a row, and states in 8 bits too, a scale a token: on a CPU only.

    Raises:
        ConfigError: a torch without these products.
    """
    product = Int8Linear(torch.cat([weight.detach() for weight in weights]), None)
    sizes = [len(weight) for weight in weights]
    return lambda states: _parts(product(states), sizes)


class Int8Linear(torch.nn.Module):
    """A linear layer with its weights in int8, a scale a row; states are quantised as they come, a scale a token.

    One scale for all tokens would be set by the few dimensions in which pretrained encoders are far larger than in all
    others (Dettmers et al. 2022): multilingual-e5-small's states would be off by 45%, and are by 10% with a scale each.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        """Take the weights [n, d] and bias [n] of a layer.

        Raises:
            ConfigError: a torch without these products.
        """
        super().__init__()
        pack, product = few_bits_operator("linear_prepack"), few_bits_operator("linear_dynamic")
        rows = weight.detach().float()
        # A row of zeros has no scale of its own.
        scales = (rows.abs().amax(dim=1) / 127).clamp_min(torch.finfo(torch.float32).eps).double()
        zeros = torch.zeros(len(rows), dtype=torch.long)
        with warnings.catch_warnings():
            # torch means to drop tensors of this kind, and says so each time; its products take no others yet.
            warnings.simplefilter("ignore", UserWarning)
            few_bits = torch.quantize_per_channel(rows, scales, zeros, axis=0, dtype=torch.qint8)
        self._packed, self._product = pack(few_bits, None), product
        self._bias = None if bias is None else bias.detach().float()
        # Where there is no int8 dot product, sums of two products of 8 bits would overflow 16: states have 7 there.
        self._seven_bits = not _has_int8_dot_product()

    def forward(self, states: Tensor) -> Tensor:
        """[..., d] -> [..., n]."""
        scales = states.abs().amax(dim=-1, keepdim=True).clamp_min(torch.finfo(torch.float32).eps)
        found: Tensor = self._product(states / scales, self._packed, self._seven_bits).mul_(scales)
        return found if self._bias is None else found.add_(self._bias)


def few_bits_operator(name: str) -> Callable[..., Any]:
    """An operator of torch's on numbers in 8 bits.

    Raises:
        ConfigError: a torch without it.
    """
    found: Callable[..., Any] | None = getattr(torch.ops.quantized, name, None)
    if found is None or not hasattr(torch, "quantize_per_channel"):
        raise ConfigError(f"engine 'int8' is not supported by torch {torch.__version__}; use bf16 or fast")
    return found


def _has_int8_dot_product() -> bool:
    known: Callable[[], Any] = getattr(torch.cpu, "get_capabilities", dict)  # not in every torch
    return bool(known().get("avx512_vnni", False))


def _parts(joined: Tensor, sizes: Sequence[int]) -> tuple[Tensor, ...]:
    # torch lets nobody write into one of several parts.
    return (joined,) if len(sizes) == 1 else torch.split(joined, list(sizes), dim=-1)


def _taken_by_onednn(weight: Tensor) -> bool:
    if weight.device.type != "cpu":
        return False
    if weight.dtype == torch.bfloat16:  # not by every processor
        able = _onednn("_is_mkldnn_bf16_supported")
        return able is not None and bool(able())
    return weight.dtype == torch.float32


def _onednn(name: str) -> Callable[..., Tensor] | None:
    # torch's compiler uses these and does not promise them; without them the weights stay as they are.
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return None
    found: Callable[..., Tensor] | None = getattr(torch.ops.mkldnn, name, None)
    return found
