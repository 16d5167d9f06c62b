"""The network: encode an article once, read it three ways.

b: articles, n: windows of an article, t: tokens of a window, l: tags, s: sentences with the title,
u: tokens of a written summary, d: width of a token state.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor
from transformers import PreTrainedModel
from transformers.utils import ModelOutput

from svodka.heads.continued import ContinuedWriter, Remembered, seeing_both_ways
from svodka.heads.decoder import SummaryWriter
from svodka.heads.sentences import sentence_bce
from svodka.heads.topics import topic_loss
from svodka.model.backbones import build_backbone, hidden_width, is_decoder_only, position_limit, untie_head
from svodka.model.news_config import NewsConfig
from svodka.model.reading import ArticleReader
from svodka.model.teaching import state_distance


@dataclass
class NewsOutput(ModelOutput):
    """What training needs: the loss and the heads' logits ([b, l], [b, k] and [b, s])."""

    loss: Tensor | None = None
    tag_logits: Tensor | None = None
    topic_logits: Tensor | None = None
    sentence_logits: Tensor | None = None


class NewsModel(ArticleReader, SummaryWriter, ContinuedWriter, PreTrainedModel):
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
        self.backbone = backbone or build_backbone(config.backbone, decoder=config.heads.backbone_writes)
        if self.backbone.config._attn_implementation is None:
            # A config forgets this when it becomes part of another, and transformers then leaves masks out, untold.
            self.backbone.set_attn_implementation("sdpa" if self.backbone._supports_sdpa else "eager")
        if config.heads.decoder.untied:
            untie_head(self.backbone)
        self.add_heads(hidden_width(config.backbone), self.backbone.config.vocab_size)
        self.post_init()

    def get_input_embeddings(self) -> Any:
        """The backbone's token embedding."""
        return self.backbone.get_input_embeddings()

    @property
    def token_embedding(self) -> Tensor:
        """As in `ArticleWriter`."""
        embedding: Tensor = self.get_input_embeddings().weight
        return embedding

    @property
    def family(self) -> str:
        """As in `ArticleReader`."""
        return str(self.backbone.config.model_type)

    @property
    def embedding_rows(self) -> int:
        """As in `ArticleReader`."""
        return int(self.get_input_embeddings().num_embeddings)

    @property
    def position_limit(self) -> int | None:
        """As in `ArticleReader`."""
        return position_limit(self.backbone.config)

    def token_states(self, input_ids: Tensor, attention_mask: Tensor | None) -> Tensor:
        """The encoder's token states [n, t, d] of windows [n, t]."""
        return self.window_states(input_ids, attention_mask)

    def window_states(self, input_ids: Tensor, attention_mask: Tensor | None, past: Any = None) -> Tensor:
        """As in `ContinuedWriter`."""
        reader, more = self.backbone, dict[str, Any]()
        if is_decoder_only(self.backbone.config):
            reader, more = self.backbone.base_model, {"past_key_values": past, "use_cache": past is not None}
            attention_mask = self._attended(input_ids, attention_mask)
        elif self.config.heads.backbone_writes:
            reader = self.backbone.get_encoder()
        states: Tensor = reader(input_ids=input_ids, attention_mask=attention_mask, **more).last_hidden_state
        return states

    def _attended(self, input_ids: Tensor, mask: Tensor | None) -> Any:
        """What a decoder-only backbone takes as the mask of windows [n, t]: itself, or masks of its kinds of layers."""
        if not self.config.bidirectional:
            return mask
        mask, kinds = (
            torch.ones_like(input_ids) if mask is None else mask,
            getattr(self.backbone.config, "layer_types", ()),
        )
        if not kinds:
            return seeing_both_ways(mask, self.dtype)
        reach = {"full_attention": None, "sliding_attention": getattr(self.backbone.config, "sliding_window", None)}
        return {kind: seeing_both_ways(mask, self.dtype, reach[kind]) for kind in set(kinds)}

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
        signals: Tensor | None = None,
        states: Tensor | None = None,
    ) -> NewsOutput:
        """Logits, and the weighted sum of the losses whose targets are given.

        Args:
            input_ids: [b, n, t]; attention_mask, sentence_ids: likewise, as `pad_encodings` makes them.
            n_sentences: [b].
            tag_labels: [b, l], topic_labels: [b, k]; 0 or 1, below 0 where nothing is known.
            sentence_labels: [b, s], 0 or 1, below 0 where a sentence is no candidate.
            labels: [b, u] token ids of the summary, -100 on padding.
            signals: [b, 2] kind and length of these, as `signals_of` tells them; all but encoder-decoders need them.
            states: token states [b, n*t, d] where they are known already; with a teacher, its states, to be learnt.
        """
        heads, taught = self.config.heads, states if self.config.teaching_weight else None
        remembered: Remembered | None = None
        if heads.continues and labels is not None:
            states, remembered = self.read_on(input_ids, attention_mask)
        else:
            states = self.states_of(input_ids, attention_mask, None if taught is not None else states)
        owners, ids = sentence_ids.flatten(1), input_ids.flatten(1)
        tag_logits, topic_logits, sentence_logits = None, None, None
        if labels is None or any(targets is not None for targets in (tag_labels, topic_labels, sentence_labels)):
            tag_logits, topic_logits = self.label_logits(states, ids, owners)
            sentence_logits = self.sentence_logits(states, ids, owners, n_sentences)
        losses: list[Tensor] = []
        if taught is not None:
            distance = state_distance(states, taught, attention_mask.flatten(1))
            losses.append(self.config.teaching_weight * distance)
        if tag_logits is not None and tag_labels is not None:
            losses.append(heads.tags.weight * self.tag_loss(tag_logits, tag_labels))
        if topic_logits is not None and topic_labels is not None:
            losses.append(heads.topics.weight * topic_loss(topic_logits, topic_labels, heads.topics.left_open))
        if sentence_logits is not None and sentence_labels is not None:
            loss = sentence_bce(sentence_logits, sentence_labels, shared=self.training)
            losses.append(heads.sentences.weight * loss)
        if heads.own_writer and labels is not None and signals is not None:
            source = self.read_to_write(states, owners >= 0, ids, signals)
            loss = self.own_writing_loss(source, labels, shared=self.training)
            losses.append(heads.decoder.weight * loss)
        elif remembered is not None and labels is not None and signals is not None:
            loss = self.continued_loss(remembered, labels, signals, shared=self.training)
            losses.append(heads.decoder.weight * loss)
        elif heads.writes and labels is not None:
            loss = self.writing_loss(states, owners >= 0, labels, shared=self.training)
            losses.append(heads.decoder.weight * loss)
        return NewsOutput(torch.stack(losses).sum() if losses else None, tag_logits, topic_logits, sentence_logits)
