"""The names of tags and topics, read by the encoder that is being trained."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from svodka.config.training import RunConfig
from svodka.model.news_model import NewsModel
from svodka.topics import TOPICS

# Of a run in which a small encoder learns a large one's states: until then it would read a name as nothing that the
# heads know, which are the large one's.
_TAUGHT_REST = 0.25


def name_texts(tags: Sequence[str], *, topics: bool) -> list[str]:
    """What the encoder reads of each row of the tag head: a tag's name, a topic's name and description."""
    return [*tags, *(f"{topic.names['ru']}: {topic.description}" for topic in TOPICS if topics)]


@torch.no_grad()
def read_names(model: NewsModel, names: dict[str, Tensor]) -> None:
    """Give the tag head the vectors that the model's encoder has for the names now."""
    training = model.training
    model.eval()
    means = model.name_means(**{name: tensor.to(model.device) for name, tensor in names.items()})
    if model.tag_head.names is not None:
        model.tag_head.names.read(means.float())
    model.train(training)


def name_reader(config: RunConfig, names: dict[str, Tensor]) -> "NameReader":
    """When a run reads its names anew: never with a backbone that stays as it is, late with one that is taught."""
    taught = config.model.teaching.teacher is not None
    if config.training.states is not None and not taught:
        return NameReader(names, steps=0)
    return NameReader(names, steps=config.model.tags.name_steps, rest=_TAUGHT_REST if taught else 0.0)


class NameReader(TrainerCallback):
    """Reads the names anew every so many steps, as the encoder moves away under them."""

    def __init__(self, names: dict[str, Tensor], *, steps: int, rest: float = 0.0) -> None:
        """Take encoded names.

        Args:
            names: as `encoded_names` gives them.
            steps: between two readings; 0: the encoder does not move.
            rest: share of the run before the first reading.
        """
        self._names, self._steps, self._rest = names, steps, rest

    def on_step_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Read at steps that are multiples, so that a resumed run reads when it would have."""
        if state.global_step < max(1, self._rest * state.max_steps):
            return
        if self._steps and state.global_step % self._steps == 0:
            read_names(kwargs["model"], self._names)
