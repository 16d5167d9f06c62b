"""Engines by PyTorch, on the CPU or an accelerator: the model as trained, or with fewer bits in its matrices."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from svodka.bundle import Bundle
from svodka.engines.arithmetic import OWN_FAMILIES, Writer, fast_encoder, fast_writer, stock_writer
from svodka.engines.machine import find_device, machine_kind
from svodka.engines.products import Int8Linear
from svodka.engines.result import EngineResult, Floats
from svodka.errors import ConfigError
from svodka.model.batch import pad_encodings
from svodka.model.encoding import Encoding
from svodka.model.reading import HeadOutputs, WindowEncoder

_NOTHING: Floats = np.zeros((0,))


class TorchEngine:
    """Runs a bundle's model by PyTorch."""

    def __init__(
        self, bundle: Bundle, device: torch.device, *, encoder: WindowEncoder | None, writer: Writer | None
    ) -> None:
        """Wrap a bundle whose model is on `device`.

        Args:
            bundle: the model and its tokenizer.
            device: where the model is.
            encoder: what computes token states; None is the model itself.
            writer: what writes summaries; None if there is no decoder.
        """
        self.device = device
        self._model = bundle.model
        self._tokenizer = bundle.tokenizer
        self._encoder, self._writer = encoder, writer

    @property
    def machine(self) -> str:
        """Kind of processor, see `machine_kind`."""
        return machine_kind(self.device)

    @torch.inference_mode()
    def run(self, encodings: Sequence[Encoding], *, write: bool) -> list[EngineResult]:
        """Read each encoding once, and write its summary if `write` and there is a decoder."""
        padded = pad_encodings(encodings, self._tokenizer.pad_token_id)
        batch = {name: tensor.to(self.device) for name, tensor in padded.items()}
        reading = self._model.read(**batch, encoder=self._encoder)
        written = self._write(reading) if write and self._writer else [None] * len(encodings)
        # A GPU is waited for once a batch, not once a number.
        parts = (reading.tag_logits, reading.tag_evidence, reading.topic_logits, reading.sentence_logits)
        found = tuple(None if part is None else part.cpu() for part in parts)
        return [
            _result(found, row, e.n_read, text) for row, (e, text) in enumerate(zip(encodings, written, strict=True))
        ]

    def _write(self, reading: HeadOutputs) -> list[str]:
        assert self._writer is not None
        decoder = self._model.config.heads.decoder
        # M2M100 does not count its languages among the special tokens.
        around = {decoder.start, decoder.first, decoder.end}
        kept = [[token for token in row if token not in around] for row in self._writer(reading.states, reading.mask)]
        texts: list[str] = self._tokenizer.batch_decode(kept, skip_special_tokens=True)
        return texts


def reference_engine(bundle: Bundle, device: str | None) -> TorchEngine:
    """The model as trained, in float32, by transformers' own code: what other engines are held against."""
    place = _placed(bundle, device)
    writer = stock_writer(bundle.model, bundle.summary) if bundle.model.config.writes else None
    return TorchEngine(bundle, place, encoder=None, writer=writer)


def fast_engine(bundle: Bundle, device: str | None) -> TorchEngine:
    """The same numbers up to rounding, faster."""
    return _own_engine(bundle, device, int8=False)


def bf16_engine(bundle: Bundle, device: str | None) -> TorchEngine:
    """Backbone and tag head in bfloat16; the lexical branch and the choice of sentences stay in float32."""
    model = bundle.model
    model.backbone.bfloat16()
    if model.config.n_labels:
        head = model.tag_head
        _settle(head)
        for part in (head.norm, head.project, head.query, head.readout):
            part.bfloat16()
    return fast_engine(bundle, device)


def int8_engine(bundle: Bundle, device: str | None) -> TorchEngine:
    """The backbone's matrices in int8, a scale for each output; states have a scale for each token.

    Raises:
        ConfigError: another device than a CPU, or a torch without such products.
    """
    place = find_device(device or "cpu")
    if place.type != "cpu":
        raise ConfigError(f"engine 'int8' runs on a CPU only, not on '{place}'; use bf16 there")
    if bundle.model.family not in OWN_FAMILIES:
        _quantise(bundle.model.backbone)
    return _own_engine(bundle, "cpu", int8=True)


def _own_engine(bundle: Bundle, device: str | None, *, int8: bool) -> TorchEngine:
    place = _placed(bundle, device)
    model = bundle.model
    writer = fast_writer(model, bundle.summary, int8=int8) if model.config.writes else None
    return TorchEngine(bundle, place, encoder=fast_encoder(model, int8=int8), writer=writer)


def _settle(head: Any) -> None:
    """Add up once what a tag's name and the tag itself give its vectors: in a format of its own, their sum has one."""
    with torch.no_grad():
        query, readout, bias = head.vectors()
    head.query.weight, head.readout.weight, head.bias = map(torch.nn.Parameter, (query, readout, bias))
    head.names = None


def _quantise(module: torch.nn.Module) -> None:
    """Put int8 products in the place of the linear layers below a module."""
    for name, part in module.named_children():
        if isinstance(part, torch.nn.Linear):
            setattr(module, name, Int8Linear(part.weight, part.bias))
        else:
            _quantise(part)


def _placed(bundle: Bundle, name: str | None) -> torch.device:
    device = find_device(name)
    bundle.model.to(device).eval()
    return device


def _result(found: tuple[Tensor | None, ...], row: int, n_read: int, written: str | None) -> EngineResult:
    tag_logits, evidence, topic_logits, sentence_logits = found
    return EngineResult(
        tag_logits=_array(tag_logits, row),
        evidence=_NOTHING if evidence is None else _array(evidence[:, :, :n_read], row),
        topic_logits=_array(topic_logits, row),
        sentence_logits=_array(sentence_logits, row)[:n_read],
        written=written,
    )


def _array(values: Tensor | None, row: int) -> Floats:
    return _NOTHING if values is None else values[row].double().numpy()
