"""Low-rank adapters (LoRA, Hu et al. 2022): the backbone stays, small matrices beside its linear layers are trained.

`peft` does the arithmetic. The heads are trained in full; they are saved with the adapter, and a bundle holds the
adapter merged into the weights, so that nothing but training knows of it.
"""

from pathlib import Path

import safetensors.torch
from torch import Tensor, nn

from svodka.config.training import LoraSection
from svodka.errors import ConfigError
from svodka.files import written_beside
from svodka.model.news_model import NewsModel

ADAPTER = "adapter"
_HEADS = "heads.safetensors"


def add_adapter(model: NewsModel, settings: LoraSection) -> None:
    """Put an adapter beside the backbone's linear layers; the backbone's own parameters no longer train.

    Raises:
        ConfigError: `peft` is not installed, or no layer has a name of `settings.targets`.
    """
    try:
        from peft import LoraConfig
    except ImportError as error:
        raise ConfigError("training.lora needs peft; install it by pip install 'svodka[peft]'") from error
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=settings.targets,
    )
    try:
        model.backbone.add_adapter(config)
    except ValueError as error:
        linear = sorted(
            {name.split(".")[-1] for name, part in model.backbone.named_modules() if isinstance(part, nn.Linear)}
        )
        raise ConfigError(
            f"training.lora.targets: no layer fits {settings.targets!r}; allowed: all-linear, {', '.join(linear)}"
        ) from error


def save_adapter(model: NewsModel, folder: Path) -> None:
    """Write the adapter as `peft` does (`adapter_config.json`, `adapter_model.safetensors`), beside it the heads."""
    with written_beside(folder) as fresh:
        model.backbone.save_pretrained(fresh)
        safetensors.torch.save_file(_heads(model), fresh / _HEADS)


def load_adapter(model: NewsModel, folder: Path) -> None:
    """Put what `save_adapter` wrote onto a model with the same backbone and heads."""
    model.backbone.load_adapter(str(folder))
    model.load_state_dict(safetensors.torch.load_file(folder / _HEADS), strict=False)


def merge_adapter(model: NewsModel) -> None:
    """Add the adapter to the weights and take it away: the same function, in an ordinary model."""
    from peft.tuners.tuners_utils import BaseTunerLayer

    adapted = [(name, part) for name, part in model.backbone.named_modules() if isinstance(part, BaseTunerLayer)]
    for name, part in adapted:
        part.merge(safe_merge=True)
        owner, _, attribute = name.rpartition(".")
        setattr(model.backbone.get_submodule(owner), attribute, part.get_base_layer())
    del model.backbone.peft_config
    model.backbone._hf_peft_config_loaded = False


def _heads(model: NewsModel) -> dict[str, Tensor]:
    state = model.state_dict().items()
    return {name: tensor.detach().cpu().contiguous() for name, tensor in state if not name.startswith("backbone.")}
