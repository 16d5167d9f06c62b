"""Settings of `svodka train`: the model, its tasks and the run."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from svodka.config.base import Section, differences
from svodka.config.data import DataConfig
from svodka.config.network import HeadTasks, WindowConfig
from svodka.config.plan import PlanSection
from svodka.config.summary import SummaryConfig
from svodka.errors import ConfigError


class BackboneConfig(Section):
    """The transformer: loaded from a folder or the hub, or built from a config with random weights."""

    pretrained: str | None = Field(None, description="folder or hub id of weights and tokenizer")
    revision: str | None = Field(None, description="commit or tag on the hub; needed for a hub id")
    model_type: str | None = Field(None, description="transformers model type to build, as `bert` or `t5`")
    settings: dict[str, Any] = Field(
        {},
        description="fields of that type's config class, as `hidden_size: 256`; of a pretrained one, such as dropout",
    )
    layers: list[int] | None = Field(
        None, description="layers of a pretrained encoder that are kept, from 0, as `[0, 3, 7, 11]`; null: all"
    )
    encoder_only: bool = Field(False, description="use only the encoder of an encoder-decoder")
    bidirectional: bool = Field(
        False,
        description="in a decoder-only backbone the tokens of an article attend to those behind them, too; what is "
        "written never does; false: attention is causal, as such a backbone was pretrained",
    )
    language: str = Field(
        "ru",
        description="language of texts and summaries, for tokenizers with language codes (mBART, NLLB, M2M100): "
        "ISO 639-1, or the tokenizer's own code as `ru_RU`",
    )
    attention: Literal["auto", "sdpa", "eager"] = Field(
        "auto",
        description="attention implementation; auto: sdpa where the backbone has it, as all but DeBERTa and T5Gemma",
    )

    @property
    def is_named(self) -> bool:
        """Whether it says which backbone; of none, a bundle's is taken."""
        return self.pretrained is not None or self.model_type is not None

    @model_validator(mode="after")
    def _one_origin(self) -> "BackboneConfig":
        if self.pretrained is not None and self.model_type is not None:
            raise ValueError("give either `pretrained` (load weights) or `model_type` (build), not both")
        if self.layers is not None and self.pretrained is None:
            raise ValueError("`layers` chooses among those of a `pretrained` backbone")
        return self


class TokenizerConfig(Section):
    """The tokenizer: that of the pretrained backbone, one from a folder, or one trained on the prepared data."""

    path: str | None = Field(None, description="folder or hub id of a tokenizer")
    size: int = Field(8000, ge=300, description="pieces when one is trained, by byte-pair encoding")


class TeachingTask(Section):
    """Learning the token states of a larger encoder (TinyBERT, Jiao et al. 2020; here of its last layer alone)."""

    weight: float = Field(0.0, ge=0, description="weight of this loss; 0 leaves the task out")
    teacher: Path | None = Field(None, description="bundle with the larger encoder; its heads are what ours begin with")

    @model_validator(mode="after")
    def _has_a_teacher(self) -> "TeachingTask":
        if bool(self.weight) != (self.teacher is not None):
            raise ValueError("`weight` above 0 and `teacher` go together")
        return self


class ModelSection(HeadTasks):
    """The model."""

    backbone: BackboneConfig = BackboneConfig()
    tokenizer: TokenizerConfig = TokenizerConfig()
    window: WindowConfig = WindowConfig()
    teaching: TeachingTask = TeachingTask()

    @model_validator(mode="after")
    def _fits(self) -> "ModelSection":
        if not (self.tags.weight or self.topics.weight or self.sentences.weight or self.decoder.weight):
            raise ValueError("at least one of `tags`, `topics`, `sentences`, `decoder` needs a weight above 0")
        if self.decoder.weight and self.backbone.encoder_only:
            raise ValueError("`decoder.weight` above 0 needs the decoder that `backbone.encoder_only` leaves out")
        return self


class LoraSection(Section):
    """A low-rank adapter of the backbone (LoRA, Hu et al. 2022): W + alpha / rank * B A, with W left as it is."""

    rank: int = Field(16, ge=1, description="inner width of B A")
    alpha: int = Field(32, ge=1, description="strength: B A counts alpha / rank")
    dropout: float = Field(0.05, ge=0, lt=1, description="dropout on what A reads")
    targets: Literal["all-linear"] | list[str] = Field(
        "all-linear",
        description="layers that get one, by the ends of their names, as `[query, value]`; or all linear ones",
    )


class TrainingSection(Section):
    """How the model is trained; the names follow transformers' TrainingArguments where there is one."""

    epochs: float = Field(3.0, gt=0, description="passes over the training split")
    max_steps: int = Field(-1, description="optimiser steps; above 0 it overrides `epochs`")
    batch_size: int = Field(8, ge=1, description="articles a device and step")
    accumulation: int = Field(1, ge=1, description="batches added up before the optimiser moves")
    learning_rate: float = Field(5e-4, gt=0, description="peak learning rate of the backbone")
    head_learning_rate: float | None = Field(
        None, gt=0, description="peak learning rate of the heads; null: that of the backbone"
    )
    lexical_learning_rate: float = Field(1e-3, ge=0, description="peak learning rate of the lexical branch")
    schedule: Literal["linear", "cosine", "constant_with_warmup"] = Field("linear", description="after the warm-up")
    warmup: float = Field(0.06, ge=0, le=1, description="share of the steps")
    weight_decay: float = Field(0.01, ge=0, description="of matrices; biases and norms have none")
    max_grad_norm: float = Field(1.0, gt=0, description="gradient clipping")
    precision: Literal["fp32", "bf16"] = Field("fp32", description="bf16 on hardware that has it")
    eval_steps: int | None = Field(None, ge=1, description="steps between validations and checkpoints; null: an epoch")
    save_steps: int | None = Field(
        None, ge=1, description="steps between checkpoints where validations are further apart; null: as validations"
    )
    metric: Literal["loss", "tag_average_precision"] = Field(
        "loss", description="validation figure by which the best checkpoint is chosen"
    )
    early_stopping: int | None = Field(None, ge=1, description="validations without gain before the run stops")
    keep_checkpoints: int = Field(2, ge=1, description="checkpoints kept; the best and the last always are")
    log_steps: int = Field(10, ge=1, description="steps between log lines")
    windows: int | None = Field(
        None, ge=1, description="windows of an article that a training step reads, the first ones; null: all"
    )
    freeze: list[str] = Field(
        [], description="parameters that stay as they are, by the start of their names, as `backbone.embeddings`"
    )
    layer_decay: float = Field(
        1.0,
        gt=0,
        le=1,
        description="what each backbone layer learns at, as a share of the layer above it; 1: all alike",
    )
    states: Path | None = Field(
        None,
        description="folder for token states. Without a teacher: the backbone stays as it is, reads each article once "
        "for all epochs and runs, and the heads learn from what is kept there. With one: where its states are kept",
    )
    lora: LoraSection | None = Field(None, description="train a low-rank adapter and the heads alone; needs `peft`")
    gradient_checkpointing: bool = Field(False, description="less memory for more arithmetic")
    device: Literal["auto", "cpu"] = Field("auto", description="auto takes an accelerator where there is one")


class CorpusConfig(Section):
    """A corpus that is learnt beside the main one."""

    data: DataConfig = Field(description="a data config: written out here, or the path of its YAML")
    tags: Literal["own", "none", "all"] = Field(
        "own",
        description="what its tags tell: own: of the tags that it uses, which an article has and has not; none: "
        "nothing; all: its articles have no tag at all, whoever uses it",
    )
    rows: int | None = Field(
        None, ge=0, description="rows an epoch; null: as many as the root of its size beside the main corpus gives"
    )
    most: int | None = Field(
        None,
        ge=1,
        description="rows of its training split that the encoder reads at all, the same in every epoch; null: all",
    )
    validation: int = Field(300, ge=0, description="most rows of its validation split that are looked at")
    one_topic: bool = Field(
        False,
        description="its labels are rubrics, one an article: what an article's rubric leaves open, and others mean, "
        "counts against it as `model.topics.left_open` says",
    )


class ThresholdConfig(Section):
    """Per-tag thresholds and calibration, both from the validation split alone."""

    min_support: int = Field(5, ge=1, description="validation uses a tag needs for a threshold of its own")
    shrinkage: float = Field(40.0, ge=0, description="uses at which a tag's own threshold counts half; 0: fully")
    nearly: float = Field(
        1.0,
        gt=0,
        le=1,
        description="share of its threshold from which the nearest tag is given where no tag reaches its own",
    )
    calibrate: bool = Field(True, description="fit Platt scaling (Platt 1999) so that a score reads as a probability")


class BundleConfig(Section):
    """How the trained model is saved."""

    weights: Literal["float32", "float16", "bfloat16", "int8", "int4"] = Field(
        "float32",
        description="number format on disk; int8: matrices with a scale a row, the rest float16; int4: as int8, the "
        "token embedding in 4 bits",
    )
    name: str = Field("svodka", min_length=1, description="name on the model card")
    about: str = Field("", description="what the card says of the model's purpose and limits")


class RunConfig(Section):
    """The whole of a training YAML."""

    data: DataConfig = Field(description="a data config: written out here, or the path of its YAML")
    beside: list[CorpusConfig] = Field([], description="further corpora, each sampled in every epoch")
    output: Path = Field(description="run folder; relative to the working directory")
    start: Path | None = Field(
        None,
        description="bundle that the run begins with, a folder; `shipped`: the one that comes with Svodka. Without "
        "`model.backbone` it is given the tags of the data, and all else of it stays. With one it is trained on: same "
        "tags, same shape; where `decoder` is the only task and none of the backbone's, the run adds a decoder to it",
    )
    keep_tags: bool = Field(
        False, description="whether a bundle that is given the tags of the data keeps its own beside them"
    )
    seed: int = Field(13, description="reaches the weights, the data order and the tokenizer")
    model: ModelSection = ModelSection()
    training: TrainingSection = TrainingSection()
    thresholds: ThresholdConfig = ThresholdConfig()
    summary: SummaryConfig = SummaryConfig()
    bundle: BundleConfig = BundleConfig()
    plan: PlanSection = PlanSection()

    @property
    def adapts(self) -> bool:
        """Whether a bundle is given the tags of the data; else a network is trained."""
        return self.start is not None and not self.model.backbone.is_named

    @model_validator(mode="after")
    def _has_a_network(self) -> "RunConfig":
        if self.start is None and not self.model.backbone.is_named:
            raise ValueError(
                "`model.backbone` is missing: give it `pretrained` (load weights) or `model_type` (build), or give "
                "`start`, a bundle that takes the tags of your data"
            )
        if self.keep_tags and not self.adapts:
            raise ValueError("`keep_tags` is for a bundle that takes the tags of the data: `start` without a backbone")
        return self

    @model_validator(mode="after")
    def _applies(self) -> "RunConfig":
        parts = (("model", ModelSection(), self.model), ("training", TrainingSection(), self.training))
        changed = [
            line.partition(":")[0]
            for name, plain, told in parts
            for line in differences(plain.model_dump(mode="json"), told.model_dump(mode="json"), name)
        ]
        if self.adapts and changed:
            raise ValueError(
                f"{', '.join(changed)}: says how a network is trained, but the bundle of `start` takes the tags of the "
                "data without; leave it out, or name `model.backbone`"
            )
        return self

    @model_validator(mode="after")
    def _keeps_states(self) -> "RunConfig":
        if self.model.teaching.teacher is not None and self.training.states is None:
            raise ValueError("`model.teaching` needs `training.states`, the folder that keeps the teacher's states")
        frozen = self.training.states is not None and self.model.teaching.teacher is None
        if frozen and self.training.lora is not None:
            raise ValueError(
                "`training.states` without `model.teaching` keeps the backbone as it is, and `training.lora` cannot "
                "learn; leave out one or the other"
            )
        return self


def check_trains(config: RunConfig) -> None:
    """Raise a ConfigError where a run trains no network."""
    if config.adapts:
        raise ConfigError(
            "the bundle of `start` takes the tags of the data without training, so there is nothing to plan or tune; "
            "run it by `svodka train`, or name `model.backbone` to train a network"
        )
