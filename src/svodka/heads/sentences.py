"""Sentences: a score for each, for an extractive summary (BERTSum, Liu & Lapata 2019).

b: articles, t: token states, d: their width, s: sentences, the title (sentence 0) included.
"""

from typing import Any

import torch
from torch import Tensor, nn

from svodka.config.network import SentenceTask
from svodka.heads.sums import sum_by_sentence
from svodka.heads.targets import divisor

_POSITIONS = 64
_LEAD = 3
_MARKS = 8
# Mean and spread of the marks over sentences of Russian news, so that the layers behind them start evenly.
_USUAL = ((3.1, 0.6), (0.5, 0.3), (3.9, 0.5), (0.1, 0.1), (0.31, 0.24), (1.5, 0.3), (0.78, 0.07), (0.89, 0.06))


class SentenceHead(nn.Module):
    """A logit for each sentence, from its mean token state, its position and its marks, and from its neighbours.

    It is narrow, because few articles have a summary: wide, it learns these by heart and chooses worse than the
    first sentences would be.
    """

    def __init__(self, width: int, *, narrow: int, layers: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)
        self.meaning = nn.Linear(width, narrow)
        self.marks = nn.Linear(_MARKS, narrow)
        self.position = nn.Embedding(_POSITIONS, narrow)
        nn.init.normal_(self.position.weight, std=0.1)
        self.layers = nn.ModuleList(_layer(narrow, dropout / 2) for _ in range(layers))
        self.hidden = nn.Linear(narrow, narrow)
        self.score = nn.Linear(narrow, 1)

    def forward(self, states: Tensor, ids: Tensor, sentence_ids: Tensor, n_sentences: Tensor) -> Tensor:
        """Logit of every sentence.

        Args:
            states: token states [b, t, d].
            ids: their token ids [b, t].
            sentence_ids: sentence of each token [b, t], negative where it has none.
            n_sentences: sentences of each article [b].

        Returns:
            Logits [b, s] with s the largest of `n_sentences`; positions beyond an article's own hold no meaning.
        """
        size = int(n_sentences.max())
        index = torch.arange(size, device=states.device)
        # In the head's own number type, whatever the backbone computes in.
        means = mean_by_sentence(states.to(self.norm.weight.dtype), sentence_ids, size)
        marks = sentence_marks(means, ids, sentence_ids, n_sentences).to(means.dtype)
        vectors = self.meaning(self.dropout(self.norm(means))) + self.marks(marks)
        vectors = nn.functional.gelu(vectors + self.position(index.clamp(max=_POSITIONS - 1)))  # [b, s, narrow]
        padding = index >= n_sentences.unsqueeze(1)  # [b, s]
        for layer in self.layers:
            vectors = layer(vectors, src_key_padding_mask=padding)
        logits: Tensor = self.score(nn.functional.gelu(self.hidden(vectors))).squeeze(-1)
        return logits


def mean_by_sentence(states: Tensor, sentence_ids: Tensor, size: int) -> Tensor:
    """Mean token state of each sentence: [b, t, d] -> [b, size, d]; zeros for a sentence without a token."""
    ones = torch.ones_like(states[..., :1])
    counts = sum_by_sentence(ones, sentence_ids, size).clamp(min=1)
    return sum_by_sentence(states, sentence_ids, size) / counts


def sentence_marks(means: Tensor, ids: Tensor, sentence_ids: Tensor, n_sentences: Tensor) -> Tensor:
    """What a mean of token states hides and a choice of sentences needs, about zero mean and unit spread [b, s, 8].

    Length (ln(1 + tokens)); place within the article, 0 to 1; length of the article (ln(1 + sentences)); share of a
    sentence's tokens that stand in the title, and in the first three sentences; how often its tokens come in the
    article (mean of ln(1 + count)); cosine of its mean token state to the title's and to the whole article's.

    Args:
        means: mean token state of each sentence [b, s, d], zeros where there is none.
        ids, sentence_ids: [b, t]; n_sentences: [b].
    """
    size = means.shape[1]
    owned = sentence_ids >= 0
    lead = (sentence_ids >= 1) & (sentence_ids <= _LEAD)
    places = [(_counts_of(ids, where) > 0).float() for where in (sentence_ids == 0, lead)]
    by_token = torch.stack([torch.ones_like(places[0]), *places, _counts_of(ids, owned).log1p()], dim=-1)
    length, in_title, in_lead, frequent = sum_by_sentence(by_token, sentence_ids, size).unbind(-1)  # [b, s] each
    tokens = length.clamp(min=1)
    plain = means.float()
    article = (plain * length.unsqueeze(-1)).sum(dim=1, keepdim=True)
    near = [nn.functional.cosine_similarity(plain, other, dim=-1) for other in (plain[:, :1], article)]
    place = (torch.arange(size, device=means.device) / n_sentences.unsqueeze(1)).clamp(max=1)
    count = n_sentences.unsqueeze(1).expand_as(place).float().log1p()
    marks = [length.log1p(), place, count, in_title / tokens, in_lead / tokens, frequent / tokens, *near]
    return torch.stack([(mark - mean) / spread for mark, (mean, spread) in zip(marks, _USUAL, strict=True)], dim=-1)


def _counts_of(ids: Tensor, where: Tensor) -> Tensor:
    """How often each token [b, t] comes among the tokens of its article where `where` [b, t] is true."""
    bag = torch.zeros(len(ids), int(ids.max()) + 1, device=ids.device)
    return bag.scatter_add(1, ids, where.to(bag.dtype)).gather(1, ids)


def _layer(width: int, dropout: float) -> nn.TransformerEncoderLayer:
    return nn.TransformerEncoderLayer(
        width,
        2 if width % 2 == 0 else 1,
        dim_feedforward=2 * width,
        dropout=dropout,
        activation="gelu",
        batch_first=True,
        norm_first=True,
    )


class SentenceReader(nn.Module):
    """The part of a model that scores sentences; `config.heads.sentences` says how."""

    config: Any
    sentence_head: SentenceHead

    def add_sentences(self, width: int) -> None:
        """Make the head for token states of a width."""
        settings: SentenceTask = self.config.heads.sentences
        if settings.weight:
            self.sentence_head = SentenceHead(
                width, narrow=settings.width, layers=settings.layers, dropout=settings.dropout
            )
            # transformers' init fits wide layers; in so narrow a head it would drown all but the position.
            for part in self.sentence_head.modules():
                vars(part)["_is_hf_initialized"] = True

    def sentence_logits(self, states: Tensor, ids: Tensor, owners: Tensor, n_sentences: Tensor) -> Tensor | None:
        """Logits [b, s] as of `SentenceHead.forward`, None where the task is left out."""
        settings: SentenceTask = self.config.heads.sentences
        if not settings.weight:
            return None
        found: Tensor = self.sentence_head(states if settings.through else states.detach(), ids, owners, n_sentences)
        return found


def sentence_bce(logits: Tensor, targets: Tensor, *, shared: bool = False) -> Tensor:
    """Binary cross-entropy over the sentences that are candidates: [b, s] each; a target below 0 is left out.

    Mean over candidates; 0 where a batch has none, with a gradient of 0.

    Args:
        shared: several processes train together; their gradients' mean is to be that of all candidates' mean.
    """
    candidates = targets >= 0
    losses = nn.functional.binary_cross_entropy_with_logits(logits, targets.clamp(min=0), reduction="none")
    return (losses * candidates).sum() / divisor(candidates.sum(), shared=shared)
