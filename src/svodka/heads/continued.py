"""Writing on from what a decoder-only backbone has read: one reading of an article serves the heads and its texts.

Between the article and a text stands a prompt, one for each kind of text. The article must be one window: a text goes
on from the keys and values of a single sequence.

b: articles (with beams, b * k), t: tokens of an article, u: tokens of a text, p: tokens of a prompt and a text,
h: heads, e: width of a head, d: width of a token state, v: pieces.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from svodka.heads.targets import NO_TARGET, divisor


@dataclass
class Remembered:
    """What a decoder-only backbone keeps of articles that it has read.

    Attributes:
        pairs: keys and values [b, h, t, e] of each layer. What pads an article stands before it, so that what is
            written stands behind its last token, also for layers that see only so many tokens back.
        mask: [b, t], True on text.
    """

    pairs: list[tuple[Tensor, Tensor]]
    mask: Tensor

    @property
    def lengths(self) -> Tensor:
        """Tokens of each article [b]."""
        return self.mask.sum(dim=1)

    def chosen(self, rows: Tensor) -> "Remembered":
        """Those of some rows [r], which may come more than once."""
        return Remembered([(keys[rows], values[rows]) for keys, values in self.pairs], self.mask[rows])


class ContinuedWriter:
    """The part of a model that writes by a decoder-only backbone; `config.heads.continues` says whether it does."""

    config: Any
    backbone: Any

    def window_states(self, input_ids: Tensor, attention_mask: Tensor | None, past: Any = None) -> Tensor:
        """Token states [n, t, d] of windows [n, t]; `past`: a cache of transformers' that takes what is remembered."""
        raise NotImplementedError

    def read_on(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Remembered]:
        """Token states [b, t, d] of articles of one window each [b, 1, t], and what to write on from."""
        from transformers import DynamicCache  # slow, and a model that only reads needs none

        # Without the backbone's config: with it, its local layers would forget all but the last tokens, padding too.
        cache, mask = DynamicCache(), attention_mask[:, 0]
        states = self.window_states(input_ids[:, 0], mask, cache)
        return states, moved_to_the_end([(layer.keys, layer.values) for layer in cache.layers], mask.bool())

    def write_on(self, remembered: Remembered, ids: Tensor) -> tuple[Tensor, Remembered]:
        """Logits of what follows each of tokens [b, p] behind what is remembered [b, p, v], and what then is."""
        from transformers import DynamicCache

        cache, mask = DynamicCache(), torch.cat([remembered.mask, torch.ones_like(ids, dtype=torch.bool)], dim=1)
        for layer, (keys, values) in enumerate(remembered.pairs):
            cache.update(keys, values, layer)
        places = remembered.lengths.unsqueeze(1) + torch.arange(ids.shape[1], device=ids.device)
        found = self.backbone(
            input_ids=ids, attention_mask=mask.long(), position_ids=places, past_key_values=cache, use_cache=True
        )
        return found.logits, Remembered([(layer.keys, layer.values) for layer in cache.layers], mask)

    def continued_loss(self, remembered: Remembered, labels: Tensor, signals: Tensor, *, shared: bool) -> Tensor:
        """Cross-entropy of the tokens of texts, mean over the tokens; 0 where no article has one.

        Args:
            remembered: of the articles.
            labels: [b, u], below 0 on padding; signals: [b, 2], of which the kind of text is used.
            shared: as in `divisor`.
        """
        settings = self.config.heads.decoder
        ids, targets = with_prompts(labels, [settings.prompts[kind] for kind in signals[:, 0].tolist()])
        logits, _ = self.write_on(remembered, ids)
        total = functional.cross_entropy(
            logits.flatten(0, 1).float(),
            targets.flatten(),
            ignore_index=NO_TARGET,
            reduction="sum",
            label_smoothing=settings.label_smoothing,
        )
        return total / divisor((targets >= 0).sum(), shared=shared)


def moved_to_the_end(pairs: Sequence[tuple[Tensor, Tensor]], mask: Tensor) -> Remembered:
    """Keys and values [b, h, t, e] of articles with their padding behind them, as `Remembered` holds them."""
    tokens = mask.shape[1]
    places = (torch.arange(tokens, device=mask.device) + mask.sum(dim=1, keepdim=True)) % tokens  # [b, t]

    def moved(part: Tensor) -> Tensor:
        return part.gather(2, places[:, None, :, None].expand_as(part))

    return Remembered([(moved(keys), moved(values)) for keys, values in pairs], mask.gather(1, places))


def with_prompts(labels: Tensor, prompts: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """What the backbone reads of texts behind their prompts, and what it should say then, [b, p] each.

    Args:
        labels: token ids [b, u], below 0 on padding.
        prompts: of each text, its token ids.
    """
    width = max(map(len, prompts)) + labels.shape[1] - 1
    ids, targets = labels.new_zeros(len(labels), width), labels.new_full((len(labels), width), NO_TARGET)
    for row, prompt in enumerate(prompts):
        text = labels[row][labels[row] >= 0]
        whole = torch.cat([labels.new_tensor(prompt), text])
        ids[row, : len(whole) - 1] = whole[:-1]
        targets[row, len(prompt) - 1 : len(whole) - 1] = text
    return ids, targets


def seeing_both_ways(mask: Tensor, dtype: torch.dtype, reach: int | None = None) -> Tensor:
    """What is added to scores [n, 1, t, t] so that a token attends to those behind it, too: 0, or the least number.

    Args:
        mask: [n, t], nonzero on text.
        dtype: of the scores.
        reach: tokens further away than this are not seen; None: all are.
    """
    places = torch.arange(mask.shape[1], device=mask.device)
    seen = mask.bool()[:, None, None, :].expand(-1, 1, len(places), -1)
    if reach is not None:
        seen = seen & ((places.unsqueeze(1) - places).abs() < reach)
    return torch.zeros(seen.shape, dtype=dtype, device=mask.device).masked_fill(~seen, torch.finfo(dtype).min)
