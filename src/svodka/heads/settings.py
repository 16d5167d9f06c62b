"""The settings of all heads, as the network's config holds them."""

from collections.abc import Mapping, Sequence
from typing import Any

from svodka.config.network import HeadTasks
from svodka.heads.decoder import DecoderSettings
from svodka.heads.tags import TagSettings
from svodka.heads.topics import TopicSettings


class Heads(HeadTasks):
    """What a run asks of the heads, and what its data decide."""

    tags: TagSettings = TagSettings()
    topics: TopicSettings = TopicSettings()
    decoder: DecoderSettings = DecoderSettings()

    @classmethod
    def of(cls, tasks: HeadTasks, facts: Mapping[str, Mapping[str, Any]]) -> "Heads":
        """Heads as `tasks` asks for them; `facts` are fields beyond the YAML's, by the name of the head."""
        told = {name: getattr(tasks, name).model_dump() for name in HeadTasks.model_fields}
        return cls.model_validate({name: fields | dict(facts.get(name, {})) for name, fields in told.items()})

    @property
    def n_tags(self) -> int:
        """l, 0 where the tags are left out."""
        return self.tags.n if self.tags.weight else 0

    @property
    def n_topics(self) -> int:
        """k, 0 where the topics are left out."""
        return self.topics.n if self.topics.weight else 0

    @property
    def n_labels(self) -> int:
        """Rows of the label-wise attention: the tags, and the topics behind them."""
        return self.n_tags + self.n_topics

    @property
    def writes(self) -> bool:
        """Whether there is a decoder."""
        return self.decoder.weight > 0

    def write(self, mode: str) -> bool:
        """Whether the decoder has to write for summaries of a mode.

        A decoder that goes with an encoder knows no headlines.
        """
        knows = self.own_writer or self.continues
        return knows if mode == "headline" else self.writes and mode != "extractive"

    @property
    def own_writer(self) -> bool:
        """Whether the decoder is one of our own, and no part of the backbone."""
        return self.writes and self.decoder.heads > 0

    @property
    def backbone_writes(self) -> bool:
        """Whether the decoder is the backbone's."""
        return self.writes and not self.own_writer

    @property
    def continues(self) -> bool:
        """Whether a decoder-only backbone writes on from what it has read."""
        return self.writes and bool(self.decoder.prompts)

    def with_shares(self, head: str, shares: Sequence[float]) -> "Heads":
        """The same heads with other weights of the parts of a head's logits: of `tags` or of `topics`."""
        return self.model_copy(update={head: getattr(self, head).model_copy(update={"shares": tuple(shares)})})
