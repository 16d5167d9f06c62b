"""Topics: rows of the label-wise attention behind the tags, so that a model with topics alone has the same head.

Beside them, if asked for, a network that reads the article as a whole.

b: articles, k: topics, m: an article's means.
"""

from collections.abc import Sequence

import torch
from pydantic import Field
from torch import Tensor, nn

from svodka.config.network import TopicTask
from svodka.heads.losses import tag_bce
from svodka.heads.targets import NO_LABEL, OPEN


class TopicSettings(TopicTask):
    """What a run's YAML says of the topics, and how many there are."""

    n: int = Field(0, ge=0, description="k: topics of `svodka.topics`")
    shares: tuple[float, float] = Field((1.0, 1.0), description="what the logits of attention and network count for")


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
