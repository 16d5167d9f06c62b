"""Tags: label-wise attention over all token states, and a lexical branch beside it.

b: articles, t: token states, d: their width, l: tags, v: vocabulary.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding_bag

from svodka.model.sentences import Sentences


class LabelAttention(nn.Module):
    """Label-wise attention (LAAT, Vu et al. 2020): every tag weighs the tokens for itself.

    z = tanh(W h); alpha = softmax over tokens of u_l . z; logit_l = sum_t alpha_lt (o_l . h_t) + bias_l.
    The last form is LAAT's o_l . (sum_t alpha_lt h_t) with the sums exchanged: a logit is then a sum over
    tokens, and each token's share in it is the evidence.
    """

    def __init__(self, width: int, n_tags: int, *, dropout: float) -> None:
        super().__init__()
        self.project = nn.Linear(width, width)
        self.query = nn.Linear(width, n_tags, bias=False)
        self.readout = nn.Linear(width, n_tags, bias=False)
        self.bias = nn.Parameter(torch.zeros(n_tags))
        self.dropout = nn.Dropout(dropout)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Token states [b, t, d] and mask [b, t] (True on text) -> share of each token in each logit [b, t, l]."""
        states = self.dropout(states)
        scores = self.query(torch.tanh(self.project(states))).float()  # [b, t, l]
        # Not -inf: an article of special tokens alone would give a softmax over nothing.
        scores = scores.masked_fill(~mask.unsqueeze(-1), torch.finfo(scores.dtype).min)
        attention = scores.softmax(dim=1)
        shares: Tensor = attention * self.readout(states) * mask.unsqueeze(-1)
        return shares

    def evidence(self, states: Tensor, mask: Tensor, sentences: Sentences) -> Tensor:
        """The shares of `forward` added up by sentence [b, s, l], for inference: what they are made of is overwritten.

        Tokens off the mask must be in no sentence.
        """
        scores = self.query(self.project(states).tanh_()).float()  # [b, t, l]
        shares = scores.masked_fill_(~mask.unsqueeze(-1), torch.finfo(scores.dtype).min).softmax(dim=1)
        return sentences.sum(shares.mul_(self.readout(states)).flatten(0, 1))


LEAD_SENTENCES = 4


class LexicalBranch(nn.Module):
    """Models on tf-idf of subwords, the wide part of wide and deep (Cheng et al. 2016).

    x_v = (1 + ln tf_v) idf_v, scaled to unit length (scikit-learn's TfidfVectorizer with sublinear_tf). A token counts
    by its place, as `place_weights` says. logits = x W + b, and with a `rank` k also a network over the latent
    semantics of the article (Deerwester et al. 1990): x P, scaled to length sqrt(k), and one hidden layer behind it.
    """

    idf: Tensor
    projection: Tensor

    def __init__(self, n_pieces: int, n_tags: int, *, rank: int = 0, hidden: int = 0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(n_pieces, n_tags))
        self.bias = nn.Parameter(torch.zeros(n_tags))
        self.register_buffer("idf", torch.ones(n_pieces))
        self.rank = rank
        if rank:
            self.register_buffer("projection", torch.zeros(n_pieces, rank))
            self.hidden = nn.Linear(rank, hidden)
            self.output = nn.Linear(hidden, n_tags)
            nn.init.zeros_(self.output.weight)
            nn.init.zeros_(self.output.bias)

    def features(self, ids: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        """Token ids [b, t] and weights [b, t], 0 off the text -> counts [b, v] and unit-length tf-idf [b, v]."""
        counts = torch.zeros(ids.shape[0], len(self.idf), device=ids.device)
        counts.scatter_add_(1, ids, weights.to(counts.dtype))
        weighted = torch.where(counts > 0, 1 + counts.clamp(min=1).log(), 0.0) * self.idf
        return counts, nn.functional.normalize(weighted, dim=1)

    def forward(self, ids: Tensor, weights: Tensor) -> Tensor:
        """Token ids [b, t] and weights [b, t] -> logits [b, l]."""
        features = self.features(ids, weights)[1]
        logits: Tensor = features @ self.weight + self.bias
        return logits + self.latent(features) if self.rank else logits

    def latent(self, features: Tensor) -> Tensor:
        """Tf-idf [b, v] -> the latent part's logits [b, l]; no token has a share in them of its own."""
        return self._latent_of(features @ self.projection)

    def _latent_of(self, projected: Tensor) -> Tensor:
        """x P [b, k] -> [b, l]."""
        places = nn.functional.normalize(projected, dim=1) * self.rank**0.5  # [b, k]
        logits: Tensor = self.output(nn.functional.gelu(self.hidden(places)))
        return logits

    def evidence(self, ids: Tensor, weights: Tensor, sentences: Sentences) -> tuple[Tensor, Tensor]:
        """What each sentence adds to each logit [b, s, l], and what belongs to none [b, l]; together the logits."""
        counts, features = self.features(ids, weights)
        value = (features / counts.clamp(min=1)).gather(1, ids) * weights  # [b, t]
        rest = self.bias.expand(len(ids), -1)
        if self.rank:
            # The rows of P that the article has, and no others: a product would read all of P for every batch.
            rest = rest + self._latent_of(embedding_bag(ids, self.projection, mode="sum", per_sample_weights=value))
        return sentences.sum(self.weight, ids, value), rest


def place_weights(sentence_ids: Tensor, *, title: float, lead: float) -> Tensor:
    """How much each token counts [b, t]: in the title, in the first `LEAD_SENTENCES`, 1 behind them, 0 off the text.

    Args:
        sentence_ids: sentence of each token [b, t]; 0 is the title, a negative one is none.
        title, lead: weights, at least 1.
    """
    weights = torch.where(sentence_ids <= LEAD_SENTENCES, lead, 1.0)
    weights = torch.where(sentence_ids == 0, title, weights)
    return torch.where(sentence_ids < 0, 0.0, weights)
