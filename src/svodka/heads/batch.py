"""The targets of all heads for a batch of training rows. b: articles, l: tags, k: topics, s: sentences, u: tokens."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from svodka.config.network import HeadTasks
from svodka.heads.tags import tag_targets
from svodka.heads.targets import NO_CANDIDATE, NO_TARGET, padded
from svodka.heads.topics import topic_targets


def head_targets(
    rows: Sequence[Mapping[str, Any]], tasks: HeadTasks, known: Tensor, given: Tensor
) -> dict[str, Tensor]:
    """Targets as `NewsModel.forward` takes them; those of tasks that are left out are not made.

    Args:
        rows: training rows [b], as `Featuriser` makes them.
        tasks: which heads there are.
        known: of which tags each row tells [b, l].
        given: which topics the corpus of each row gives at all [b, k].
    """
    found = {}
    if tasks.tags.weight:
        found["tag_labels"] = tag_targets([row["tags"] for row in rows], known)
    if tasks.topics.weight:
        topics, told = ([row[name] for row in rows] for name in ("topics", "topics_known"))
        found["topic_labels"] = topic_targets(topics, told, given)
    if tasks.sentences.weight:
        found["sentence_labels"] = padded([row["sentence_labels"] for row in rows], NO_CANDIDATE).float()
    if tasks.decoder.weight:
        found["labels"] = padded([row["labels"] for row in rows], NO_TARGET).long()
        found["signals"] = torch.tensor([row["signals"] for row in rows])
    return found
