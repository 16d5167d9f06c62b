"""The architecture of a `NewsModel`, as its `config.json` holds it."""

from dataclasses import field
from typing import Any, ClassVar

from huggingface_hub.dataclasses import strict
from transformers import AutoConfig, PretrainedConfig

from svodka.config.network import WindowConfig
from svodka.heads.settings import Heads


@strict
class NewsConfig(PretrainedConfig):
    """Backbone, heads and windows.

    Attributes:
        backbone: config of the backbone.
        heads: `Heads`, or the dict that one is made from.
        window: `WindowConfig`, or the dict that one is made from.
        teaching_weight: weight of the loss of a teacher's token states; 0: there is no teacher.
        bidirectional: whether tokens of an article attend to those behind them in a decoder-only backbone.
    """

    model_type: ClassVar[str] = "svodka"
    sub_configs: ClassVar[dict[str, Any]] = {"backbone": AutoConfig}
    keys_to_ignore_at_inference: ClassVar[list[str]] = ["sentence_logits"]

    backbone: PretrainedConfig | dict[str, Any] | None = None
    # Any: what is read from JSON is a dict for a moment.
    heads: Any = field(default_factory=Heads)
    window: Any = field(default_factory=WindowConfig)
    teaching_weight: float = 0.0
    bidirectional: bool = False

    def __post_init__(self, **kwargs: Any) -> None:
        """Turn what was read from JSON into its classes."""
        self.heads, self.window = Heads.model_validate(self.heads), WindowConfig.model_validate(self.window)
        if isinstance(self.backbone, dict):
            fields = dict(self.backbone)
            self.backbone = AutoConfig.for_model(fields.pop("model_type"), **fields)
        if self.backbone is not None:
            self.is_encoder_decoder = self.heads.backbone_writes and not self.heads.continues
        super().__post_init__(**kwargs)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        plain: dict[str, Any] = super().to_dict()
        return plain | {name: getattr(self, name).model_dump(mode="json") for name in ("heads", "window")}

    @property
    def n_labels(self) -> int:
        """As in `Heads`."""
        return int(self.heads.n_labels)

    @property
    def writes(self) -> bool:
        """As in `Heads`."""
        return bool(self.heads.writes)
