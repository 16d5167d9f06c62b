"""The decoder of T5, mT5 and umT5 a token at a time, over caches of fixed size.

transformers' own step copies every cache when beams change places, and keeps the article's keys once a beam. Here the
beams of an article are the queries of one attention: they share the article's keys, and all that any of them wrote
stays where it was written, a mask saying which of it is a beam's own past.

b: articles, k: beams, h: heads, e: width of a head, d: width of a state, s: tokens of the article, t: tokens written,
v: vocabulary.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import linear
from transformers import PreTrainedModel

from svodka.engines.t5_layers import attend, blocked, distance_bias, feed_forward, keys_and_values, norm


@dataclass
class Caches:
    """What a step needs of the steps before; one entry of each list a layer.

    Attributes:
        keys, values: [b, h, room * k, e] of the tokens written, slot `place * k + beam`.
        article_keys, article_values: [b, h, s, e].
        biases: [h, room, room] by the distance of two places; None for a layer that takes the one before.
        article_mask: [b, 1, 1, s], added to the scores: 0 on text, minus infinity elsewhere.
        ancestry: [b, k, room], the beam that wrote the token at each place of this beam's past.
        place: tokens written.
    """

    keys: list[Tensor]
    values: list[Tensor]
    article_keys: list[Tensor]
    article_values: list[Tensor]
    biases: list[Tensor | None]
    article_mask: Tensor
    ancestry: Tensor
    place: int = 0

    def move(self, parents: Tensor) -> None:
        """Let beam i go on from beam `parents[:, i]` [b, k]."""
        self.ancestry = self.ancestry.gather(1, parents.unsqueeze(-1).expand_as(self.ancestry))

    def keep(self, articles: Tensor) -> None:
        """Leave only these articles [n]."""
        for tensors in (self.keys, self.values, self.article_keys, self.article_values):
            tensors[:] = [tensor[articles] for tensor in tensors]
        self.article_mask, self.ancestry = self.article_mask[articles], self.ancestry[articles]


class T5Decoder:
    """Steps of a backbone's decoder; it reads the backbone's weights and holds none of its own."""

    def __init__(self, backbone: PreTrainedModel) -> None:
        """Take the decoder of a backbone whose `model_type` is t5, mt5 or umt5."""
        self._config = backbone.config
        self._decoder = backbone.get_decoder()
        self._head: Tensor = backbone.get_output_embeddings().weight
        self._scale = backbone.config.d_model**-0.5 if _scales_output(backbone.config) else 1.0

    def start(self, states: Tensor, mask: Tensor, *, beams: int, room: int) -> Caches:
        """Caches for articles with token states [b, s, d], True on text in `mask` [b, s], for `room` tokens."""
        b, heads, width = len(states), self._config.num_heads, self._config.d_kv
        own = [states.new_zeros(b, heads, room * beams, width) for _ in range(2 * len(self._decoder.block))]
        article = [keys_and_values(block.layer[1].EncDecAttention, states) for block in self._decoder.block]
        ancestry = torch.zeros(b, beams, room, dtype=torch.long, device=states.device)
        return Caches(
            keys=own[::2],
            values=own[1::2],
            article_keys=[keys for keys, _ in article],
            article_values=[values for _, values in article],
            biases=[distance_bias(block, room) for block in self._decoder.block],
            article_mask=blocked(mask, states.dtype),
            ancestry=ancestry,
        )

    def step(self, tokens: Tensor, caches: Caches) -> Tensor:
        """Write tokens [b, k] behind each beam -> logits of the next ones [b, k, v]."""
        place, beams = caches.place, tokens.shape[1]
        caches.ancestry[:, :, place] = torch.arange(beams, device=tokens.device)
        states: Tensor = self._decoder.embed_tokens(tokens)  # [b, k, d]
        past = _past(caches.ancestry[:, :, : place + 1], states.dtype) if beams > 1 else None
        bias = torch.empty(0)
        for i, block in enumerate(self._decoder.block):
            own_bias = caches.biases[i]
            if own_bias is not None:  # T5 and mT5 have it in the first layer, for all
                bias = _scores_bias(own_bias, place, past=past)
            states = states + _own(block.layer[0], states, caches, i=i, bias=bias)
            states = states + _article(block.layer[1], states, caches, i=i)
            states = states + feed_forward(block.layer[-1], states)
        caches.place += 1
        return linear(norm(self._decoder.final_layer_norm, states) * self._scale, self._head)


def _own(layer: Any, states: Tensor, caches: Caches, *, i: int, bias: Tensor) -> Tensor:
    """Attention to what was written."""
    normed = norm(layer.layer_norm, states)
    begin, end = caches.place * states.shape[1], (caches.place + 1) * states.shape[1]
    keys, values = caches.keys[i], caches.values[i]
    keys[:, :, begin:end], values[:, :, begin:end] = keys_and_values(layer.SelfAttention, normed)
    return attend(layer.SelfAttention, normed, (keys[:, :, :end], values[:, :, :end]), bias)


def _article(layer: Any, states: Tensor, caches: Caches, *, i: int) -> Tensor:
    """Attention to the article."""
    memory = caches.article_keys[i], caches.article_values[i]
    return attend(layer.EncDecAttention, norm(layer.layer_norm, states), memory, caches.article_mask)


def _scores_bias(bias: Tensor, place: int, *, past: Tensor | None) -> Tensor:
    """What is added to the scores of the tokens written [b or 1, h, k or 1, (place + 1) * k]."""
    row = bias[None, :, place, None, : place + 1]  # [1, h, 1, t]
    if past is None:
        return row
    return (row.unsqueeze(-1) + past.unsqueeze(1)).flatten(-2)


def _past(ancestry: Tensor, dtype: torch.dtype) -> Tensor:
    """Ancestry [b, k, t] -> [b, k, t, k]: 0 where a beam's past is, minus infinity on what other beams wrote."""
    slots = torch.arange(ancestry.shape[1], device=ancestry.device)
    foreign = ancestry.unsqueeze(-1) != slots
    return torch.zeros(foreign.shape, dtype=dtype, device=ancestry.device).masked_fill(foreign, -torch.inf)


def _scales_output(config: Any) -> bool:
    # T5 says so in a field of its own; umT5 scales what goes into a tied head.
    return bool(getattr(config, "scale_decoder_outputs", False)) or (
        config.model_type == "umt5" and bool(config.tie_word_embeddings)
    )
