"""Settings of `svodka pretrain`: texts without an answer, and the encoder that learns from them."""

from pathlib import Path

from pydantic import Field, model_validator

from svodka.config.base import Section
from svodka.config.training import BackboneConfig, TokenizerConfig, TrainingSection


class CorpusConfig(Section):
    """A prepared folder whose training split is read; what it holds out stays unread."""

    path: Path = Field(description="folder made by `svodka prepare`")
    share: float = Field(1.0, gt=0, le=1, description="share of its articles that is read, chosen by the seed")


class EmbeddingConfig(Section):
    """The token embeddings' start: a factorised co-occurrence matrix (Levy et al. 2015)."""

    cooccurrence: bool = Field(True, description="start from it; else from random numbers")
    window: int = Field(8, ge=1, description="tokens on each side that count as together")
    smoothing: float = Field(0.75, gt=0, le=1, description="power of the context counts; lower helps rare tokens")


class PretrainConfig(Section):
    """The whole of a pretraining YAML."""

    corpora: list[CorpusConfig] = Field(min_length=1, description="prepared folders")
    output: Path = Field(description="run folder; relative to the working directory")
    seed: int = Field(13, description="reaches the weights, the masks and the data order")
    backbone: BackboneConfig
    tokenizer: TokenizerConfig = TokenizerConfig()
    tokens: int = Field(512, ge=16, description="tokens of a block, special tokens included")
    mask: float = Field(0.15, gt=0, lt=1, description="share of the tokens to be guessed (Devlin et al. 2019)")
    embeddings: EmbeddingConfig = EmbeddingConfig()
    training: TrainingSection = TrainingSection()

    @model_validator(mode="after")
    def _guesses(self) -> "PretrainConfig":
        if not self.backbone.is_named:
            raise ValueError("backbone: give either `pretrained` (load weights) or `model_type` (build)")
        if self.training.metric != "loss":
            raise ValueError("training.metric must be `loss`: there are no tags here")
        return self
