"""The encoder of T5, mT5 and umT5: the bias by distance and the mask are joined once a batch, not once a layer.

n: windows, t: tokens of a window, d: width of a token state.
"""

import torch
from torch import Tensor
from transformers import PreTrainedModel

from svodka.engines.products import Maker, as_stored
from svodka.engines.t5.layers import FeedForward, SelfAttention, blocked, distance_bias, norm


class T5Encoder:
    """The encoder of a backbone of such a family, over the backbone's weights."""

    def __init__(self, backbone: PreTrainedModel, make: Maker = as_stored) -> None:
        """Take the encoder of a backbone, whose products `make` makes."""
        self._encoder = backbone if hasattr(backbone, "block") else backbone.get_encoder()
        blocks = [block.layer for block in self._encoder.block]
        self._layers = [(SelfAttention(layer[0], make), FeedForward(layer[-1], make)) for layer in blocks]
        self._biases: tuple[int, list[Tensor | None]] = 0, []  # the longest windows so far, and theirs

    def __call__(self, input_ids: Tensor, mask: Tensor) -> Tensor:
        """Token states [n, t, d] of windows with ids and mask [n, t], True on text."""
        states: Tensor = self._encoder.embed_tokens(input_ids)
        padding = None if mask.all() else blocked(mask, states.dtype)
        bias = torch.empty(0)
        for (attention, feed_forward), own in zip(self._layers, self._by_distance(input_ids.shape[1]), strict=True):
            if own is not None:  # T5 and mT5 have it in the first layer, for all
                bias = own if padding is None else own + padding
            states = states + attention.attend(*attention.project(states), bias)
            states = states + feed_forward(states)
        return norm(self._encoder.final_layer_norm, states)

    def _by_distance(self, n: int) -> list[Tensor | None]:
        """The bias of each block for windows of n tokens [1, h, n, n]."""
        reach, biases = self._biases
        if n > reach:
            biases = [distance_bias(block, n) for block in self._encoder.block]
            self._biases = n, biases
        # The bias hangs on the distance alone, so that of longer windows holds that of shorter ones.
        return [None if bias is None else bias[None, :, :n, :n] for bias in biases]
