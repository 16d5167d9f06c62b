"""The architecture of a `NewsModel`, as its `config.json` holds it."""

from typing import Any, ClassVar

from huggingface_hub.dataclasses import strict
from transformers import AutoConfig, PretrainedConfig


@strict
class NewsConfig(PretrainedConfig):
    """Backbone, heads, losses and windows.

    A task takes part if its weight is above 0. `tags_per_article` is the mean number of tags in training; the
    tag loss is divided by it, so that task weights mean the same for a small and a large vocabulary.
    `untied_head`: the decoder's output matrix is not its token embedding, whatever the backbone's config says.
    `n_topics`: topics of `svodka.topics`, which the tag head scores behind the tags; 0: none. `named`: a tag's vectors
    come from its name besides what it learns for itself. `lexical_pieces`: pieces that the lexical branch counts, the
    most frequent ones; 0: all.
    `blend`: what the logits of attention, linear branch and latent networks count for in those of the tags.
    `summary_start`, `summary_first`, `summary_end`: as in `SummaryFormat`; None leaves them to the backbone's config.
    """

    model_type: ClassVar[str] = "svodka"
    sub_configs: ClassVar[dict[str, Any]] = {"backbone": AutoConfig}
    keys_to_ignore_at_inference: ClassVar[list[str]] = ["sentence_logits"]

    backbone: PretrainedConfig | dict[str, Any] | None = None
    encoder_only: bool = False
    n_tags: int = 0
    tags_per_article: float = 1.0
    tag_weight: float = 1.0
    n_topics: int = 0
    topic_weight: float = 0.0
    named: bool = False
    name_dropout: float = 0.0
    tag_loss: str = "bce"
    gamma_positive: float = 0.0
    gamma_negative: float = 2.0
    margin: float = 0.05
    lexical: bool = False
    lexical_title: float = 1.0
    lexical_lead: float = 1.0
    lexical_pieces: int = 0
    lexical_rank: int = 0
    lexical_hidden: int = 0
    blend: list[float] | tuple[float, ...] = (1.0, 1.0, 1.0)
    dropout: float = 0.1
    sentence_weight: float = 1.0
    sentence_layers: int = 1
    sentence_width: int = 64
    sentence_dropout: float = 0.3
    sentence_through: bool = True
    decoder_weight: float = 0.0
    label_smoothing: float = 0.0
    untied_head: bool = False
    summary_start: int | None = None
    summary_first: int | None = None
    summary_end: int | None = None
    teaching_weight: float = 0.0
    window_tokens: int = 512
    window_overlap: int = 64
    window_limit: int = 16

    def __post_init__(self, **kwargs: Any) -> None:
        """Turn a backbone read from JSON into its config class."""
        if isinstance(self.backbone, dict):
            fields = dict(self.backbone)
            self.backbone = AutoConfig.for_model(fields.pop("model_type"), **fields)
        if self.backbone is not None:
            self.is_encoder_decoder = bool(self.decoder_weight)
        super().__post_init__(**kwargs)

    @property
    def n_labels(self) -> int:
        """Rows of the tag head: the tags, and the topics behind them; 0 where it is left out."""
        return (self.n_tags if self.tag_weight else 0) + (self.n_topics if self.topic_weight else 0)

    @property
    def writes(self) -> bool:
        """Whether there is a decoder."""
        return self.decoder_weight > 0
