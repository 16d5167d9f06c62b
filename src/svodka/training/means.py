"""The networks that read an article's means, fitted when the encoder is as it will be.

b: articles, t: token states, d: their width.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from svodka.config.training import RunConfig
from svodka.model.news_model import NewsModel
from svodka.progress import Say
from svodka.training.features import Collator
from svodka.training.latent import fit_means, fit_topic_network
from svodka.training.order import EpochOrder

# A model, token states [b, t, d], token ids and owners [b, t] -> what its network reads of each article.
See = Callable[[NewsModel, Tensor, Tensor, Tensor], tuple[Tensor, ...]]


@torch.no_grad()
def add_means(config: RunConfig, model: NewsModel, rows: EpochOrder, collator: Collator, *, say: Say) -> None:
    """Fit the networks of `model.tags.lexical_states` and `model.topics.states`.

    The tags' learn from the training rows that tell of tags, the topics' from all. Those that a bundle to start from
    has brought along stay as they are.

    Args:
        config: the run's config.
        model: trained; it is changed, and in `eval` mode afterwards.
        rows: the training split as the epochs read it, with states where the run keeps them.
        collator: what makes batches of them.
        say: takes a line on what is done.
    """
    model.eval()
    seen = partial(_seen, model, rows, collator, size=config.training.batch_size)
    tags, topics = config.model.tags, config.model.topics
    if tags.weight and tags.lexical_states and not model.lexical.centre.any():
        chosen = rows.telling(collator.known)
        say(f"fitting {tags.lexical_networks} networks to the mean states of {len(chosen):,} articles")
        (projected, means), targets = seen(chosen, _of_tags, "tag_labels")
        fit_means(
            model.lexical, projected, means, targets,
            hidden=tags.lexical_hidden, networks=tags.lexical_networks, seed=config.seed,
        )  # fmt: skip
    if topics.weight and topics.states and not model.topic_network.centre.any():
        say(f"fitting the topics' network to the mean states of {rows.size:,} articles")
        (means,), targets = seen(range(rows.size), _of_topics, "topic_labels")
        fit_topic_network(model.topic_network, means, targets, seed=config.seed, left_open=topics.left_open)


def _of_tags(model: NewsModel, states: Tensor, ids: Tensor, owners: Tensor) -> tuple[Tensor, ...]:
    words, means = model.branch_sees(states, ids, owners)
    assert means is not None  # of a branch with `lexical_states`
    return words @ model.lexical.projection, means


def _of_topics(model: NewsModel, states: Tensor, ids: Tensor, owners: Tensor) -> tuple[Tensor, ...]:
    return (model.topic_means(states, owners),)


def _seen(
    model: NewsModel, rows: EpochOrder, collator: Collator, chosen: Sequence[int], see: See, labels: str, *, size: int
) -> tuple[list[Tensor], NDArray[np.float64]]:
    """What `see` finds in the articles at some positions, and their targets by the name of a batch's labels."""
    found, targets = [], []
    for at in range(0, len(chosen), size):
        batch = collator([rows.row(i) for i in chosen[at : at + size]])
        placed = {name: tensor.to(model.device) for name, tensor in batch.items()}
        states = model.states_of(placed["input_ids"], placed["attention_mask"], placed.get("states"))
        found.append(see(model, states, placed["input_ids"].flatten(1), placed["sentence_ids"].flatten(1)))
        targets.append(batch[labels])
    return [torch.cat(parts) for parts in zip(*found, strict=True)], torch.cat(targets).double().numpy()
