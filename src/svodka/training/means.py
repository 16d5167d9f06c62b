"""The networks that read an article's means, fitted when the encoder is as it will be."""

import torch

from svodka.config.training import RunConfig
from svodka.model.news_model import NewsModel
from svodka.progress import Say
from svodka.training.features import Collator
from svodka.training.latent import fit_means
from svodka.training.order import EpochOrder


@torch.no_grad()
def add_means(config: RunConfig, model: NewsModel, rows: EpochOrder, collator: Collator, *, say: Say) -> None:
    """Fit the networks of `model.tags.lexical_states` to the training rows that tell of tags.

    Those that a bundle to start from has brought along stay as they are.

    Args:
        config: the run's config.
        model: trained; it is changed, and in `eval` mode afterwards.
        rows: the training split as the epochs read it, with states where the run keeps them.
        collator: what makes batches of them.
        say: takes a line on what is done.
    """
    tags, size = config.model.tags, config.training.batch_size
    if (model.lexical.centre != 0).any():
        return
    chosen = rows.telling(collator.known)
    say(f"fitting {tags.lexical_networks} networks to the mean states of {len(chosen):,} articles")
    model.eval()
    found = []
    for at in range(0, len(chosen), size):
        batch = collator([rows.row(i) for i in chosen[at : at + size]])
        placed = {name: tensor.to(model.device) for name, tensor in batch.items()}
        states = model.states_of(placed["input_ids"], placed["attention_mask"], placed.get("states"))
        owners, ids = placed["sentence_ids"].flatten(1), placed["input_ids"].flatten(1)
        words, means = model.branch_sees(states, ids, owners)
        found.append((words @ model.lexical.projection, means, batch["tag_labels"]))
    projected, means, targets = (torch.cat(parts) for parts in zip(*found, strict=True))
    fit_means(
        model.lexical, projected, means, targets.double().numpy(),
        hidden=tags.lexical_hidden, networks=tags.lexical_networks, seed=config.seed,
    )  # fmt: skip
