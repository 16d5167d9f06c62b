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
from transformers import PreTrainedModel

from svodka.engines.products import Maker, as_stored, for_few_rows
from svodka.engines.t5.keys_values import Memory, Remember, as_fits, move_forward
from svodka.engines.t5.layers import ArticleAttention, FeedForward, SelfAttention, blocked, distance_bias, norm
from svodka.engines.t5.workspace import Workspace


@dataclass
class Caches:
    """What a step needs of the steps before; one entry of each list a layer. A step changes tensors in place alone.

    Attributes:
        keys, values: [b, h, room * k, e] of the tokens written, slot `place * k + beam`.
        article_keys, article_values: [b, h, s, e].
        biases: [h, room, room] by place and place attended to, minus infinity on later ones; None for a layer that
            takes the one before.
        article_mask: [b, 1, 1, s], added to the scores: 0 on text, the least number elsewhere.
        ancestry: [b, k, room], the beam that wrote the token at each place of this beam's past.
        place: [1], tokens written.
    """

    keys: list[Tensor]
    values: list[Tensor]
    articles: list[Memory]
    biases: list[Tensor | None]
    article_mask: Tensor
    ancestry: Tensor
    place: Tensor

    @property
    def device(self) -> torch.device:
        """Where they are."""
        return self.place.device

    @property
    def recordable(self) -> bool:
        """Whether a GPU may replay a step: all tensors keep their shapes and places."""
        return self.place.is_cuda

    @property
    def room(self) -> int:
        """Most tokens to write."""
        return self.ancestry.shape[2]

    def move(self, parents: Tensor) -> None:
        """Let beam i go on from beam `parents[:, i]` [b, k]."""
        self.ancestry.copy_(self.ancestry.gather(1, parents.unsqueeze(-1).expand_as(self.ancestry)))

    def keep(self, articles: list[int]) -> None:
        """Leave only these articles, given in ascending order: they move to the places of those before that go."""
        for tensors in (self.keys, self.values):
            tensors[:] = [move_forward(tensor, articles) for tensor in tensors]
        for memory in self.articles:
            memory.keep(articles)
        self.article_mask, self.ancestry = self.article_mask[articles], self.ancestry[articles]


class T5Decoder:
    """Steps of a backbone's decoder, by the backbone's weights as they were when it was made."""

    def __init__(
        self,
        backbone: PreTrainedModel,
        make: Maker = for_few_rows,
        make_many: Maker = as_stored,
        remember: Remember = as_fits,
    ) -> None:
        """Take the decoder of a backbone whose `model_type` is t5, mt5 or umt5.

        Args:
            backbone: the model.
            make: makes the products of a step.
            make_many: makes those over all tokens of an article.
            remember: holds the keys and values of articles.
        """
        self._config = backbone.config
        self._decoder = backbone.get_decoder()
        blocks = [block.layer for block in self._decoder.block]
        self._own = [SelfAttention(layer[0], make) for layer in blocks]
        self._article = [ArticleAttention(layer[1], make, make_many, remember) for layer in blocks]
        self._feed_forward = [FeedForward(layer[-1], make) for layer in blocks]
        self._head = make(backbone.get_output_embeddings().weight)
        self._scale = backbone.config.d_model**-0.5 if _scales_output(backbone.config) else 1.0
        self._workspace = Workspace()

    def start(self, states: Tensor, mask: Tensor, *, beams: int, room: int) -> Caches:
        """Caches for articles with token states [b, s, d], True on text in `mask` [b, s], for `room` tokens.

        Those of an earlier call are written over: a decoder writes one batch at a time.
        """
        self._workspace.clear()
        own_shape = len(states), self._config.num_heads, room * beams, self._config.d_kv
        # Zeros, since steps of fixed shapes read all of it: what is blocked must at least be a number.
        own = [self._workspace.take(*own_shape, like=states).zero_() for _ in range(2 * len(self._own))]
        return Caches(
            keys=own[::2],
            values=own[1::2],
            articles=[layer.remember(states, self._workspace) for layer in self._article],
            biases=[_causal(distance_bias(block, room)) for block in self._decoder.block],
            article_mask=blocked(mask, states.dtype),
            ancestry=torch.zeros(len(states), beams, room, dtype=torch.long, device=states.device),
            place=torch.zeros(1, dtype=torch.long, device=states.device),
        )

    def step(self, tokens: Tensor, caches: Caches, *, reach: int) -> Tensor:
        """Write tokens [b, k] behind each beam -> logits of the next ones [b, k, v].

        Args:
            tokens: the last of each beam.
            caches: of the steps before.
            reach: places that are attended to, at least those written with this one. More give the same and take
                longer, but let every step have the same shapes.
        """
        b, k = tokens.shape
        beams = torch.arange(k, device=tokens.device)
        slots = caches.place * k + beams
        caches.ancestry.index_copy_(2, caches.place, beams.expand(b, k).unsqueeze(-1))
        states: Tensor = self._decoder.embed_tokens(tokens)  # [b, k, d]
        past = _past(caches.ancestry[:, :, :reach], states.dtype) if k > 1 else None
        bias = torch.empty(0)
        for i, own in enumerate(self._own):
            own_bias = caches.biases[i]
            if own_bias is not None:  # T5 and mT5 have it in the first layer, for all
                bias = _scores_bias(own_bias.index_select(1, caches.place)[:, :, :reach], past)
            queries, new_keys, new_values = own.project(states)
            keys = caches.keys[i].index_copy_(2, slots, new_keys)[:, :, : reach * k]
            values = caches.values[i].index_copy_(2, slots, new_values)[:, :, : reach * k]
            states = states + own.attend(queries, keys, values, bias)
            states = states + self._article[i].attend(states, caches.articles[i], caches.article_mask)
            states = states + self._feed_forward[i](states)
        caches.place += 1
        return self._head(norm(self._decoder.final_layer_norm, states) * self._scale)[0]


def _causal(bias: Tensor | None) -> Tensor | None:
    """[h, t, t] with minus infinity where the second place is later."""
    if bias is None:
        return None
    later = torch.ones(bias.shape[1:], dtype=torch.bool, device=bias.device).triu(1)
    return bias.masked_fill(later, -torch.inf)


def _scores_bias(row: Tensor, past: Tensor | None) -> Tensor:
    """A place's bias [h, 1, t] and `_past` -> what is added to the scores [b or 1, h, k or 1, t * k]."""
    if past is None:
        return row.unsqueeze(0)
    return (row[None, ..., None] + past.unsqueeze(1)).flatten(-2)


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
