"""Backbones: loaded from a folder or the hub, or built with random weights, whole or what reads alone."""

import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import nn
from transformers import (
    MODEL_FOR_CAUSAL_LM_MAPPING,
    MODEL_FOR_MASKED_LM_MAPPING,
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from svodka.config.training import BackboneConfig
from svodka.errors import ConfigError
from svodka.files import is_lfs_pointer

# Only some types have these; the others must not get them.
_OWN_TOKENS = ("cls_token_id", "sep_token_id")
# Of other kinds of layers in a decoder-only backbone we do not know what they remember.
_KNOWN_LAYERS = {"full_attention", "sliding_attention"}
_OF_LAYERS = ("num_hidden_layers", "layer_types")


def backbone_config(settings: BackboneConfig, tokenizer: PreTrainedTokenizerBase) -> PretrainedConfig:
    """The transformers config of a backbone, sized to the tokenizer when it is built anew.

    Raises:
        ConfigError: an unknown model type, an unknown setting, or a folder or hub id that cannot be read.
    """
    if settings.pretrained is not None:
        try:
            found = AutoConfig.from_pretrained(settings.pretrained, revision=settings.revision, trust_remote_code=False)
            return _changed(found, settings.settings)
        except (OSError, ValueError) as error:
            raise ConfigError(f"model.backbone.pretrained: cannot load '{settings.pretrained}': {error}") from error
    return _built_config(str(settings.model_type), settings, tokenizer)


def _changed(config: PretrainedConfig, settings: dict[str, Any]) -> PretrainedConfig:
    """A pretrained backbone's config with settings of ours, such as its dropout."""
    unknown = sorted(name for name in settings if not hasattr(config, name))
    if unknown:
        raise ConfigError(f"model.backbone.settings: '{config.model_type}' has no {unknown}")
    config.update(settings)
    return config


def _built_config(model_type: str, settings: BackboneConfig, tokenizer: PreTrainedTokenizerBase) -> PretrainedConfig:
    special: dict[str, Any] = {
        "vocab_size": len(tokenizer),
        "pad_token_id": tokenizer.pad_token_id,
        "bos_token_id": tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.cls_token_id,
        "eos_token_id": tokenizer.eos_token_id if tokenizer.eos_token_id is not None else tokenizer.sep_token_id,
        "decoder_start_token_id": tokenizer.pad_token_id,
        "cls_token_id": tokenizer.cls_token_id,
        "sep_token_id": tokenizer.sep_token_id,
    }
    try:
        known = vars(AutoConfig.for_model(model_type))
        special = {name: value for name, value in special.items() if name in known or name not in _OWN_TOKENS}
        aliases = AutoConfig.for_model(model_type).attribute_map
        unknown = sorted(set(settings.settings) - set(known) - set(aliases))
        if unknown:
            raise ConfigError(f"model.backbone.settings: '{model_type}' has no {unknown}; it has {sorted(known)}")
        return AutoConfig.for_model(model_type, **(special | settings.settings))
    except (ValueError, TypeError) as error:
        raise ConfigError(f"model.backbone: cannot build '{model_type}': {error}") from error


def build_backbone(config: PretrainedConfig, *, decoder: bool, attention: str = "auto") -> PreTrainedModel:
    """Random weights: with decoder and language-model head if `decoder`, else the part alone that reads.

    Raises:
        ConfigError: a decoder is wanted from a type that has none.
    """
    if decoder:
        loader = _loader(config)
        return loader.from_config(config, attn_implementation=attention_implementation(attention))
    return _encoder_of(AutoModel.from_config(config, attn_implementation=attention_implementation(attention)))


def load_backbone(settings: BackboneConfig, config: PretrainedConfig, *, decoder: bool) -> PreTrainedModel:
    """Pretrained weights in float32, from a folder or the hub; code that comes with a model is never run.

    Raises:
        ConfigError: a decoder is wanted from a type that has none, or the weights cannot be read.
    """
    loader = _loader(config) if decoder else AutoModel
    with told_unreadable("model.backbone.pretrained", settings.pretrained):
        model = loader.from_pretrained(
            settings.pretrained,
            config=config,
            revision=settings.revision,
            dtype=torch.float32,
            trust_remote_code=False,
            attn_implementation=attention_implementation(settings.attention),
        )
    if settings.layers is not None:
        keep_layers(model, settings.layers)
        config.update({name: getattr(model.config, name) for name in _OF_LAYERS if hasattr(config, name)})
    return model if decoder else _encoder_of(model)


@contextmanager
def told_unreadable(field: str, source: str | None) -> Iterator[None]:
    """Turn what the readers of configs and weights raise into a ConfigError.

    Args:
        field: of the config, for the message.
        source: folder or hub id that is read.
    """
    try:
        yield
    except (OSError, ValueError, RuntimeError, EOFError, pickle.UnpicklingError, SafetensorError) as error:
        weights = [path for end in ("safetensors", "bin") for path in Path(str(source)).glob(f"*.{end}")]
        pointer = next(filter(is_lfs_pointer, weights), None)
        why = str(error) or type(error).__name__
        if pointer is not None:
            why = f"{pointer.name} is a Git LFS pointer and not the file itself; fetch it by `git lfs pull`"
        elif not isinstance(error, (OSError, ValueError)):
            why += "; its weights are cut or damaged, get them anew"
        raise ConfigError(f"{field}: cannot load '{source}': {why}") from error


def keep_layers(model: PreTrainedModel, layers: Sequence[int]) -> None:
    """Leave an encoder or decoder-only backbone these of its layers alone, in this order.

    Raises:
        ConfigError: a layer that it does not have, or a backbone whose layers are not one list.
    """
    count = int(model.config.num_hidden_layers)
    stacks = [(n, part) for n, part in model.named_modules() if isinstance(part, nn.ModuleList) and len(part) == count]
    wrong = [layer for layer in layers if not 0 <= layer < count]
    if len(stacks) != 1 or wrong or not layers:
        raise ConfigError(
            f"model.backbone.layers: {list(layers)} of '{model.config.model_type}', which has layers 0 to {count - 1}"
        )
    owner, _, attribute = stacks[0][0].rpartition(".")
    setattr(model.get_submodule(owner), attribute, nn.ModuleList(stacks[0][1][layer] for layer in layers))
    for number, layer in enumerate(model.get_submodule(stacks[0][0])):
        for part in layer.modules():
            if hasattr(part, "layer_idx"):  # by which it finds what it remembers
                part.layer_idx = number
    if getattr(model.config, "layer_types", None):
        model.config.layer_types = [model.config.layer_types[layer] for layer in layers]
    model.config.num_hidden_layers = len(layers)


def has_untied_head(model: PreTrainedModel) -> bool:
    """Whether a decoder's output matrix is one of its own, and no token embedding."""
    head = model.get_output_embeddings()
    everything = model.named_parameters(remove_duplicate=False)
    return head is not None and sum(parameter is head.weight for _, parameter in everything) == 1


def untie_head(model: PreTrainedModel) -> None:
    """Give the decoder an output matrix of its own, for good; one that has it already keeps it.

    transformers reads mT5 and umT5 as tied, whatever their config says, and would tie the head that they were
    pretrained with to the embedding as soon as the model becomes part of another.
    """
    head = model.get_output_embeddings()
    if not has_untied_head(model):
        head.weight = nn.Parameter(head.weight.detach().clone())
    tied = {name for name, parameter in model.named_parameters(remove_duplicate=False) if parameter is head.weight}
    model.all_tied_weights_keys = {k: v for k, v in model.all_tied_weights_keys.items() if k not in tied}
    # umT5 scales what goes into a tied head, and asks this field.
    model.config.tie_word_embeddings = False


def hidden_width(config: PretrainedConfig) -> int:
    """Width of the encoder's token states."""
    text = _half(config, decoder=False)
    return int(getattr(text, "d_model", None) or text.hidden_size)


def position_limit(config: PretrainedConfig, *, decoder: bool = False) -> int | None:
    """Most tokens a window, or a summary if `decoder`, may hold; None where positions are relative without a bound."""
    text = _half(config, decoder=decoder)
    limit = getattr(text, "max_position_embeddings", None)
    # DeBERTa's positions are relative unless it adds absolute ones; T5's always are.
    if limit is None or text.model_type in ("t5", "mt5", "umt5") or not getattr(text, "position_biased_input", True):
        return None
    # RoBERTa and its kin count positions from behind the padding id.
    return int(limit) - (2 if "roberta" in text.model_type or text.model_type == "camembert" else 0)


def _half(config: PretrainedConfig, *, decoder: bool) -> PretrainedConfig:
    """The config of the encoder or the decoder; of most types it is the whole config."""
    part = getattr(config, "decoder" if decoder else "encoder", None)
    if isinstance(part, PretrainedConfig):  # T5Gemma
        return part
    return config.get_text_config(decoder=True) if decoder else config.get_text_config(encoder=True)


def is_decoder_only(config: PretrainedConfig) -> bool:
    """Whether a type is made to write on from what it has read, as Gemma and Qwen are, and has no encoder."""
    kind = type(config)
    return (
        not config.is_encoder_decoder
        and kind in MODEL_FOR_CAUSAL_LM_MAPPING
        and kind not in MODEL_FOR_MASKED_LM_MAPPING
    )


def check_layers(config: PretrainedConfig, *, field: str) -> None:
    """Raise a ConfigError where a decoder-only type has layers that do more than attend to tokens; `field` asks it."""
    strange = sorted(set(getattr(config, "layer_types", None) or ()) - _KNOWN_LAYERS)
    if strange:
        raise ConfigError(
            f"{field}: '{config.model_type}' has layers of kind {', '.join(strange)}, which is not supported; take a "
            "model that has attention alone, such as Gemma 3 or Qwen 3"
        )


def _loader(config: PretrainedConfig) -> Any:
    """The class of transformers that a backbone which writes is loaded by."""
    if config.is_encoder_decoder:
        return AutoModelForSeq2SeqLM
    if is_decoder_only(config):
        return AutoModelForCausalLM
    raise ConfigError(
        f"model.decoder.weight is above 0, but '{config.model_type}' has no decoder; "
        "set it to 0, or take an encoder-decoder such as `t5` or `mbart`"
    )


def attention_implementation(name: str) -> str | None:
    """What transformers calls it; None, of which it makes the best that the architecture has, for `auto`."""
    return None if name == "auto" else name


def _encoder_of(model: PreTrainedModel) -> PreTrainedModel:
    if model.config.is_encoder_decoder:
        return model.get_encoder()
    if isinstance(getattr(model, "pooler", None), nn.Module):
        # The heads read token states; an unused pooler would get no gradient and stall distributed training.
        model.pooler = None
    return model
