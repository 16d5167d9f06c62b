"""What is trained: an encoder, the head of tags and topics, and a decoder; and how good they are.

l: tags, k: topics, v: pieces, d: width of a state.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from torch import Tensor

from on_gpu.articles import KINDS, Articles
from on_gpu.material import Material
from on_gpu.network import packed, packed_encoder, some_layers, states_of, token_states, unpacked, with_layers
from on_gpu.tasks import average_precisions, label_logits, writing_loss
from svodka.heads.decoder import DecoderSettings
from svodka.heads.tags import LabelAttention
from svodka.heads.writer import Writer
from svodka.training.writer_start import start_writer

DECODER_LAYERS, DECODER_TOKENS = 3, 96
_DROPOUT, _HEAD_DROPOUT, _NAME_DROPOUT = 0.1, 0.3, 0.15
_AT_ONCE = 32  # articles


@dataclass
class Parts:
    """An encoder with the head and the decoder that read it."""

    encoder: Any
    head: LabelAttention
    writer: Writer

    @classmethod
    def begin(cls, folder: Path, device: torch.device) -> "Parts":
        """The packed encoder and head, and a decoder that starts from the encoder's layers."""
        encoder = packed_encoder(folder, dropout=_DROPOUT)
        head = head_of(safetensors.torch.load_file(folder / "head.safetensors"))
        config = encoder.config
        settings = DecoderSettings(
            weight=1.0,
            layers=min(DECODER_LAYERS, config.num_hidden_layers),
            max_tokens=DECODER_TOKENS,
            heads=config.num_attention_heads,
            inner=config.intermediate_size,
        )
        writer = Writer(settings, config.hidden_size, config.vocab_size)
        start_writer(writer, encoder)
        return cls(encoder.to(device), head.to(device), writer.to(device))

    def earlier(self, folder: Path) -> "Parts | None":
        """The layers and the head of the bundle that was packed, beside this decoder; None if it has as many layers."""
        if not (folder / "earlier.safetensors").exists():
            return None
        layers = unpacked(safetensors.torch.load_file(folder / "earlier.safetensors"))
        head = head_of(safetensors.torch.load_file(folder / "head.safetensors"))
        device = self.embedding.device
        return Parts(with_layers(self.encoder, layers).to(device), head.to(device), self.writer)

    def copy(self) -> "Parts":
        """Another encoder and head with the same weights, and the same decoder."""
        kept = range(len(self.encoder.encoder.layer))
        encoder = some_layers(self.encoder, kept, dropout=0.0).to(self.embedding.device)
        return Parts(encoder, head_of(self.head.state_dict()).to(self.embedding.device), self.writer)

    def freeze(self) -> None:
        """Teach from now on, and learn no more."""
        for part in (self.encoder, self.head):
            part.eval().requires_grad_(False)

    def train(self, mode: bool = True) -> None:
        """Dropout or none, in all of them."""
        for part in (self.encoder, self.head, self.writer):
            part.train(mode)

    @property
    def embedding(self) -> Tensor:
        """Of the tokens [v, d]."""
        found: Tensor = self.encoder.embeddings.word_embeddings.weight.detach()
        return found

    def save(self, folder: Path) -> None:
        """Write layers, head and decoder, each into a file of its own."""
        layers = {name: one for name, one in self.encoder.state_dict().items() if name.startswith("encoder.")}
        safetensors.torch.save_file(packed(layers), folder / "layers.safetensors")
        head = {name: weight.half().cpu().contiguous() for name, weight in self.head.state_dict().items()}
        safetensors.torch.save_file(head, folder / "head.safetensors")
        safetensors.torch.save_file(packed(self.writer.state_dict()), folder / "writer.safetensors")


def head_of(weights: dict[str, Tensor]) -> LabelAttention:
    """The head of tags and topics with these weights."""
    labels, width = weights["query.weight"].shape
    head = LabelAttention(width, labels, dropout=_HEAD_DROPOUT, named=True, name_dropout=_NAME_DROPOUT)
    head.load_state_dict({name: weight.float() for name, weight in weights.items()})
    return head


def amp(device: torch.device) -> torch.autocast:
    """Products in bfloat16 where there is a GPU."""
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda")


@torch.no_grad()
def read_names(parts: Parts, articles: Articles, device: torch.device) -> None:
    """Give the head the names of tags and topics as the encoder reads them now."""
    training = parts.encoder.training
    parts.encoder.eval()
    ids = torch.from_numpy(articles.name_ids.astype(np.int64)).to(device)
    mask = torch.from_numpy(articles.name_mask).to(device)
    with amp(device):
        states = token_states(parts.encoder, ids, mask).float()
    real = mask.unsqueeze(-1).float()
    assert parts.head.names is not None
    parts.head.names.read((states * real).sum(dim=1) / real.sum(dim=1))
    parts.encoder.train(training)


@torch.no_grad()
def validate(parts: Parts, material: Material) -> dict[str, float]:
    """Average precision of the attention on the validation articles: of tags, of the main corpus', of topics."""
    parts.train(False)
    found = []
    for chosen in _portions(np.arange(len(material.held_windows)), _AT_ONCE):
        batch = material.held_windows.batch(chosen)
        with amp(material.device):
            (states,) = states_of(parts.encoder, [batch])
            found.append(label_logits(parts.head, batch, states).float())
    parts.train()
    logits, main = torch.cat(found), material.articles.corpus[material.held_out] == 0
    tags, topics = average_precisions(logits, material.held_labels)
    return {"tags": tags, "main": average_precisions(logits, material.held_labels, main)[0], "topics": topics}


@torch.no_grad()
def watch(parts: Parts, material: Material) -> dict[str, float]:
    """Mean loss of a token of the watched texts, by kind; of none 0."""
    parts.train(False)
    found: dict[str, float] = {}
    for kind in KINDS:
        written, total, tokens = material.written[kind], 0.0, 0
        for chosen in _portions(written.watched, 2 * _AT_ONCE):
            batch, texts = written.of(chosen)
            with amp(material.device):
                (states,) = states_of(parts.encoder, [batch])
                loss, count = writing_loss(
                    parts.writer, batch, states, texts=texts, embedding=parts.embedding, smoothing=0.0
                )
            total, tokens = total + float(loss), tokens + count
        found[kind] = total / max(1, tokens)
    parts.train()
    return found


def _portions(places: np.ndarray[Any, np.dtype[np.int64]], size: int) -> list[np.ndarray[Any, np.dtype[np.int64]]]:
    return np.array_split(places, -(-len(places) // size)) if len(places) else []
