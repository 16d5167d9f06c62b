"""Topics: rows of the label-wise attention behind the tags, so that a model with topics alone has the same head.

Beside them, if asked for, a network that reads the article as a whole, and a linear model on its words.

b: articles, k: topics, m: an article's means.
"""

from collections.abc import Sequence
from typing import Any

import torch
from pydantic import Field
from torch import Tensor, nn

from svodka.config.network import TopicTask
from svodka.heads.lexical import LexicalBranch, article_means, place_weights
from svodka.heads.losses import tag_bce
from svodka.heads.sums import Sentences
from svodka.heads.targets import NO_LABEL, OPEN

# Modules that a model may lack, beside the attention.
TOPIC_PARTS = ("topic_network", "topic_words")


class TopicSettings(TopicTask):
    """What a run's YAML says of the topics, and how many there are."""

    n: int = Field(0, ge=0, description="k: topics of `svodka.topics`")
    shares: tuple[float, ...] = Field(
        (1.0, 1.0, 1.0),
        min_length=1,
        max_length=3,
        description="what the logits of attention, network and words count for, of those that there are",
    )

    @property
    def parts(self) -> tuple[str, ...]:
        """Of what the logits are made, in the order of `shares`."""
        beside = {"network": self.states, "words": self.words}
        return ("attention", *(name for name, asked in beside.items() if asked))


class TopicNetwork(nn.Module):
    """One hidden layer over an article's means, as `article_means` finds them."""

    centre: Tensor
    spread: Tensor

    def __init__(self, means: int, hidden: int, n_topics: int) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(means))
        self.register_buffer("spread", torch.ones(means))
        self.hidden = nn.Linear(means, hidden)
        self.output = nn.Linear(hidden, n_topics)

    def forward(self, means: Tensor) -> Tensor:
        """Means [b, m] -> logits [b, k]."""
        logits: Tensor = self.output(nn.functional.gelu(self.hidden((means - self.centre) / self.spread)))
        return logits


class TopicReader(nn.Module):
    """What the topics have beside the attention; `config.heads` says which parts there are."""

    config: Any
    topic_network: TopicNetwork
    topic_words: LexicalBranch

    def add_topic_parts(self, width: int, n_pieces: int) -> None:
        """Make them for token states of a width and a vocabulary, from random numbers of their own."""
        topics: TopicSettings = self.config.heads.topics
        if topics.weight and topics.states:
            with torch.random.fork_rng(devices=[]):
                self.topic_network = TopicNetwork(2 * width, topics.hidden, topics.n)
        if topics.weight and topics.words:
            self.topic_words = LexicalBranch(n_pieces, topics.n)

    def keep_topic_parts(self) -> None:
        """Take them out of training: they are fitted after the last step."""
        for name in TOPIC_PARTS:
            if hasattr(self, name):
                getattr(self, name).requires_grad_(False)

    def place_weights(self, owners: Tensor) -> Tensor:
        """What each token counts for among the words [b, t], by its sentence."""
        tags = self.config.heads.tags
        return place_weights(owners, title=tags.lexical_title, lead=tags.lexical_lead)

    def topic_means(self, states: Tensor, owners: Tensor) -> Tensor:
        """What the topics' network reads [b, 2d]."""
        return article_means(states.float(), owners, most=self.config.heads.topics.states)

    def topics_beside(self, states: Tensor, ids: Tensor, owners: Tensor) -> list[Tensor]:
        """Logits of the topics [b, k] of each part beside the attention, in the order of `TopicSettings.parts`."""
        topics: TopicSettings = self.config.heads.topics
        found: list[Tensor] = []
        if topics.states:
            found.append(self.topic_network(self.topic_means(states, owners)))
        if topics.words:
            found += self.topic_words(ids, self.place_weights(owners))
        return found

    def topic_evidence(
        self, states: Tensor, ids: Tensor, owners: Tensor, *, sentences: Sentences, shares: Sequence[float]
    ) -> tuple[Tensor | float, Tensor]:
        """What these parts, times their shares, add to the topics' logits: by sentence [b, s, k], and besides [b, k].

        Only words belong to sentences.
        """
        parts = self.config.heads.topics.parts[1:]
        share = dict(zip(parts, shares, strict=True))
        by_sentence: Tensor | float = 0.0
        rest = torch.zeros((), device=states.device)
        if "network" in share:
            rest = rest + share["network"] * self.topic_network(self.topic_means(states, owners))
        if "words" in share:
            weights = self.place_weights(owners)
            by_sentence, bias = self.topic_words.evidence(ids, weights, sentences, shares=(share["words"], 0.0))
            rest = rest + bias
        return by_sentence, rest


def topic_loss(logits: Tensor, targets: Tensor, left_open: float = 0.0) -> Tensor:
    """Binary cross-entropy of logits and targets [b, k], summed over topics, mean over articles.

    `left_open`: what a target `OPEN` counts for, as one of 0.
    """
    return tag_bce(logits, targets, torch.ones_like(logits[0]), left_open=left_open)


def topic_targets(topics: Sequence[Sequence[int]], known: Sequence[Sequence[int]], given: Tensor) -> Tensor:
    """Targets [b, k]: 1 for the topics of an article, 0 for others of which it tells, below 0 for the rest.

    Of the rest those are `OPEN` that its corpus gives to other articles, where the article has a topic.

    Args:
        topics: positions of the topics of each article.
        known: positions of those of which it tells.
        given: [b, k], which topics the corpus of each article gives at all.
    """
    has = torch.tensor([bool(own) for own in topics]).unsqueeze(1)
    labels = torch.where(given & has, OPEN, NO_LABEL)
    for row, own, told in zip(labels, topics, known, strict=True):
        row[list(told)] = 0.0
        row[list(own)] = 1.0
    return labels
