"""A bundle with the layers, the tag head and the decoder that were trained on a GPU."""

from dataclasses import replace
from pathlib import Path

import safetensors.torch
import torch

from on_gpu.network import unpacked
from on_gpu.parts import DECODER_LAYERS, DECODER_TOKENS
from svodka.bundle import load_bundle, save_bundle
from svodka.errors import ConfigError
from svodka.files import check_absent
from svodka.heads.decoder import DecoderSettings
from svodka.model.languages import own_format
from svodka.model.news_config import NewsConfig
from svodka.model.news_model import NewsModel


def unpack(trained: Path, start: Path, output: Path, *, writer: bool) -> None:
    """Write the bundle `start` with what `trained` holds in place of its own.

    The networks that read the encoder's states are marked as not fitted: a run that starts from the result fits them.

    Raises:
        ConfigError: the bundle is of another shape.
    """
    check_absent(output)
    bundle = load_bundle(start)
    model = _with_decoder(bundle.model, bundle.tokenizer) if writer else bundle.model
    weights = model.state_dict()
    given = {"backbone.": "layers", "tag_head.": "head"} | ({"writer.": "writer"} if writer else {})
    for beginning, file in given.items():
        for name, weight in unpacked(safetensors.torch.load_file(trained / f"{file}.safetensors")).items():
            known = weights.get(beginning + name)
            if known is None or known.shape != weight.shape:
                raise ConfigError(f"{start} has no '{beginning}{name}' of shape {list(weight.shape)}")
            weights[beginning + name] = weight
    for name in ("lexical.centre", "topic_network.centre"):
        if name in weights:
            weights[name] = torch.zeros_like(weights[name])
    model.load_state_dict(weights)
    save_bundle(replace(bundle, model=model, engines=(), fingerprint=""), output, weights="float32")


def _with_decoder(model: NewsModel, tokenizer: object) -> NewsModel:
    """The model with room for a decoder of our own."""
    config = model.config
    around = own_format(tokenizer, config.backbone)
    decoder = DecoderSettings(
        weight=1.0,
        layers=DECODER_LAYERS,
        max_tokens=DECODER_TOKENS,
        label_smoothing=0.1,
        targets=["headline", "gap", "summary"],
        heads=config.backbone.num_attention_heads,
        inner=config.backbone.intermediate_size,
        start=around.start,
        first=around.first,
        end=around.end,
    )
    weights = {name: weight.clone() for name, weight in model.state_dict().items()}
    heads = config.heads.model_copy(update={"decoder": decoder})
    wider = NewsModel(NewsConfig(backbone=config.backbone, heads=heads, window=config.window), model.backbone)
    wider.load_state_dict(weights, strict=False)
    return wider
