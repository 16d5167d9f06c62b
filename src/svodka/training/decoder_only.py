"""What a run of a decoder-only backbone may not ask for."""

from transformers import PretrainedConfig

from svodka.config.training import RunConfig
from svodka.errors import ConfigError
from svodka.model.backbones import check_layers, position_limit

_MOST_OF_A_PROMPT = 16  # tokens


def check_decoder_only(config: RunConfig, backbone: PretrainedConfig) -> None:
    """Hold a run's settings against what a decoder-only backbone can do.

    Raises:
        ConfigError: layers of a kind that is not known; or it is to write, and there are several windows, too little
            room behind an article, or checkpointing, which forgets what is to be written on from.
    """
    model, training = config.model, config.training
    if model.backbone.bidirectional or model.decoder.weight:
        check_layers(backbone, field="model.backbone")
    if not model.decoder.weight:
        return
    if model.window.limit > 1:
        raise ConfigError(
            f"model.window.limit: {model.window.limit}, but '{backbone.model_type}' writes on from an article that it "
            "has read as one window; set it to 1 and raise model.window.tokens, or set model.decoder.weight to 0"
        )
    limit, wanted = position_limit(backbone), model.window.tokens + model.decoder.max_tokens + _MOST_OF_A_PROMPT
    if limit is not None and wanted > limit:
        raise ConfigError(
            f"model.window.tokens: {model.window.tokens} and {model.decoder.max_tokens} of a summary with its prompt "
            f"are more than the {limit} that '{backbone.model_type}' reads; lower model.window.tokens"
        )
    if training.gradient_checkpointing:
        raise ConfigError(
            "training.gradient_checkpointing: a decoder-only backbone that writes goes on from what its layers "
            "remember, and checkpointing computes that anew; set it to false"
        )
