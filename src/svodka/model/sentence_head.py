"""Sentences: a score for each, for an extractive summary (BERTSum, Liu & Lapata 2019).

b: articles, t: token states, d: their width, s: sentences, the title (sentence 0) included.
"""

import torch
from torch import Tensor, nn

_POSITIONS = 64
_MARKS = 4


class SentenceHead(nn.Module):
    """Sentence vectors (mean of token states, position, marks), transformer layers across them, one logit each."""

    def __init__(self, width: int, *, layers: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.position = nn.Embedding(_POSITIONS, width)
        self.marks = nn.Linear(_MARKS, width)
        self.layers = nn.ModuleList(_layer(width, dropout) for _ in range(layers))
        self.score = nn.Linear(width, 1)

    def forward(self, states: Tensor, sentence_ids: Tensor, n_sentences: Tensor) -> Tensor:
        """Logit of every sentence.

        Args:
            states: token states [b, t, d].
            sentence_ids: sentence of each token [b, t], negative where it has none.
            n_sentences: sentences of each article [b].

        Returns:
            Logits [b, s] with s the largest of `n_sentences`; positions beyond an article's own hold no meaning.
        """
        size = int(n_sentences.max())
        index = torch.arange(size, device=states.device)
        places = self.position(index.clamp(max=_POSITIONS - 1))
        means = mean_by_sentence(states, sentence_ids, size)
        marks = sentence_marks(means, sentence_ids, n_sentences)
        vectors = self.norm(means) + places + self.marks(marks.to(means.dtype))  # [b, s, d]
        padding = index >= n_sentences.unsqueeze(1)  # [b, s]
        for layer in self.layers:
            vectors = layer(vectors, src_key_padding_mask=padding)
        logits: Tensor = self.score(vectors).squeeze(-1)
        return logits


def sum_by_sentence(values: Tensor, sentence_ids: Tensor, size: int) -> Tensor:
    """Add up values of tokens [b, t, k] by sentence -> [b, size, k]; negative sentence ids are left out."""
    batch, _, width = values.shape
    # One row more than there are sentences takes what belongs to none.
    target = torch.where(sentence_ids < 0, size, sentence_ids).unsqueeze(-1).expand_as(values)
    sums = torch.zeros(batch, size + 1, width, dtype=values.dtype, device=values.device)
    return sums.scatter_add(1, target, values)[:, :size]


def mean_by_sentence(states: Tensor, sentence_ids: Tensor, size: int) -> Tensor:
    """Mean token state of each sentence: [b, t, d] -> [b, size, d]; zeros for a sentence without a token."""
    ones = torch.ones_like(states[..., :1])
    counts = sum_by_sentence(ones, sentence_ids, size).clamp(min=1)
    return sum_by_sentence(states, sentence_ids, size) / counts


def sentence_marks(means: Tensor, sentence_ids: Tensor, n_sentences: Tensor) -> Tensor:
    """What a mean of token states hides and a choice of sentences needs -> [b, s, 4].

    Length (logarithm of the tokens), place within the article (0 to 1), and how near a sentence is to the title
    and to the article as a whole (cosine to their mean token states).

    Args:
        means: mean token state of each sentence [b, s, d], zeros where there is none.
        sentence_ids: [b, t]; n_sentences: [b].
    """
    size = means.shape[1]
    ones = torch.ones_like(sentence_ids, dtype=torch.float32).unsqueeze(-1)
    counts = sum_by_sentence(ones, sentence_ids, size)  # [b, s, 1]
    place = torch.arange(size, device=means.device) / n_sentences.unsqueeze(1)  # [b, s]
    plain = means.float()
    article = (plain * counts).sum(dim=1, keepdim=True)
    near = [nn.functional.cosine_similarity(plain, other, dim=-1) for other in (plain[:, :1], article)]
    return torch.stack([counts.squeeze(-1).log1p() / 4, place.clamp(max=1), *near], dim=-1)


def _layer(width: int, dropout: float) -> nn.TransformerEncoderLayer:
    heads = max(1, width // 64)
    return nn.TransformerEncoderLayer(
        width,
        heads if width % heads == 0 else 1,
        dim_feedforward=2 * width,
        dropout=dropout,
        activation="gelu",
        batch_first=True,
        norm_first=True,
    )
