"""Engines by PyTorch, on the CPU or an accelerator: the model as trained, or with fewer bits in its matrices."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from svodka.bundle import Bundle
from svodka.config.summary import SummaryConfig
from svodka.engines.arithmetic import (
    OWN_FAMILIES,
    WriteAll,
    Writer,
    fast_encoder,
    fast_writer,
    only_one,
    stock_writer,
)
from svodka.engines.continued import continued_writer
from svodka.engines.machine import find_device, machine_kind
from svodka.engines.own_writer import own_writer
from svodka.engines.products import Int8Linear, Maker, as_stored, for_few_rows, in_int8
from svodka.engines.result import EngineResult, Floats
from svodka.errors import ConfigError
from svodka.model.batch import pad_encodings
from svodka.model.encoding import Encoding
from svodka.model.reading import HeadOutputs, WindowEncoder

_NOTHING: Floats = np.zeros((0,))


class TorchEngine:
    """Runs a bundle's model by PyTorch."""

    def __init__(
        self, bundle: Bundle, device: torch.device, *, encoder: WindowEncoder | None, writer: WriteAll | None
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
    def run(self, encodings: Sequence[Encoding], *, write: SummaryConfig | None) -> list[EngineResult]:
        """Read each encoding once, and write what `write` asks for if there is a decoder."""
        padded = pad_encodings(encodings, self._tokenizer.pad_token_id)
        batch = {name: tensor.to(self.device) for name, tensor in padded.items()}
        if self._writer is None or (write and write.mode == "headline" and all(e.sentences[0] for e in encodings)):
            write = None  # nobody can, or they have one
        reading = self._model.read(**batch, encoder=self._encoder, writes=write is not None)
        written: list[list[str]] = self._write(reading, write) if write else [[]] * len(encodings)
        # A GPU is waited for once a batch, not once a number.
        labels = (reading.tag_logits, reading.tag_evidence, reading.topic_logits, reading.topic_evidence)
        found = tuple(None if part is None else part.cpu() for part in (*labels, reading.sentence_logits))
        return [
            _result(found, row, e.n_read, texts) for row, (e, texts) in enumerate(zip(encodings, written, strict=True))
        ]

    def _write(self, reading: HeadOutputs, asked: SummaryConfig) -> list[list[str]]:
        assert self._writer is not None
        decoder = self._model.config.heads.decoder
        # M2M100 does not count its languages among the special tokens.
        around = {decoder.start, decoder.first, decoder.end}
        found = self._writer(reading, asked)
        kept = [[token for token in ids if token not in around] for texts in found for ids in texts]
        decoded = iter(self._tokenizer.batch_decode(kept, skip_special_tokens=True))
        return [[next(decoded) for _ in texts] for texts in found]


def reference_engine(bundle: Bundle, device: str | None) -> TorchEngine:
    """The model as trained, in float32, by transformers' own code: what other engines are held against."""
    place = _placed(bundle, device)
    writer = _writer(bundle, lambda: stock_writer(bundle.model, bundle.summary), as_stored)
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
    make = in_int8 if int8 else for_few_rows
    writer = _writer(bundle, lambda: fast_writer(model, bundle.summary, int8=int8), make)
    return TorchEngine(bundle, place, encoder=fast_encoder(model, int8=int8), writer=writer)


def _writer(bundle: Bundle, of_backbone: Callable[[], Writer], make: Maker) -> WriteAll | None:
    """What writes by the decoder that a bundle has, of its own or of its backbone; None where it has none."""
    heads = bundle.model.config.heads
    if heads.continues:
        return continued_writer(bundle.model, bundle.tokenizer)
    if heads.own_writer:
        return own_writer(bundle.model, bundle.tokenizer, make)
    return only_one(of_backbone()) if heads.writes else None


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


def _result(found: tuple[Tensor | None, ...], row: int, n_read: int, written: Sequence[str]) -> EngineResult:
    tag_logits, tag_evidence, topic_logits, topic_evidence, sentence_logits = found
    return EngineResult(
        tag_logits=_array(tag_logits, row),
        evidence=_evidence(tag_evidence, row, n_read),
        topic_logits=_array(topic_logits, row),
        topic_evidence=_evidence(topic_evidence, row, n_read),
        sentence_logits=_array(sentence_logits, row)[:n_read],
        written=written[0] if written else None,
        others=tuple(written[1:]),
    )


def _evidence(shares: Tensor | None, row: int, n_read: int) -> Floats:
    return _array(None if shares is None else shares[:, :, :n_read], row)


def _array(values: Tensor | None, row: int) -> Floats:
    return _NOTHING if values is None else values[row].double().numpy()
