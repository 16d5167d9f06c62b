"""Tags: label-wise attention over all token states, beside it the lexical branch; the topics are rows of it too,
and may have a network beside them.

b: articles, t: token states, d: their width, l: tags, k: topics, s: sentences.
"""

from collections.abc import Sequence
from typing import Any

import torch
from pydantic import Field
from torch import Tensor, nn

from svodka.config.network import TagTask
from svodka.heads.lexical import LexicalBranch, article_means, weighed
from svodka.heads.losses import asymmetric, tag_bce
from svodka.heads.sums import Sentences
from svodka.heads.targets import NO_LABEL
from svodka.heads.topics import TopicReader


class TagSettings(TagTask):
    """What a run's YAML says of the tags, and what its data and its validation split add."""

    n: int = Field(0, ge=0, description="l: tags of the vocabulary")
    per_article: float = Field(
        1.0,
        gt=0,
        description="mean number of tags of a training article; the loss is divided by it, so that weights mean the "
        "same for a small and a large vocabulary",
    )
    shares: tuple[float, ...] = Field(
        (1.0, 1.0, 1.0), description="what the logits of attention, linear branch and latent networks count for"
    )


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


class LabelReader(TopicReader):
    """The part of a model that scores tags and topics; `config.heads` says which."""

    config: Any
    tag_head: LabelAttention
    lexical: LexicalBranch
    positive_weight: Tensor
    lexical_joins: bool  # off while the attention is trained apart, to be blended with the branch afterwards
    topics_join: bool = False  # whether `label_logits` are those of the blend; what reads with evidence always blends

    def add_labels(self, width: int) -> None:
        """Make the attention for token states of a width."""
        heads = self.config.heads
        if heads.n_labels:
            tags: TagSettings = heads.tags
            self.tag_head = LabelAttention(
                width, heads.n_labels, dropout=tags.dropout, named=tags.named, name_dropout=tags.name_dropout
            )
            self.register_buffer("positive_weight", torch.ones(heads.n_labels))

    def add_lexical(self, width: int, n_pieces: int) -> None:
        """Make the lexical branch for token states of a width and a vocabulary, from random numbers of its own."""
        tags: TagSettings = self.config.heads.tags
        if tags.weight and tags.lexical:
            with torch.random.fork_rng(devices=[]):
                self.lexical = LexicalBranch(
                    n_pieces,
                    tags.n,
                    counted=tags.lexical_pieces,
                    rank=tags.lexical_rank,
                    hidden=tags.lexical_hidden * tags.lexical_networks * (2 if tags.lexical_states else 1),
                    means=2 * width if tags.lexical_states else 0,
                )
            self.lexical_joins = True

    def keep_fitted(self) -> None:
        """Take out of training what is fitted before the first step or after the last."""
        heads = self.config.heads
        if heads.n_tags and heads.tags.lexical:
            self.lexical.requires_grad_(not heads.tags.blend)
        self.keep_topic_parts()

    def _means(self, states: Tensor, owners: Tensor) -> Tensor | None:
        """What the branch reads of the states [b, 2d]; None where it reads words alone."""
        most = self.config.heads.tags.lexical_states
        return article_means(states.float(), owners, most=most) if most else None

    def branch_logits(self, states: Tensor, ids: Tensor, owners: Tensor) -> tuple[Tensor, ...]:
        """Logits [b, l] of the linear branch and (if there are any) of its networks."""
        found: tuple[Tensor, ...] = self.lexical(ids, self.place_weights(owners), self._means(states, owners))
        return found

    def branch_sees(self, states: Tensor, ids: Tensor, owners: Tensor) -> tuple[Tensor, Tensor | None]:
        """What the branch reads: tf-idf [b, v], and the article's means [b, 2d] or None."""
        return self.lexical.features(ids, self.place_weights(owners))[1], self._means(states, owners)

    def branch_reads(self, states: Tensor, ids: Tensor, owners: Tensor) -> tuple[Tensor, Tensor | None]:
        """What the branch's logits are linear in: tf-idf [b, v], and the networks' hidden layer [b, h] or None."""
        words, means = self.branch_sees(states, ids, owners)
        return words, self.lexical.hidden_of(words @ self.lexical.projection, means) if self.lexical.rank else None

    def label_logits(self, states: Tensor, ids: Tensor, owners: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """Logits of the tags [b, l] and of the topics [b, k], None for a task that is left out; for training."""
        heads = self.config.heads
        if not heads.n_labels:
            return None, None
        shares, bias = self.tag_head(states, owners >= 0)
        logits = shares.sum(dim=1) + bias
        tags, topics = logits.split([heads.n_tags, heads.n_topics], dim=1)
        if heads.n_tags and heads.tags.lexical and self.lexical_joins:
            tags = weighed((tags, *self.branch_logits(states, ids, owners)), heads.tags.shares)
        if heads.n_topics and self.topics_join:
            topics = weighed((topics, *self.topics_beside(states, ids, owners)), heads.topics.shares)
        return tags if heads.n_tags else None, topics if heads.n_topics else None

    def read_labels(
        self, states: Tensor, ids: Tensor, owners: Tensor, size: int
    ) -> tuple[Tensor | None, Tensor | None, Tensor | None, Tensor | None]:
        """Evidence [b, l, s] and logits [b, l] of the tags, then those of the topics; None for a task left out."""
        heads = self.config.heads
        if not heads.n_labels:
            return None, None, None, None
        sentences, n_tags = Sentences(owners, size), heads.n_tags
        by_sentence, rest = self.tag_head.evidence(states, owners >= 0, sentences)  # [b, s, l + k], [l + k]
        # A token that is read is in a sentence: what these add is all there is.
        of_topics, topics = None, None
        if heads.n_topics:
            shares, besides = by_sentence[..., n_tags:], rest[n_tags:]
            if len(heads.topics.parts) > 1:
                attention, *others = heads.topics.shares
                beside, other = self.topic_evidence(states, ids, owners, sentences=sentences, shares=others)
                shares, besides = attention * shares + beside, attention * besides + other
            of_topics, topics = shares.transpose(1, 2), shares.sum(dim=1) + besides
        if not n_tags:
            return None, None, of_topics, topics
        by_sentence, rest = by_sentence[..., :n_tags], rest[:n_tags]
        if heads.tags.lexical:
            attention, *others = heads.tags.shares
            lexical, other = self.lexical.evidence(
                ids, self.place_weights(owners), sentences, shares=others, means=self._means(states, owners)
            )
            by_sentence, rest = attention * by_sentence + lexical, attention * rest + other
        return by_sentence.transpose(1, 2), by_sentence.sum(dim=1) + rest, of_topics, topics

    def tag_loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """The tags' loss [] of logits and targets [b, l]."""
        tags: TagSettings = self.config.heads.tags
        if tags.loss == "asymmetric":
            gammas = (tags.gamma_positive, tags.gamma_negative)
            return asymmetric(logits, targets, gammas=gammas, margin=tags.margin) / tags.per_article
        return tag_bce(logits, targets, self.positive_weight[: logits.shape[1]]) / tags.per_article


def tag_targets(tags: Sequence[Sequence[int]], known: Tensor) -> Tensor:
    """Targets [b, l]: 1 and 0 for tags that an article has and has not, below 0 where nothing is known.

    Args:
        tags: positions of the tags of each article.
        known: of which tags each article tells [b, l].
    """
    labels = torch.where(known, 0.0, NO_LABEL)
    for row, given in zip(labels, tags, strict=True):
        row[list(given)] = torch.where(row[list(given)] < 0, NO_LABEL, 1.0)
    return labels
