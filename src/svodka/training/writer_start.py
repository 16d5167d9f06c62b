"""A decoder of our own, started from the encoder's layers."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from svodka.heads.writer import Attention, Writer, WriterLayer

# Parts of our layers by the names that BERT and its kin have for theirs.
_ATTENTION = {
    "query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value",
    "out": "attention.output.dense", "norm": "attention.output.LayerNorm",
}  # fmt: skip
_NETWORK = {"inner": "intermediate.dense", "outer": "output.dense", "norm": "output.LayerNorm"}


@torch.no_grad()
def start_writer(writer: Writer, backbone: nn.Module) -> None:
    """Copy the encoder's layers into a decoder, both attentions from the same one (Rothe et al. 2020).

    Of more layers than the decoder has, those are taken that are evenly spread, the last among them. A backbone whose
    layers are not BERT's leaves the random start.
    """
    layers = getattr(getattr(backbone, "encoder", None), "layer", None)
    if layers is None or len(layers) < len(writer.layers) or not _fits(layers[0].state_dict(), writer.layers[0]):
        return
    for number, ours in enumerate(writer.layers, 1):
        theirs = layers[round(number * len(layers) / len(writer.layers)) - 1].state_dict()
        for part in (ours.own, ours.article):
            _fill(part, theirs, _ATTENTION)
        _fill(ours, theirs, _NETWORK)
    below: Any = backbone.embeddings
    ids = torch.arange(len(writer.positions.weight)) % len(below.position_embeddings.weight)
    writer.positions.weight.copy_(below.position_embeddings.weight[ids] + below.token_type_embeddings.weight[0])
    writer.norm.load_state_dict(below.LayerNorm.state_dict())


def _fits(theirs: Mapping[str, Tensor], ours: WriterLayer) -> bool:
    names = (*_ATTENTION.values(), *_NETWORK.values())
    there = all(f"{name}.weight" in theirs for name in names)
    return there and theirs["intermediate.dense.weight"].shape == ours.inner.weight.shape


def _fill(part: Attention | WriterLayer, theirs: Mapping[str, Tensor], names: Mapping[str, str]) -> None:
    for own, name in names.items():
        target: Any = getattr(part, own)
        target.weight.copy_(theirs[f"{name}.weight"])
        target.bias.copy_(theirs[f"{name}.bias"])
