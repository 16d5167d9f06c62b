"""Tags: label-wise attention over all token states, and a lexical branch beside it.

b: articles, t: token states, d: their width, l: tags, v: vocabulary.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding_bag

from svodka.model.sentences import Sentences


class LabelAttention(nn.Module):
    """Label-wise attention (LAAT, Vu et al. 2020): every tag weighs the tokens for itself.

    z = tanh(W h); alpha = softmax over tokens of u_l . z; logit_l = sum_t alpha_lt (o_l . h_t) + bias_l.
    The last form is LAAT's o_l . (sum_t alpha_lt h_t) with the sums exchanged: a logit is then a sum over
    tokens, and each token's share in it is the evidence.

    With `named`, u_l, o_l and bias_l are a linear map of the tag's name vector and a part that the tag learns for
    itself (Rios & Kavuluru 2018): a tag that nobody trained has the first alone.
    """

    def __init__(
        self, width: int, n_tags: int, *, dropout: float, named: bool = False, name_dropout: float = 0
    ) -> None:
        super().__init__()
        self.project = nn.Linear(width, width)
        self.query = nn.Linear(width, n_tags, bias=False)
        self.readout = nn.Linear(width, n_tags, bias=False)
        self.bias = nn.Parameter(torch.zeros(n_tags))
        self.dropout = nn.Dropout(dropout)
        self.norm = nn.LayerNorm(width) if named else nn.Identity()
        self.names = TagNames(width, n_tags, dropout=name_dropout) if named else None

    def vectors(self) -> tuple[Tensor, Tensor, Tensor]:
        """Query [l, d], readout [l, d] and bias [l] of every tag."""
        own = (self.query.weight, self.readout.weight, self.bias)
        return own if self.names is None else self.names(own)

    def forward(self, states: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Share of each token in each logit [b, t, l], and what belongs to none [l].

        Args:
            states: token states [b, t, d]; mask: [b, t], True on text.
        """
        query, readout, bias = self.vectors()
        states = self.dropout(self.norm(states))
        scores = (torch.tanh(self.project(states)) @ query.T).float()  # [b, t, l]
        # Not -inf: an article of special tokens alone would give a softmax over nothing.
        scores = scores.masked_fill(~mask.unsqueeze(-1), torch.finfo(scores.dtype).min)
        attention = scores.softmax(dim=1)
        shares: Tensor = attention * (states @ readout.T) * mask.unsqueeze(-1)
        return shares, bias

    def evidence(self, states: Tensor, mask: Tensor, sentences: Sentences) -> tuple[Tensor, Tensor]:
        """The shares of `forward` added up by sentence [b, s, l], and what belongs to none [l].

        For inference: what they are made of is overwritten. Tokens off the mask must be in no sentence.
        """
        query, readout, bias = self.vectors()
        states = self.norm(states)
        scores = (self.project(states).tanh_() @ query.T).float()  # [b, t, l]
        shares = scores.masked_fill_(~mask.unsqueeze(-1), torch.finfo(scores.dtype).min).softmax(dim=1)
        return sentences.sum(shares.mul_(states @ readout.T).flatten(0, 1)), bias


# Of a name vector. A step of Adam moves all entries of a map alike, so that with length sqrt(d) what all names share
# would learn d times as fast as what a tag has of its own, and the head would never settle.
NAME_LENGTH = 0.25


class TagNames(nn.Module):
    """What the names of the tags tell the head: linear maps of their vectors, which have length `NAME_LENGTH`."""

    vectors: Tensor
    centre: Tensor

    def __init__(self, width: int, n_tags: int, *, dropout: float) -> None:
        super().__init__()
        self.register_buffer("vectors", torch.zeros(n_tags, width))
        self.register_buffer("centre", torch.zeros(width))
        self.query = nn.Linear(width, width, bias=False)
        self.readout = nn.Linear(width, width, bias=False)
        self.bias = nn.Linear(width, 1)
        self.dropout = dropout

    def start(self) -> None:
        """Begin as large as the parts that tags learn for themselves."""
        for layer in (self.query, self.readout, self.bias):
            nn.init.normal_(layer.weight, std=0.02 / NAME_LENGTH)

    def read(self, means: Tensor) -> None:
        """Take the mean token states of the names [l, d]; their own mean is taken off, as it tells no tag."""
        self.centre.copy_(means.mean(dim=0))
        self.vectors.copy_(self.normed(means))

    def normed(self, means: Tensor) -> Tensor:
        """Mean token states of names [l, d] -> name vectors [l, d] of length `NAME_LENGTH`."""
        return NAME_LENGTH * nn.functional.normalize(means - self.centre, dim=-1)

    def forward(self, own: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Each tag's query [l, d], readout [l, d] and bias [l]: from its name, and its own parts."""
        named = (self.query(self.vectors), self.readout(self.vectors), self.bias(self.vectors).squeeze(-1))
        kept = torch.ones(len(self.vectors), device=self.vectors.device)
        if self.training and self.dropout:
            # A tag whose own part is left out must be known by its name: what untrained tags will live by.
            kept = (torch.rand_like(kept) >= self.dropout).to(kept.dtype)
        query, readout, bias = (
            from_name + (kept.unsqueeze(-1) if part.dim() > 1 else kept) * part
            for from_name, part in zip(named, own, strict=True)
        )
        return query, readout, bias


LEAD_SENTENCES = 4


class LexicalBranch(nn.Module):
    """Models on tf-idf of subwords, the wide part of wide and deep (Cheng et al. 2016).

    x_v = (1 + ln tf_v) idf_v, scaled to unit length (scikit-learn's TfidfVectorizer with sublinear_tf). A token counts
    by its place, as `place_weights` says. logits = x W + b, and with a `rank` k also a network over the latent
    semantics of the article (Deerwester et al. 1990): x P, scaled to length sqrt(k), and one hidden layer behind it.
    """

    idf: Tensor
    projection: Tensor
    column: Tensor

    def __init__(self, n_pieces: int, n_tags: int, *, counted: int = 0, rank: int = 0, hidden: int = 0) -> None:
        """Make a branch.

        Args:
            n_pieces: v, the tokenizer's pieces.
            n_tags: l.
            counted: pieces that the branch knows, as its buffer `column` names them; all others share a column
                without weight. 0: all.
            rank, hidden: width of the latent semantics and of the layer behind them; 0: none.
        """
        super().__init__()
        self.counted = counted if counted < n_pieces else 0
        if self.counted:
            self.register_buffer("column", torch.full((n_pieces,), self.counted))
            n_pieces = self.counted + 1
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

    def columns(self, ids: Tensor) -> Tensor:
        """Token ids -> columns of the branch, of the same shape."""
        return self.column[ids] if self.counted else ids

    def features(self, ids: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        """Token ids [b, t] and weights [b, t], 0 off the text -> counts [b, v] and unit-length tf-idf [b, v]."""
        counts = torch.zeros(ids.shape[0], len(self.idf), device=ids.device)
        counts.scatter_add_(1, self.columns(ids), weights.to(counts.dtype))
        weighted = torch.where(counts > 0, 1 + counts.clamp(min=1).log(), 0.0) * self.idf
        return counts, nn.functional.normalize(weighted, dim=1)

    def forward(self, ids: Tensor, weights: Tensor) -> tuple[Tensor, ...]:
        """Token ids [b, t] and weights [b, t] -> logits [b, l] of the linear and, with a rank, of the latent part."""
        features = self.features(ids, weights)[1]
        linear = features @ self.weight + self.bias
        return (linear, self.latent(features)) if self.rank else (linear,)

    def latent(self, features: Tensor) -> Tensor:
        """Tf-idf [b, v] -> the latent part's logits [b, l]; no token has a share in them of its own."""
        return self._latent_of(features @ self.projection)

    def _latent_of(self, projected: Tensor) -> Tensor:
        """x P [b, k] -> [b, l]."""
        places = nn.functional.normalize(projected, dim=1) * self.rank**0.5  # [b, k]
        logits: Tensor = self.output(nn.functional.gelu(self.hidden(places)))
        return logits

    def evidence(
        self, ids: Tensor, weights: Tensor, sentences: Sentences, shares: Sequence[float]
    ) -> tuple[Tensor, Tensor]:
        """What each sentence adds to each logit [b, s, l], and what belongs to none [b, l]; together the logits.

        `shares`: what linear and latent part count for.
        """
        linear, latent = shares
        counts, features = self.features(ids, weights)
        ids = self.columns(ids)
        value = (features / counts.clamp(min=1)).gather(1, ids) * weights  # [b, t]
        rest = linear * self.bias.expand(len(ids), -1)
        if self.rank:
            # The rows of P that the article has, and no others: a product would read all of P for every batch.
            projected = embedding_bag(ids, self.projection, mode="sum", per_sample_weights=value)
            rest = rest + latent * self._latent_of(projected)
        return sentences.sum(self.weight, ids, linear * value), rest


def place_weights(sentence_ids: Tensor, *, title: float, lead: float) -> Tensor:
    """How much each token counts [b, t]: in the title, in the first `LEAD_SENTENCES`, 1 behind them, 0 off the text.

    Args:
        sentence_ids: sentence of each token [b, t]; 0 is the title, a negative one is none.
        title, lead: weights, at least 1.
    """
    weights = torch.where(sentence_ids <= LEAD_SENTENCES, lead, 1.0)
    weights = torch.where(sentence_ids == 0, title, weights)
    return torch.where(sentence_ids < 0, 0.0, weights)
