"""What a run's YAML says of windows and heads; a saved model keeps it whole, with what its data add.

The sections `window`, `tags`, `topics`, `sentences` and `decoder` of `model`.
"""

from typing import Literal

from pydantic import Field, model_validator

from svodka.config.base import Section


class WindowConfig(Section):
    """How a long article is cut for the encoder."""

    tokens: int = Field(512, ge=16, description="tokens of a window, special tokens included")
    overlap: int = Field(64, ge=0, description="tokens that neighbouring windows share")
    limit: int = Field(16, ge=1, description="windows of one article; what lies beyond is cut and reported")

    @model_validator(mode="after")
    def _moves_on(self) -> "WindowConfig":
        if self.overlap * 2 > self.tokens:
            raise ValueError("`overlap` must be at most half of `tokens`")
        return self


class TagTask(Section):
    """The tag head: label-wise attention, and beside it the lexical branch."""

    weight: float = Field(1.0, ge=0, description="weight of this loss; 0 leaves the task out")
    loss: Literal["bce", "asymmetric"] = Field("bce", description="asymmetric: Ridnik et al. 2021")
    gamma_negative: float = Field(2.0, ge=0, description="asymmetric: focusing of negatives")
    gamma_positive: float = Field(0.0, ge=0, description="asymmetric: focusing of positives")
    margin: float = Field(0.05, ge=0, lt=1, description="asymmetric: probability shift of negatives")
    positive_weight: float = Field(1.0, gt=0, description="bce: most that a rare tag's positives may count for")
    lexical: bool = Field(False, description="add the lexical branch, started from a fitted linear model")
    lexical_pieces: int = Field(
        0, ge=0, description="pieces that the branch counts, the most frequent of the training articles; 0: all"
    )
    lexical_strength: float = Field(1.0, gt=0, description="inverse regularisation (C) of that linear model")
    lexical_title: float = Field(1.0, ge=1, description="what a word of the title counts for in the lexical branch")
    lexical_lead: float = Field(1.0, ge=1, description="what a word of the first four sentences counts for there")
    lexical_rank: int = Field(
        0, ge=0, description="width of the latent semantics on which the branch trains networks besides; 0: none"
    )
    lexical_hidden: int = Field(1024, ge=1, description="hidden width of such a network")
    lexical_networks: int = Field(1, ge=1, description="how many of them, from different starts; their mean counts")
    lexical_states: int = Field(
        0,
        ge=0,
        description="tokens at an article's beginning whose mean state, and that of the title's, as many networks "
        "again read besides; they are fitted when the encoder is as it will be, so this needs `blend`; 0: none",
    )
    blend: bool = Field(
        False,
        description="train the attention apart from the branch, then weigh their logits by the validation split; "
        "false: the attention learns on top of the branch, which is sure of the articles it was fitted on",
    )
    mentions: bool = Field(
        False,
        description="learn of each tag what it tells that its name, or another spelling of it, stands in an article's "
        "title, first sentences or body, or nowhere, and weigh that by the validation split",
    )
    named: bool = Field(
        False,
        description="a tag's query and readout come from its name, read by the encoder, plus what it learns for itself",
    )
    name_dropout: float = Field(
        0.15, ge=0, lt=1, description="share of tags that a step scores by their names alone; for `named`"
    )
    name_steps: int = Field(100, ge=1, description="steps after which the names are read anew; for `named`")
    dropout: float = Field(0.1, ge=0, lt=1, description="dropout on the token states")

    @model_validator(mode="after")
    def _needs_the_branch(self) -> "TagTask":
        if (self.blend or self.lexical_rank) and not self.lexical:
            raise ValueError("`blend` and `lexical_rank` need `lexical: true`")
        if self.lexical_states and not (self.blend and self.lexical_rank):
            raise ValueError("`lexical_states` needs `blend: true` and a `lexical_rank`")
        return self


class TopicTask(Section):
    """The topics: rows of the tag head behind the tags, learnt from rows whose corpus has a map of its labels."""

    weight: float = Field(0.0, ge=0, description="weight of this loss; 0 leaves the task out")
    left_open: float = Field(
        0.0,
        ge=0,
        le=1,
        description="what it counts against a topic that a corpus of `one_topic` gives to other articles, and leaves "
        "open in one to which it gives another: above 0 the best topic learns to stand above those, too",
    )
    states: int = Field(
        0,
        ge=0,
        description="tokens at an article's beginning whose mean state, and that of the title's, a network reads "
        "beside the attention; it is fitted when the encoder is as it will be, then both are weighed by the validation "
        "split; 0: none",
    )
    hidden: int = Field(512, ge=1, description="hidden width of that network")
    words: float = Field(
        0.0,
        ge=0,
        description="C, the inverse regularisation, of a linear SVM a topic on tf-idf of subwords beside the "
        "attention; they learn from all articles of the corpora that tell of topics, and are weighed as `states` is; "
        "0: none",
    )


class SentenceTask(Section):
    """The sentence head: which sentences make an extractive summary (BERTSum, Liu & Lapata 2019)."""

    weight: float = Field(1.0, ge=0, description="weight of this loss; 0 leaves the task out")
    layers: int = Field(1, ge=0, description="transformer layers over the sentence vectors")
    width: int = Field(64, ge=2, description="width of the sentence vectors; wide ones need many summaries")
    dropout: float = Field(
        0.3, ge=0, lt=1, description="dropout on the sentences' mean token states; half of it between them"
    )
    through: bool = Field(True, description="whether this loss reaches the encoder; false: it takes it as it is")
    target_sentences: int = Field(3, ge=1, description="sentences the greedy oracle may choose")


class DecoderTask(Section):
    """The decoder: a written summary over all windows (Fusion-in-Decoder, Izacard & Grave 2021).

    It is the backbone's where that has one; a decoder-only backbone writes on from what it has read of one window; over
    an encoder it is one of our own, started from its layers.
    """

    weight: float = Field(0.0, ge=0, description="weight of this loss; 0 leaves the task out")
    max_tokens: int = Field(128, ge=4, description="tokens of a target summary; longer ones are cut and counted")
    label_smoothing: float = Field(0.0, ge=0, lt=1, description="label smoothing of the decoder's loss")
    layers: int = Field(3, ge=1, description="layers of a decoder of our own, over a backbone that has none")
    dropout: float = Field(0.1, ge=0, lt=1, description="dropout in a decoder of our own")
    targets: list[Literal["summary", "headline", "gap"]] = Field(
        ["summary"],
        min_length=1,
        description="what is learnt to be written, one of these an article, by turns: its summary; its headline, which "
        "is then not read; a sentence taken out of it that tells most of the rest (PEGASUS, Zhang et al. 2020)",
    )


class HeadTasks(Section):
    """What a model may learn; a task takes part if its weight is above 0."""

    tags: TagTask = TagTask()
    topics: TopicTask = TopicTask()
    sentences: SentenceTask = SentenceTask()
    decoder: DecoderTask = DecoderTask()
