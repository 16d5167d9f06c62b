"""The encoders, as transformers has them, and their weights to and fro.

w: windows, t: tokens, d: width of a state.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor
from transformers import BertConfig, BertModel

from on_gpu.windows import Batch
from svodka.model.weights import SCALE, fill_blocks, quantised

_LARGE = 2**14
_APART = 128  # batches of windows no longer than this are read on their own, so that little is padded


def packed_encoder(folder: Path, *, dropout: float) -> Any:
    """The encoder that was packed; its embeddings are kept out of training."""
    told = json.loads((folder / "config.json").read_text())
    config = BertConfig.from_dict({**told, "hidden_dropout_prob": dropout, "attention_probs_dropout_prob": 0.0})
    return _built(config, unpacked(safetensors.torch.load_file(folder / "backbone.safetensors")))


def some_layers(encoder: Any, kept: Sequence[int], *, dropout: float) -> Any:
    """A copy of an encoder with some of its layers."""
    layers = {}
    for name, weight in encoder.encoder.state_dict().items():
        _, layer, rest = name.split(".", 2)
        if int(layer) in kept:
            layers[f"encoder.layer.{kept.index(int(layer))}.{rest}"] = weight
    return with_layers(encoder, layers, dropout=dropout)


def with_layers(encoder: Any, layers: Mapping[str, Tensor], *, dropout: float = 0.0) -> Any:
    """An encoder with the embeddings of another one, and these layers."""
    count = 1 + max(int(name.split(".")[2]) for name in layers)
    config = BertConfig(**{**encoder.config.to_dict(), "num_hidden_layers": count, "hidden_dropout_prob": dropout})
    embeddings = {name: one for name, one in encoder.state_dict().items() if name.startswith("embeddings.")}
    return _built(config, embeddings | dict(layers))


def compile_layers(encoder: Any) -> None:
    """Have torch fuse what a layer computes; compiled once, it serves all of them, at any width of windows."""
    torch._dynamo.config.recompile_limit = 32
    for layer in encoder.encoder.layer:
        layer.compile(dynamic=True)


def _built(config: Any, weights: Mapping[str, Tensor]) -> Any:
    encoder = BertModel(config, add_pooling_layer=False)
    encoder.set_attn_implementation("sdpa")
    known = encoder.state_dict()
    encoder.load_state_dict({name: weight.float() for name, weight in weights.items() if name in known})
    encoder.embeddings.requires_grad_(False)
    return encoder


def states_of(encoder: Any, batches: Sequence[Batch], *, masked: Sequence[float] = (), mask: int = 0) -> list[Tensor]:
    """Token states [w, t, d] of several batches, read together as far as their lengths allow.

    Args:
        encoder: in training, the share `masked` of each batch's own tokens is hidden behind the token `mask`.
        batches: windows; masked: a share for each, or none; mask: a token id.
    """
    shares = masked or [0.0] * len(batches)
    long = [i for i, batch in enumerate(batches) if batch.ids.shape[1] > _APART]
    groups = [group for group in (long, *([i] for i in range(len(batches)) if i not in long)) if group]
    found: dict[int, Tensor] = {}
    for group in groups:
        width = max(batches[i].ids.shape[1] for i in group)
        ids = [_hidden(batches[i], shares[i] if encoder.training else 0.0, mask) for i in group]
        rows = torch.cat([_wide(one, width, 1) for one in ids])
        real = torch.cat([_wide(batches[i].real, width, 0) for i in group])
        states = token_states(encoder, rows, real)
        at = 0
        for i, one in zip(group, ids, strict=True):
            found[i] = states[at : at + len(one), : batches[i].ids.shape[1]]
            at += len(one)
    return [found[i] for i in range(len(batches))]


def token_states(encoder: Any, ids: Tensor, real: Tensor) -> Tensor:
    """Token states [w, t, d] of ids and mask [w, t]: the encoder's own, but layers get one form of input always.

    Otherwise what they are compiled for would change with a batch without padding, and behind the first layer.
    """
    states: Tensor = encoder.embeddings(input_ids=ids)
    if torch.is_grad_enabled():
        states.requires_grad_()
    mask = real[:, None, None, :].expand(-1, -1, ids.shape[1], -1)
    for layer in encoder.encoder.layer:
        states = layer(states, mask)
    return states


def _hidden(batch: Batch, share: float, mask: int) -> Tensor:
    if not share:
        return batch.ids
    return torch.where((torch.rand(batch.ids.shape, device=batch.ids.device) < share) & batch.owned, mask, batch.ids)


def _wide(rows: Tensor, width: int, fill: int) -> Tensor:
    return torch.nn.functional.pad(rows, (0, width - rows.shape[1]), value=fill)


def unpacked(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights as `packed` or `svodka.model.weights.in_blocks` stored them, in float32."""
    found = {}
    for name, weight in weights.items():
        if name.endswith(SCALE):
            continue
        scale = weights.get(name + SCALE)
        if scale is None:
            found[name] = weight.float()
        elif weight.dtype == torch.int8:
            found[name] = weight.float() * scale
        else:
            found[name] = torch.empty(len(weight), 2 * weight.shape[1])
            fill_blocks(found[name], weight, scale)
    return found


def packed(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights with the large matrices in int8, as a bundle keeps them."""
    found: dict[str, Tensor] = {}
    for name, weight in weights.items():
        plain = weight.detach().cpu().contiguous()
        if plain.dim() == 2 and plain.numel() >= _LARGE:
            found[name], found[name + SCALE] = quantised(plain)
        else:
            found[name] = plain.float()
    return found


@torch.no_grad()
def round_to_int8(module: torch.nn.Module) -> None:
    """Give matrices the values that they will have in a bundle, so that what is learnt after fits them."""
    for weight in module.parameters():
        if weight.dim() == 2 and weight.numel() >= _LARGE:
            steps, scale = quantised(weight)
            weight.copy_(steps.float() * scale)
