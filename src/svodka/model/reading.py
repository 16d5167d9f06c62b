"""Reading an article with the heads: one pass of the encoder, and what each head makes of it. Needs torch alone.

b: articles, n: windows of an article, t: tokens of a window, l: tags, s: sentences with the title,
d: width of a token state.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from svodka.model.sentence_head import SentenceHead
from svodka.model.sentences import Sentences
from svodka.model.tag_head import LabelAttention, LexicalBranch, place_weights

# (ids [n, t], mask [n, t]) of windows -> token states [n, t, d]
WindowEncoder = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Reading:
    """What one pass of the encoder tells of a batch; a head that the model lacks gives None.

    Attributes:
        states: token states [b, n*t, d]; mask: [b, n*t], True on text that the article owns.
        tag_logits: [b, l]; tag_evidence: [b, l, s], the share of each sentence in each logit.
        sentence_logits: [b, s].
        topic_logits: [b, k].
    """

    states: Tensor
    mask: Tensor
    tag_logits: Tensor | None
    tag_evidence: Tensor | None
    sentence_logits: Tensor | None
    topic_logits: Tensor | None = None


class ArticleReader(nn.Module):
    """The heads over an encoder; a subclass brings `config`, `family` and `token_states`."""

    config: Any
    positive_weight: Tensor

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...  # torch says "Tensor | Module" of every part

    @property
    def family(self) -> str:
        """transformers' `model_type` of the backbone."""
        raise NotImplementedError

    def token_states(self, input_ids: Tensor, attention_mask: Tensor | None) -> Tensor:
        """The encoder's token states [n, t, d] of windows [n, t]; no mask says that nothing is padding."""
        raise NotImplementedError

    def add_heads(self, width: int, n_pieces: int) -> None:
        """Make the heads that `config` asks for, for token states of a width and a vocabulary of `n_pieces`."""
        config = self.config
        if config.n_labels:
            self.tag_head = LabelAttention(
                width,
                config.n_labels,
                dropout=config.dropout,
                named=config.named,
                name_dropout=config.name_dropout,
            )
            self.register_buffer("positive_weight", torch.ones(config.n_labels))
        if config.sentence_weight:
            self.sentence_head = SentenceHead(
                width,
                narrow=config.sentence_width,
                layers=config.sentence_layers,
                dropout=config.sentence_dropout,
            )
            # transformers' init fits wide layers; in so narrow a head it would drown all but the position.
            for part in self.sentence_head.modules():
                vars(part)["_is_hf_initialized"] = True
        # Last and from a generator of its own: the random start of the other heads is the same with any branch.
        if config.tag_weight and config.lexical:
            with torch.random.fork_rng(devices=[]):
                self.lexical = LexicalBranch(
                    n_pieces,
                    config.n_tags,
                    counted=config.lexical_pieces,
                    rank=config.lexical_rank,
                    hidden=config.lexical_hidden,
                )
            # Off while the attention is trained apart, to be blended with the branch afterwards.
            self.lexical_joins = True

    def encode(self, input_ids: Tensor, attention_mask: Tensor, encoder: WindowEncoder | None = None) -> Tensor:
        """Token states [b, n*t, d] of windows [b, n, t]; windows that are all padding are not computed.

        Args:
            input_ids: [b, n, t]; attention_mask: likewise.
            encoder: what computes windows in place of `token_states`.
        """
        flat_ids, flat_mask = input_ids.flatten(0, 1), attention_mask.flatten(0, 1)
        real = flat_mask.any(dim=1)  # [b*n]
        states = (encoder or self.token_states)(flat_ids[real], flat_mask[real])
        full = states.new_zeros(*flat_ids.shape, states.shape[-1])
        full[real] = states
        return full.view(input_ids.shape[0], -1, states.shape[-1])

    def read(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        *,
        sentence_ids: Tensor,
        n_sentences: Tensor,
        encoder: WindowEncoder | None = None,
    ) -> Reading:
        """Read a batch as `pad_encodings` makes it, with evidence; for inference. `encoder`: as in `encode`."""
        states = self.encode(input_ids, attention_mask, encoder)
        owners, ids = sentence_ids.flatten(1), input_ids.flatten(1)  # [b, n*t]
        mask = owners >= 0
        tag_logits = evidence = topic_logits = None
        if self.config.n_labels:
            found = self._read_labels(states, ids, owners, int(n_sentences.max()))
            evidence, tag_logits, topic_logits = found
        sentence_logits = None
        if self.config.sentence_weight:
            sentence_logits = self.sentence_head(states, ids, owners, n_sentences)
        return Reading(states, mask, tag_logits, evidence, sentence_logits, topic_logits)

    def _read_labels(
        self, states: Tensor, ids: Tensor, owners: Tensor, size: int
    ) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        """Evidence [b, l, s] and logits [b, l] of the tags, logits of the topics [b, k]; None for a task left out."""
        sentences, n_tags = Sentences(owners, size), self.config.n_labels - self.n_topics
        by_sentence, rest = self.tag_head.evidence(states, owners >= 0, sentences)  # [b, s, l + k], [l + k]
        # A token that is read is in a sentence: what these add is all there is.
        topics = by_sentence[..., n_tags:].sum(dim=1) + rest[n_tags:] if self.n_topics else None
        if not n_tags:
            return None, None, topics
        by_sentence, rest = by_sentence[..., :n_tags], rest[:n_tags]
        if self.config.lexical:
            attention, *others = self.config.blend
            lexical, other = self.lexical.evidence(ids, self.place_weights(owners), sentences, others)
            by_sentence, rest = attention * by_sentence + lexical, attention * rest + other
        return by_sentence.transpose(1, 2), by_sentence.sum(dim=1) + rest, topics

    @property
    def n_topics(self) -> int:
        """k, 0 where the topics are left out."""
        return int(self.config.n_topics) if self.config.topic_weight else 0

    def place_weights(self, owners: Tensor) -> Tensor:
        """What each token counts for in the lexical branch [b, t], by its sentence."""
        return place_weights(owners, title=self.config.lexical_title, lead=self.config.lexical_lead)
