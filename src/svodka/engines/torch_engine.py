"""The reference engine: the model as trained, in float32 on the CPU or an accelerator."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from svodka.bundle import Bundle
from svodka.engines.result import EngineResult, Floats
from svodka.errors import ConfigError
from svodka.model.batch import pad_encodings
from svodka.model.encoding import Encoding
from svodka.model.reading import Reading

_NOTHING: Floats = np.zeros((0,))


class TorchEngine:
    """Runs a bundle's model by PyTorch."""

    def __init__(self, bundle: Bundle, device: str | None = None) -> None:
        """Move the model to a device: `cpu`, `cuda`, `cuda:1`, `mps`; None takes an accelerator if there is one.

        Raises:
            ConfigError: no such device here.
        """
        self.device = _device(device)
        self._model = bundle.model.to(self.device).eval()
        self._tokenizer = bundle.tokenizer
        self._generation = _generation(bundle) if bundle.model.config.writes else {}

    @torch.inference_mode()
    def run(self, encodings: Sequence[Encoding], *, write: bool) -> list[EngineResult]:
        """Read each encoding once, and write its summary if `write` and there is a decoder."""
        padded = pad_encodings(encodings, self._tokenizer.pad_token_id)
        batch = {name: tensor.to(self.device) for name, tensor in padded.items()}
        reading = self._model.read(**batch)
        written = self._write(reading) if write and self._model.config.writes else [None] * len(encodings)
        return [
            _result(reading, row, e.n_read, text) for row, (e, text) in enumerate(zip(encodings, written, strict=True))
        ]

    def _write(self, reading: Reading) -> list[str]:
        ids = self._model.write(reading.states, reading.mask, **self._generation)
        config = self._model.config
        # M2M100 does not count its languages among the special tokens.
        around = {config.summary_start, config.summary_first, config.summary_end}
        kept = [[token for token in row if token not in around] for row in ids.tolist()]
        texts: list[str] = self._tokenizer.batch_decode(kept, skip_special_tokens=True)
        return texts


def _device(name: str | None) -> torch.device:
    if name is None:
        accelerator = torch.accelerator.current_accelerator(check_available=True)
        return accelerator if accelerator is not None else torch.device("cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ConfigError(f"device '{name}' is not to be had here: {str(error).splitlines()[0]}") from error
    return device


def _generation(bundle: Bundle) -> dict[str, Any]:
    summary = bundle.summary
    return {
        "max_new_tokens": summary.max_new_tokens,
        "num_beams": summary.beams,
        "do_sample": False,
        "length_penalty": summary.length_penalty,
        "no_repeat_ngram_size": summary.no_repeat_ngram,
        "early_stopping": summary.beams > 1,
    }


def _result(reading: Reading, row: int, n_read: int, written: str | None) -> EngineResult:
    evidence = reading.tag_evidence
    return EngineResult(
        tag_logits=_array(reading.tag_logits, row),
        evidence=_NOTHING if evidence is None else _array(evidence[:, :, :n_read], row),
        sentence_logits=_array(reading.sentence_logits, row)[:n_read],
        written=written,
    )


def _array(values: Tensor | None, row: int) -> Floats:
    return _NOTHING if values is None else values[row].double().cpu().numpy()
