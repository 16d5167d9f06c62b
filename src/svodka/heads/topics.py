"""Topics: rows of the label-wise attention behind the tags, so that a model with topics alone has the same head.

b: articles, k: topics.
"""

from collections.abc import Sequence

import torch
from pydantic import Field
from torch import Tensor

from svodka.config.network import TopicTask
from svodka.heads.tags import tag_bce
from svodka.heads.targets import NO_LABEL


class TopicSettings(TopicTask):
    """What a run's YAML says of the topics, and how many there are."""

    n: int = Field(0, ge=0, description="k: topics of `svodka.topics`")


def topic_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Binary cross-entropy of logits and targets [b, k], summed over topics, mean over articles."""
    return tag_bce(logits, targets, torch.ones_like(logits[0]))


def topic_targets(topics: Sequence[Sequence[int]], known: Sequence[Sequence[int]], n: int) -> Tensor:
    """Targets [b, k]: 1 for the topics of an article, 0 for others of which it tells, below 0 for the rest.

    Args:
        topics: positions of the topics of each article.
        known: positions of those of which it tells.
        n: k.
    """
    labels = torch.full((len(topics), n), NO_LABEL)
    for row, given, told in zip(labels, topics, known, strict=True):
        row[list(told)] = 0.0
        row[list(given)] = 1.0
    return labels
