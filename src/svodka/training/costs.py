"""What a step costs in memory and time, measured on thin models and carried over to the whole one.

A thin model has the widths of the whole, few layers and few pieces. Three of them, with one layer more in the encoder
or the decoder, say what a layer costs and what is left without any: cost = rest + layers * cost of a layer.
"""

import time
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, PretrainedConfig

from svodka.model.news_config import NewsConfig
from svodka.model.news_model import NewsModel

_PIECES = 512
_ENCODER = ("num_layers", "encoder_layers", "num_hidden_layers")
_DECODER = ("num_decoder_layers", "decoder_layers")
_DERIVED = ("layer_types", "torch_dtype", "dtype", "transformers_version", "architectures", "num_hidden_layers")


@dataclass(frozen=True)
class Shape:
    """One article as a step reads it: windows n, tokens of a window t, tokens of its summary u."""

    windows: int
    tokens: int
    summary: int


@dataclass(frozen=True)
class Cost:
    """Of one article, forward and backward: bytes that autograd keeps, seconds (None if not timed).

    `layer` is what one encoder layer keeps, for the layer that checkpointing computes anew.
    """

    kept: float
    seconds: float | None
    layer: float


def layer_counts(config: PretrainedConfig, *, decoder: bool) -> tuple[int, int]:
    """Layers of the encoder and, if there is one that is used, of the decoder."""
    halves = [getattr(config, "encoder", None), getattr(config, "decoder", None)]
    if isinstance(halves[0], PretrainedConfig):
        return halves[0].num_hidden_layers, halves[1].num_hidden_layers if decoder and halves[1] is not None else 0
    body = config.to_dict()
    encoder = next(body[name] for name in _ENCODER if name in body)
    return encoder, next((body[name] for name in _DECODER if name in body), 0) if decoder else 0


def thinned(config: PretrainedConfig, encoder: int, decoder: int) -> PretrainedConfig:
    """The same widths with other numbers of layers and a small vocabulary."""
    body = {key: value for key, value in config.to_dict().items() if key not in _DERIVED}
    ids = [key for key in body if key.endswith("token_id") and isinstance(body[key], int)]
    small = dict.fromkeys(ids, 1) | {"vocab_size": _PIECES, "pad_token_id": 0}
    if config.is_encoder_decoder:
        small["decoder_start_token_id"] = 0
    if isinstance(body.get("encoder"), dict):
        for half, layers in (("encoder", encoder), ("decoder", max(decoder, 1))):
            kept = {k: v for k, v in body[half].items() if k not in ("layer_types", "model_type")}
            body[half] = kept | small | {"num_hidden_layers": layers}
    else:
        small |= _layers(config, encoder, max(decoder, 1))
    return AutoConfig.for_model(body.pop("model_type"), **(body | small))


def _layers(config: PretrainedConfig, encoder: int, decoder: int) -> dict[str, int]:
    body = config.to_dict()
    found = {name: encoder for name in _ENCODER[:2] if name in body} or {"num_hidden_layers": encoder}
    return found | {name: decoder for name in _DECODER if name in body}


def article_cost(news: NewsConfig, shape: Shape, *, batch: int, device: torch.device, bf16: bool, timed: bool) -> Cost:
    """Cost of one article in a step, for the whole model but for its vocabulary's output.

    Args:
        news: the whole model.
        shape: a typical article.
        batch: articles at once while measuring.
        device: where to measure.
        bf16: whether the arithmetic is mixed with bf16.
        timed: whether the backward pass is run and timed as well.
    """
    writes = news.heads.backbone_writes and not news.heads.continues  # a decoder-only one has its layers once
    encoder, decoder = layer_counts(news.backbone, decoder=writes)
    few = [(1, 1), (2, 1), *([(1, 2)] if writes else [])]
    found = []
    for layers in few:
        tags = news.heads.tags.model_copy(update={"lexical": False})
        heads = news.heads.model_copy(update={"tags": tags})
        thin = NewsConfig(backbone=thinned(news.backbone, *layers), heads=heads, window=news.window)
        model = NewsModel(thin).to(device).train()
        found.append(_measure(model, synthetic_batch(thin, shape, batch, device), bf16=bf16, timed=timed))
    steps = [tuple(b - a for a, b in zip(found[0], more, strict=True)) for more in found[1:]]
    steps += [(0.0, 0.0)] * (2 - len(steps))
    kept, seconds = (
        (found[0][i] + (encoder - 1) * steps[0][i] + (decoder - 1 if writes else 0) * steps[1][i]) / batch
        for i in (0, 1)
    )
    return Cost(kept, max(seconds, 0.0) if timed else None, steps[0][0] / batch)


def optimiser_rate(device: torch.device) -> float:
    """Seconds that AdamW takes for one parameter, on a matrix of 2^22."""
    parameter = nn.Parameter(torch.zeros(2**11, 2**11, device=device))
    parameter.grad = torch.ones_like(parameter)
    optimiser = torch.optim.AdamW([parameter])
    optimiser.step()
    began = _now(device)
    for _ in range(3):
        optimiser.step()
    return (_now(device) - began) / 3 / parameter.numel()


def synthetic_batch(news: NewsConfig, shape: Shape, batch: int, device: torch.device) -> dict[str, Tensor]:
    """A batch for `NewsModel.forward` of articles of one shape, of random tokens."""
    size = (batch, shape.windows, shape.tokens)
    ids = torch.randint(2, _PIECES, size, device=device)
    sentences = max(2, shape.tokens * shape.windows // 30)
    owners = torch.arange(shape.tokens * shape.windows, device=device) * sentences // (shape.tokens * shape.windows)
    given = {
        "input_ids": ids,
        "attention_mask": torch.ones_like(ids),
        "sentence_ids": owners.view(1, *size[1:]).expand(size),
        "n_sentences": torch.full((batch,), sentences, device=device),
        "tag_labels": torch.zeros(batch, news.heads.tags.n, device=device),
        "sentence_labels": torch.zeros(batch, sentences, device=device),
    }
    summary = torch.randint(2, _PIECES, (batch, max(shape.summary, 2)), device=device)
    signals = torch.zeros(batch, 2, dtype=torch.long, device=device)
    return given | ({"labels": summary, "signals": signals} if news.writes else {})


def _measure(model: NewsModel, inputs: dict[str, Tensor], *, bf16: bool, timed: bool) -> tuple[float, float]:
    device = next(model.parameters()).device
    own = {tensor.untyped_storage().data_ptr() for tensor in (*model.parameters(), *model.buffers())}
    kept: dict[int, int] = {}

    def count(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    def forward() -> Any:
        with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
            return model(**inputs).loss

    with torch.autograd.graph.saved_tensors_hooks(count, lambda tensor: tensor):
        loss = forward()
    if not timed:
        return float(sum(kept.values())), 0.0
    loss.backward()
    best = float("inf")
    for _ in range(2):
        model.zero_grad()
        began = _now(device)
        forward().backward()
        best = min(best, _now(device) - began)
    return float(sum(kept.values())), best


def _now(device: torch.device) -> float:
    if device.type != "cpu":
        torch.accelerator.synchronize()
    return time.perf_counter()
