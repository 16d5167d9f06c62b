"""Reading an article with the heads: one pass of the encoder, and what each head makes of it. Needs torch alone.

b: articles, n: windows of an article, t: tokens of a window, l: tags, s: sentences with the title,
d: width of a token state.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from torch import Tensor

from svodka.heads.continued import Remembered
from svodka.heads.sentences import SentenceReader
from svodka.heads.tags import LabelReader
from svodka.heads.writer import ArticleWriter

# (ids [n, t], mask [n, t]) of windows -> token states [n, t, d]
WindowEncoder = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class HeadOutputs:
    """What one pass of the encoder tells of a batch; a head that the model lacks gives None.

    Attributes:
        states: token states [b, n*t, d]; mask: [b, n*t], True on text that the article owns; ids: [b, n*t].
        tag_logits: [b, l]; tag_evidence: [b, l, s], the share of each sentence in each logit.
        sentence_logits: [b, s].
        topic_logits: [b, k]; topic_evidence: [b, k, s].
        remembered: what a decoder-only backbone writes on from.
    """

    states: Tensor
    mask: Tensor
    ids: Tensor
    tag_logits: Tensor | None
    tag_evidence: Tensor | None
    sentence_logits: Tensor | None
    topic_logits: Tensor | None = None
    topic_evidence: Tensor | None = None
    remembered: Remembered | None = None


class ArticleReader(LabelReader, SentenceReader, ArticleWriter):
    """The heads over an encoder; a subclass brings `config`, `family`, `token_embedding` and `token_states`."""

    config: Any

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...  # torch says "Tensor | Module" of every part

    @property
    def family(self) -> str:
        """transformers' `model_type` of the backbone."""
        raise NotImplementedError

    @property
    def embedding_rows(self) -> int:
        """Rows of the token embedding."""
        raise NotImplementedError

    @property
    def position_limit(self) -> int | None:
        """Most tokens that a window may have; None where its positions have no bound."""
        raise NotImplementedError

    def token_states(self, input_ids: Tensor, attention_mask: Tensor | None) -> Tensor:
        """The encoder's token states [n, t, d] of windows [n, t]; no mask says that nothing is padding."""
        raise NotImplementedError

    def add_heads(self, width: int, n_pieces: int) -> None:
        """Make the heads that `config` asks for, for token states of a width and a vocabulary of `n_pieces`."""
        self.add_labels(width)
        self.add_sentences(width)
        # Last: the random start of the other heads is the same with any branch.
        self.add_lexical(width, n_pieces)
        self.add_topic_parts(width, n_pieces)
        self.add_writer(width, n_pieces)

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

    def states_of(self, input_ids: Tensor, attention_mask: Tensor, states: Tensor | None) -> Tensor:
        """Token states [b, n*t, d]: those that are known already, in the model's number type, else by `encode`."""
        return self.encode(input_ids, attention_mask) if states is None else states.to(self.dtype)

    def read(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        *,
        sentence_ids: Tensor,
        n_sentences: Tensor,
        encoder: WindowEncoder | None = None,
        writes: bool = False,
    ) -> HeadOutputs:
        """Read a batch as `pad_encodings` makes it, with evidence; for inference.

        Args:
            input_ids, attention_mask, sentence_ids, n_sentences: as `NewsModel.forward` takes them.
            encoder: as in `encode`.
            writes: whether a text is wanted; a decoder-only backbone then remembers what it writes on from.
        """
        remembered: Remembered | None = None
        if writes and self.config.heads.continues:
            states, remembered = self.read_on(input_ids, attention_mask)
        else:
            states = self.encode(input_ids, attention_mask, encoder)
        owners, ids = sentence_ids.flatten(1), input_ids.flatten(1)  # [b, n*t]
        of_tags, tags, of_topics, topics = self.read_labels(states, ids, owners, int(n_sentences.max()))
        sentences = self.sentence_logits(states, ids, owners, n_sentences)
        return HeadOutputs(states, owners >= 0, ids, tags, of_tags, sentences, topics, of_topics, remembered)

    def name_means(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Mean token state [l, d] of the names of the tags, given as padded token ids [l, t] and their mask."""
        states = self.token_states(input_ids, attention_mask)
        real = attention_mask.unsqueeze(-1).to(states.dtype)
        return (states * real).sum(dim=1) / real.sum(dim=1)
