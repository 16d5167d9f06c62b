"""A decoder of our own over an encoder: it attends to all windows of an article, and copies from them.

Its layers are BERT's with cross-attention (Rothe et al. 2020); the encoder's token embedding, which stays as it is, is
its own. What comes next has the probability g * vocabulary + (1 - g) * copy (See et al. 2017). Before the first token
the decoder is told which kind of text is wanted, and how many words.

b: articles, k: texts written side by side of each (beams), u: tokens of a text, s: tokens of an article's windows,
d: width of a state, h: heads, e: width of a head, v: pieces.
"""

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from svodka.heads.targets import divisor

if TYPE_CHECKING:
    from svodka.heads.decoder import DecoderSettings

KINDS = ("summary", "headline")
# Most words of each class of lengths; longer texts are a class of their own.
LENGTHS = (4, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80)

# Keys and values [b * k, h, u, e] of what was written so far, a layer each.
Past = list[tuple[Tensor, Tensor]]


def signals_of(kind: str, words: int) -> list[int]:
    """What tells the decoder to write a text of a kind and of so many words, as it learns it."""
    return [KINDS.index(kind), bisect_left(LENGTHS, words)]


def signals_within(kind: str, most: int) -> list[int]:
    """What asks for a text of at most so many words: the longest class of lengths that fits."""
    return [KINDS.index(kind), max(0, bisect_right(LENGTHS, most) - 1)]


@dataclass
class Source:
    """What the decoder needs of its articles, made once for all steps.

    Attributes:
        keys, values: [b, h, s, e] of each layer.
        copy_keys: [b, s, d].
        bias: [b, 1, 1, s], added to scores: 0 on text that the article owns, the least number elsewhere.
        ids: token ids [b, s].
        opening: what stands before the first token [b, d].
    """

    keys: list[Tensor]
    values: list[Tensor]
    copy_keys: Tensor
    bias: Tensor
    ids: Tensor
    opening: Tensor

    def keep(self, articles: list[int]) -> None:
        """Leave only these articles."""
        for field in fields(self):
            held = getattr(self, field.name)
            kept = [one[articles] for one in held] if isinstance(held, list) else held[articles]
            setattr(self, field.name, kept)


class Attention(nn.Module):
    """Attention of several heads; what it finds is added to what asked, and normalised."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))
        self.norm = nn.LayerNorm(width)

    def remember(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values [b, h, s, e] of states [b, s, d]."""
        return self._split(self.key(states)), self._split(self.value(states))

    def forward(
        self, states: Tensor, keys: Tensor, values: Tensor, *, bias: Tensor | None = None, causal: bool = False
    ) -> Tensor:
        """States [b, u, d] after they have looked at keys and values [b, h, s, e]."""
        queries = self._split(self.query(states))
        found = functional.scaled_dot_product_attention(queries, keys, values, attn_mask=bias, is_causal=causal)
        normed: Tensor = self.norm(states + self.out(found.transpose(1, 2).flatten(2)))
        return normed

    def _split(self, states: Tensor) -> Tensor:
        return states.view(*states.shape[:2], self.heads, -1).transpose(1, 2)


class WriterLayer(nn.Module):
    """Attention to what was written, to the article, and a network of two products."""

    def __init__(self, width: int, inner: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.own, self.article = Attention(width, heads), Attention(width, heads)
        self.inner, self.outer = nn.Linear(width, inner), nn.Linear(inner, width)
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, states: Tensor, article: tuple[Tensor, Tensor], *, bias: Tensor, past: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """States [b, k, u, d] a layer on, and keys and values of all that was written, as in `Past`.

        Args:
            states: of the tokens behind `past`, one a text, or of whole texts.
            article: keys and values of the articles; bias: as in `Source`.
            past: what was written before; None: nothing.
        """
        own = self.own.remember(states.flatten(0, 1))
        if past is not None:
            own = torch.cat([past[0], own[0]], dim=2), torch.cat([past[1], own[1]], dim=2)
        texts = self.own(states.flatten(0, 1), *own, causal=past is None)
        # The texts of an article ask as one: they share its keys.
        found = self.article(texts.view(states.shape).flatten(1, 2), *article, bias=bias)
        inner = self.outer(functional.gelu(self.inner(found)))
        normed: Tensor = self.norm(found + self.dropout(inner))
        return normed.view(states.shape), own


class Writer(nn.Module):
    """The decoder. Texts come as tokens [b, k, u], the first of which only holds the place of the signals."""

    def __init__(self, settings: "DecoderSettings", width: int, pieces: int) -> None:
        super().__init__()
        self.kinds, self.lengths = nn.Embedding(len(KINDS), width), nn.Embedding(len(LENGTHS) + 1, width)
        self.positions = nn.Embedding(settings.max_tokens, width)
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(settings.dropout)
        self.place = nn.Parameter(torch.full((1,), 0.1))
        self.layers: Any = nn.ModuleList(
            WriterLayer(width, settings.inner, settings.heads, settings.dropout) for _ in range(settings.layers)
        )
        self.output, self.output_norm = nn.Linear(width, width), nn.LayerNorm(width)
        self.bias = nn.Parameter(torch.zeros(pieces))
        self.copy_query, self.copy_key = nn.Linear(width, width), nn.Linear(2 * width, width)
        self.gate = nn.Linear(width, 1)

    def read(self, states: Tensor, mask: Tensor, *, ids: Tensor, signals: Tensor, embedding: Tensor) -> Source:
        """The articles as the decoder looks at them.

        Args:
            states: token states [b, s, d]; mask: [b, s], True on text that the article owns; ids: token ids [b, s].
            signals: [b, 2] as of `signals_of`.
            embedding: of the tokens [v, d].
        """
        states = states.to(self.bias.dtype)
        states = states + self.place * _waves(mask.long().cumsum(dim=1), states.shape[-1])
        # Whoever has just written a token finds in the article what stood behind it there.
        before = functional.embedding(torch.cat([ids[:, :1], ids[:, :-1]], dim=1), embedding)
        pairs = [layer.article.remember(states) for layer in self.layers]
        least = torch.finfo(states.dtype).min
        return Source(
            keys=[keys for keys, _ in pairs],
            values=[values for _, values in pairs],
            copy_keys=self.copy_key(torch.cat([states, before], dim=-1)),
            bias=torch.zeros_like(states[..., 0]).masked_fill(~mask, least)[:, None, None, :],
            ids=ids,
            opening=self.kinds(signals[:, 0]) + self.lengths(signals[:, 1]),
        )

    def forward(self, tokens: Tensor, source: Source, embedding: Tensor, past: Past | None = None) -> Tensor:
        """States [b, k, u, d] from which the token behind each of `tokens` [b, k, u] is chosen.

        Args:
            tokens: with `past` the last of each text alone, else whole texts.
            source: the articles.
            embedding: of the tokens [v, d].
            past: what was written before, one pair a layer, or empty; it grows by these tokens.
        """
        place = past[0][0].shape[2] if past else 0
        states: Tensor = functional.embedding(tokens, embedding)
        if not place:
            opening = source.opening[:, None, None].expand(-1, tokens.shape[1], -1, -1)
            states = torch.cat([opening, states[:, :, 1:]], dim=2)
        positions = self.positions.weight[place : place + tokens.shape[2]]
        states = self.dropout(self.norm(states + positions))
        for number, layer in enumerate(self.layers):
            article = source.keys[number], source.values[number]
            before = past[number] if place and past else None
            states, grown = layer(states, article, bias=source.bias, past=before)
            if past is not None:
                past[number : number + 1] = [grown]
        return states

    def before_vocabulary(self, states: Tensor) -> Tensor:
        """What is multiplied with the token embedding, [..., d] each."""
        normed: Tensor = self.output_norm(functional.gelu(self.output(states)))
        return normed

    def copying(self, states: Tensor, source: Source) -> tuple[Tensor, Tensor]:
        """The share of each token of the article [b, k, u, s], and the logit of g [b, k, u]."""
        asking = self.copy_query(states).flatten(1, 2)  # [b, k * u, d]
        scores = asking @ source.copy_keys.transpose(1, 2) / math.sqrt(asking.shape[-1]) + source.bias.squeeze(1)
        return scores.softmax(dim=-1).view(*states.shape[:3], -1), self.gate(states).squeeze(-1)

    def log_chances(self, logits: Tensor, states: Tensor, source: Source) -> Tensor:
        """Log probability of each piece [b, k, u, v], from the vocabulary's logits of that shape."""
        shares, gate = self.copying(states, source)
        gate = gate.unsqueeze(-1)
        chances = logits.softmax(dim=-1) * gate.sigmoid()
        ids = source.ids[:, None, None].expand_as(shares)
        chances = chances.scatter_add(-1, ids, shares * (-gate).sigmoid())
        return chances.clamp(min=torch.finfo(chances.dtype).tiny).log()

    def losses(self, labels: Tensor, source: Source, embedding: Tensor, *, smoothing: float) -> Tensor:
        """Minus the log probability of each token of texts [b, u], with label smoothing of the vocabulary's part.

        Of the copied part no row over all pieces is made, so that a step takes little memory.
        """
        tokens = labels.clamp(min=0)
        shifted = torch.cat([tokens[:, :1], tokens[:, :-1]], dim=1)
        states = self(shifted.unsqueeze(1), source, embedding)  # [b, 1, u, d]
        logits = functional.linear(self.before_vocabulary(states[:, 0]), embedding, self.bias)  # [b, u, v]
        norm = logits.logsumexp(dim=-1)
        shares, gate = (part[:, 0] for part in self.copying(states, source))
        written = logits.gather(-1, tokens.unsqueeze(-1)).squeeze(-1) - norm + functional.logsigmoid(gate)
        copied = (shares * (source.ids.unsqueeze(1) == tokens.unsqueeze(-1))).sum(dim=-1)
        copied = copied.clamp(min=torch.finfo(copied.dtype).tiny).log() + functional.logsigmoid(-gate)
        missed = -torch.logaddexp(written, copied)
        return missed if not smoothing else (1 - smoothing) * missed + smoothing * (norm - logits.mean(dim=-1))


class ArticleWriter(nn.Module):
    """The part of a model that has a decoder of its own; `config.heads.decoder` says whether it has."""

    config: Any
    writer: Writer

    @property
    def token_embedding(self) -> Tensor:
        """The backbone's embedding of tokens [v, d]."""
        raise NotImplementedError

    def add_writer(self, width: int, n_pieces: int) -> None:
        """Make the decoder for token states of a width."""
        if self.config.heads.own_writer:
            self.writer = Writer(self.config.heads.decoder, width, n_pieces)

    def read_to_write(self, states: Tensor, mask: Tensor, ids: Tensor, signals: Tensor) -> Source:
        """As `Writer.read`."""
        return self.writer.read(states, mask, ids=ids, signals=signals, embedding=self.token_embedding.detach())

    def own_writing_loss(self, source: Source, labels: Tensor, *, shared: bool) -> Tensor:
        """Mean loss of the tokens of texts [b, u], below 0 on padding; 0 of none. `shared`: as in `divisor`."""
        known = labels >= 0
        smoothing = self.config.heads.decoder.label_smoothing
        losses = self.writer.losses(labels, source, self.token_embedding.detach(), smoothing=smoothing)
        return (losses * known).sum() / divisor(known.sum(), shared=shared)


def _waves(places: Tensor, width: int) -> Tensor:
    """Sines and cosines [b, s, d] of places [b, s] (Vaswani et al. 2017), which tell the windows apart."""
    half = width // 2
    rates = torch.exp(torch.arange(half, device=places.device) * (-math.log(10_000) / half))
    angles = places.unsqueeze(-1) * rates
    return functional.pad(torch.cat([angles.sin(), angles.cos()], dim=-1), (0, width - 2 * half))
