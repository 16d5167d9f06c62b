"""The decoder: an abstractive summary over all windows at once (Fusion-in-Decoder, Izacard & Grave 2021).

b: articles, s: tokens of an article's windows, d: width of a token state, u: tokens of a written summary.
"""

from typing import Any

import torch
from pydantic import Field
from torch import Tensor

from svodka.config.network import DecoderTask
from svodka.heads.targets import divisor


class DecoderSettings(DecoderTask):
    """What a run's YAML says of the decoder, and how a summary begins and ends, as in `SummaryFormat`."""

    untied: bool = Field(
        False, description="the output matrix is not the token embedding, whatever the backbone's config says"
    )
    start: int | None = Field(None, description="first token the decoder reads; null: as in the backbone's config")
    first: int | None = Field(None, description="first token it writes; null: as in the backbone's config")
    end: int | None = Field(None, description="token that ends a summary; null: as in the backbone's config")
    heads: int = Field(0, ge=0, description="heads of attention in a decoder of our own; 0: it is the backbone's")
    inner: int = Field(0, ge=0, description="inner width of the layers of a decoder of our own")
    prompts: list[list[int]] = Field(
        [],
        description="token ids that stand between an article and a text, for each kind of text, where a decoder-only "
        "backbone writes on from what it has read; empty: there is another decoder",
    )


class SummaryWriter:
    """The part of a model that writes by the decoder of its backbone; `ArticleWriter` is that with one of its own."""

    config: Any
    backbone: Any

    def write(self, states: Tensor, mask: Tensor, **generation: Any) -> Tensor:
        """Token ids [b, u] of summaries, the decoder attending to all windows at once.

        Args:
            states: token states [b, s, d]; mask: [b, s].
            generation: arguments of transformers' `generate`, as `num_beams` or `max_new_tokens`.
        """
        from transformers.modeling_outputs import BaseModelOutput  # slow, and a model that only reads needs none

        ids: Tensor = self.backbone.generate(
            encoder_outputs=BaseModelOutput(last_hidden_state=states),
            attention_mask=mask.long(),
            **self._summary_tokens(),
            **generation,
        )
        return ids

    def _summary_tokens(self) -> dict[str, int]:
        decoder: DecoderSettings = self.config.heads.decoder
        tokens = {
            "decoder_start_token_id": decoder.start,
            "forced_bos_token_id": decoder.first,
            "eos_token_id": decoder.end,
        }
        return {name: token for name, token in tokens.items() if token is not None}

    def writing_loss(self, states: Tensor, mask: Tensor, labels: Tensor, *, shared: bool) -> Tensor:
        """Cross-entropy of the summaries' tokens, mean over the tokens; 0 where no article has a summary.

        Args:
            states: [b, s, d]; mask: [b, s]; labels: [b, u], -100 on padding.
            shared: as in `divisor`.
        """
        from transformers.modeling_outputs import BaseModelOutput

        written = self.backbone(
            encoder_outputs=BaseModelOutput(last_hidden_state=states),
            attention_mask=mask.long(),
            labels=self._with_a_token(labels),
        )
        total = torch.nn.functional.cross_entropy(
            written.logits.flatten(0, 1).float(),
            labels.flatten(),
            reduction="sum",
            label_smoothing=self.config.heads.decoder.label_smoothing,
        )
        return total / divisor((labels >= 0).sum(), shared=shared)

    def _with_a_token(self, labels: Tensor) -> Tensor:
        # mBART moves a summary's last token to the front and fails on an article without any. The token put there
        # costs nothing: the loss is taken from the labels as they were.
        empty = (labels < 0).all(dim=1)
        filler = int(getattr(self.backbone.config, "pad_token_id", None) == 0)
        first = torch.where(empty, filler, labels[:, 0])
        return torch.cat([first.unsqueeze(1), labels[:, 1:]], dim=1)
