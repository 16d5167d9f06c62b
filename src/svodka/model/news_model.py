"""The network: encode an article once, read it three ways.

b: articles, n: windows of an article, t: tokens of a window, l: tags, s: sentences with the title,
u: tokens of a written summary, d: width of a token state.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor
from transformers import PreTrainedModel
from transformers.modeling_outputs import BaseModelOutput
from transformers.utils import ModelOutput

from svodka.model.backbones import build_backbone, hidden_width, untie_head
from svodka.model.losses import asymmetric, divisor, sentence_bce, state_distance, tag_bce
from svodka.model.news_config import NewsConfig
from svodka.model.reading import ArticleReader


@dataclass
class NewsOutput(ModelOutput):
    """What training needs: the loss and the heads' logits ([b, l], [b, k] and [b, s])."""

    loss: Tensor | None = None
    tag_logits: Tensor | None = None
    topic_logits: Tensor | None = None
    sentence_logits: Tensor | None = None


class NewsModel(ArticleReader, PreTrainedModel):
    """A backbone with tag head, sentence head and decoder, each present if its weight is above 0."""

    config_class = NewsConfig
    base_model_prefix = "backbone"
    main_input_name = "input_ids"
    supports_gradient_checkpointing = True
    _supports_sdpa = True
    _no_split_modules: ClassVar[list[str]] = []

    def __init__(self, config: NewsConfig, backbone: PreTrainedModel | None = None) -> None:
        """Build from a config; `backbone` brings pretrained weights, else they are random."""
        super().__init__(config)
        self.backbone = backbone or build_backbone(config.backbone, decoder=config.writes)
        if self.backbone.config._attn_implementation is None:
            # A config forgets this when it becomes part of another, and transformers then leaves masks out, untold.
            self.backbone.set_attn_implementation("sdpa" if self.backbone._supports_sdpa else "eager")
        if config.untied_head:
            untie_head(self.backbone)
        self.add_heads(hidden_width(config.backbone), self.backbone.config.vocab_size)
        self.post_init()

    def get_input_embeddings(self) -> Any:
        """The backbone's token embedding."""
        return self.backbone.get_input_embeddings()

    @property
    def family(self) -> str:
        """As in `ArticleReader`."""
        return str(self.backbone.config.model_type)

    def token_states(self, input_ids: Tensor, attention_mask: Tensor | None) -> Tensor:
        """The encoder's token states [n, t, d] of windows [n, t]."""
        encoder = self.backbone.get_encoder() if self.config.writes else self.backbone
        states: Tensor = encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return states

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        sentence_ids: Tensor,
        n_sentences: Tensor,
        tag_labels: Tensor | None = None,
        topic_labels: Tensor | None = None,
        sentence_labels: Tensor | None = None,
        labels: Tensor | None = None,
        states: Tensor | None = None,
    ) -> NewsOutput:
        """Logits, and the weighted sum of the losses whose targets are given.

        Args:
            input_ids: [b, n, t]; attention_mask, sentence_ids: likewise, as `pad_encodings` makes them.
            n_sentences: [b].
            tag_labels: [b, l], topic_labels: [b, k]; 0 or 1, below 0 where nothing is known.
            sentence_labels: [b, s], 0 or 1, below 0 where a sentence is no candidate.
            labels: [b, u] token ids of the summary, -100 on padding.
            states: token states [b, n*t, d] where they are known already; with a teacher, its states, to be learnt.
        """
        taught = states if self.config.teaching_weight else None
        if states is None or taught is not None:
            states = self.encode(input_ids, attention_mask)
        states = states.to(self.dtype)
        owners, ids = sentence_ids.flatten(1), input_ids.flatten(1)
        mask = owners >= 0
        losses: list[Tensor] = []
        if taught is not None:
            distance = state_distance(states, taught, attention_mask.flatten(1))
            losses.append(self.config.teaching_weight * distance)
        tag_logits = topic_logits = sentence_logits = None
        if self.config.n_labels:
            tag_logits, topic_logits = self._label_logits(states, ids, owners)
            if tag_logits is not None and tag_labels is not None:
                losses.append(self.config.tag_weight * self._tag_loss(tag_logits, tag_labels))
            if topic_logits is not None and topic_labels is not None:
                ones = torch.ones_like(topic_logits[0])
                losses.append(self.config.topic_weight * tag_bce(topic_logits, topic_labels, ones))
        if self.config.sentence_weight:
            seen = states if self.config.sentence_through else states.detach()
            sentence_logits = self.sentence_head(seen, ids, owners, n_sentences)
            if sentence_labels is not None:
                loss = sentence_bce(sentence_logits, sentence_labels, shared=self.training)
                losses.append(self.config.sentence_weight * loss)
        if self.config.writes and labels is not None:
            losses.append(self.config.decoder_weight * self._writing_loss(states, mask, labels))
        return NewsOutput(torch.stack(losses).sum() if losses else None, tag_logits, topic_logits, sentence_logits)

    def _label_logits(self, states: Tensor, ids: Tensor, owners: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """Logits of the tags [b, l] and of the topics [b, k], None for a task that is left out."""
        shares, bias = self.tag_head(states, owners >= 0)
        logits = shares.sum(dim=1) + bias
        n_tags = self.config.n_labels - self.n_topics
        topics = logits[:, n_tags:] if self.n_topics else None
        if not n_tags:
            return None, topics
        tags = logits[:, :n_tags]
        if self.config.lexical and self.lexical_joins:
            parts = (tags, *self.lexical(ids, self.place_weights(owners)))
            tags = torch.stack([share * part for share, part in zip(self.config.blend, parts, strict=False)]).sum(dim=0)
        return tags, topics

    def name_means(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Mean token state [l, d] of the names of the tags, given as padded token ids [l, t] and their mask."""
        states = self.token_states(input_ids, attention_mask)
        real = attention_mask.unsqueeze(-1).to(states.dtype)
        return (states * real).sum(dim=1) / real.sum(dim=1)

    def write(self, states: Tensor, mask: Tensor, **generation: Any) -> Tensor:
        """Token ids [b, u] of summaries, the decoder attending to all windows at once.

        Args:
            states: [b, n*t, d] from `read`; mask: [b, n*t].
            generation: arguments of transformers' `generate`, as `num_beams` or `max_new_tokens`.
        """
        ids: Tensor = self.backbone.generate(
            encoder_outputs=BaseModelOutput(last_hidden_state=states),
            attention_mask=mask.long(),
            **self._summary_tokens(),
            **generation,
        )
        return ids

    def _summary_tokens(self) -> dict[str, int]:
        tokens = {
            "decoder_start_token_id": self.config.summary_start,
            "forced_bos_token_id": self.config.summary_first,
            "eos_token_id": self.config.summary_end,
        }
        return {name: token for name, token in tokens.items() if token is not None}

    def _tag_loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        scale = 1.0 / float(self.config.tags_per_article)
        if self.config.tag_loss == "asymmetric":
            gammas = (self.config.gamma_positive, self.config.gamma_negative)
            return scale * asymmetric(logits, targets, gammas=gammas, margin=self.config.margin)
        return scale * tag_bce(logits, targets, self.positive_weight[: logits.shape[1]])

    def _writing_loss(self, states: Tensor, mask: Tensor, labels: Tensor) -> Tensor:
        """Cross-entropy of the summaries' tokens, mean over the tokens; 0 where no article has a summary."""
        given = self._with_a_token(labels)
        written = self.backbone(
            encoder_outputs=BaseModelOutput(last_hidden_state=states), attention_mask=mask.long(), labels=given
        )
        total = torch.nn.functional.cross_entropy(
            written.logits.flatten(0, 1).float(),
            labels.flatten(),
            reduction="sum",
            label_smoothing=self.config.label_smoothing,
        )
        return total / divisor((labels >= 0).sum(), shared=self.training)

    def _with_a_token(self, labels: Tensor) -> Tensor:
        # mBART moves a summary's last token to the front and fails on an article without any. The token put there
        # costs nothing: the loss is taken from the labels as they were.
        empty = (labels < 0).all(dim=1)
        filler = int(getattr(self.backbone.config, "pad_token_id", None) == 0)
        first = torch.where(empty, filler, labels[:, 0])
        return torch.cat([first.unsqueeze(1), labels[:, 1:]], dim=1)
