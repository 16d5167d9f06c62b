"""The lexical branch beside the attention of the tags: models on weighted words.

b: articles, t: token states, l: tags, v: vocabulary, k: width of the latent semantics.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding_bag

from svodka.heads.sums import Sentences

LEAD_SENTENCES = 4


class LexicalBranch(nn.Module):
    """Models on tf-idf of subwords, the wide part of wide and deep (Cheng et al. 2016).

    x_v = (1 + ln tf_v) idf_v, scaled to unit length (scikit-learn's TfidfVectorizer with sublinear_tf). A token counts
    by its place, as `place_weights` says. logits = x W + b, and with a `rank` k also a network over the latent
    semantics of the article (Deerwester et al. 1990): x P, scaled to length sqrt(k), and one hidden layer behind it,
    which may also read what the encoder makes of the article as a whole (`article_means`).
    """

    idf: Tensor
    projection: Tensor
    column: Tensor
    centre: Tensor
    spread: Tensor

    def __init__(
        self, n_pieces: int, n_tags: int, *, counted: int = 0, rank: int = 0, hidden: int = 0, means: int = 0
    ) -> None:
        """Make a branch.

        Args:
            n_pieces: v, the tokenizer's pieces.
            n_tags: l.
            counted: pieces that the branch knows, as its buffer `column` names them; all others share a column
                without weight. 0: all.
            rank, hidden: width of the latent semantics and of the layer behind them; 0: none.
            means: m, the article's means that this layer reads besides.
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
            self.hidden = nn.Linear(rank + means, hidden)
            self.means = means
            if means:
                self.register_buffer("centre", torch.zeros(means))
                self.register_buffer("spread", torch.ones(means))
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

    def forward(self, ids: Tensor, weights: Tensor, means: Tensor | None = None) -> tuple[Tensor, ...]:
        """Logits [b, l] of the linear and, with a rank, of the latent part.

        Args:
            ids, weights: token ids and what each counts for [b, t].
            means: what `article_means` found [b, m], for a branch that reads it.
        """
        features = self.features(ids, weights)[1]
        linear = features @ self.weight + self.bias
        return (linear, self.latent(features, means)) if self.rank else (linear,)

    def latent(self, features: Tensor, means: Tensor | None = None) -> Tensor:
        """Tf-idf [b, v] -> the latent part's logits [b, l]; no token has a share in them of its own."""
        return self._latent_of(features @ self.projection, means)

    def _latent_of(self, projected: Tensor, means: Tensor | None) -> Tensor:
        """x P [b, k] -> [b, l]."""
        logits: Tensor = self.output(self.hidden_of(projected, means))
        return logits

    def places(self, projected: Tensor, means: Tensor | None = None) -> Tensor:
        """x P [b, k] and the article's means [b, m] -> what the hidden layer reads [b, k + m]."""
        places: Tensor = nn.functional.normalize(projected, dim=1) * self.rank**0.5
        if not self.means:
            return places
        assert means is not None  # this branch's callers compute them
        return torch.cat([places, (means - self.centre) / self.spread], dim=1)

    def hidden_of(self, projected: Tensor, means: Tensor | None = None) -> Tensor:
        """x P [b, k] -> the hidden layer, of which the latent part's logits are a linear map."""
        hidden: Tensor = nn.functional.gelu(self.hidden(self.places(projected, means)))
        return hidden

    def evidence(
        self,
        ids: Tensor,
        weights: Tensor,
        sentences: Sentences,
        *,
        shares: Sequence[float],
        means: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """What each sentence adds to each logit [b, s, l], and what belongs to none [b, l]; together the logits.

        `shares`: what linear and latent part count for; the rest as in `forward`.
        """
        linear, latent = shares
        counts, features = self.features(ids, weights)
        ids = self.columns(ids)
        value = (features / counts.clamp(min=1)).gather(1, ids) * weights  # [b, t]
        rest = linear * self.bias.expand(len(ids), -1)
        if self.rank:
            # The rows of P that the article has, and no others: a product would read all of P for every batch.
            projected = embedding_bag(ids, self.projection, mode="sum", per_sample_weights=value)
            rest = rest + latent * self._latent_of(projected, means)
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


def weighed(parts: Sequence[Tensor], shares: Sequence[float]) -> Tensor:
    """The sum of logits [b, l] of parts, each times its share."""
    return torch.stack([share * part for share, part in zip(shares, parts, strict=False)]).sum(dim=0)


def article_means(states: Tensor, owners: Tensor, *, most: int) -> Tensor:
    """Means of an article's token states and of its title's [b, 2d]; no title: the article's twice.

    Args:
        states: [b, t, d].
        owners: sentence of each token [b, t]; 0 is the title, a negative one is none.
        most: tokens of the text that are read, from the first one on.
    """
    text = owners >= 0
    text = text & (text.cumsum(dim=1) <= most)
    title = text & (owners == 0)
    title = torch.where(title.any(dim=1, keepdim=True), title, text)
    weights = torch.stack([text, title], dim=1).to(states.dtype)  # [b, 2, t]
    return ((weights @ states) / weights.sum(dim=2, keepdim=True).clamp(min=1)).flatten(1)
