"""Steps of a stage that lasts so many seconds."""

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

_WARMUP, _FLOOR = 0.05, 0.02  # share of a stage; share of the peak rate at its end
_BETAS = (0.9, 0.98)
_MOST_GRADIENT = 1.0


class Clock:
    """How far a stage is."""

    def __init__(self, seconds: float) -> None:
        self._began, self._seconds, self.step = time.monotonic(), seconds, 0

    @property
    def gone(self) -> float:
        """The share of its time that is over."""
        return (time.monotonic() - self._began) / self._seconds if self._seconds else 1.0

    @property
    def goes_on(self) -> bool:
        """Whether there is time for a step."""
        return self.gone < 1

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Does not count the time of a block."""
        began = time.monotonic()
        yield
        self._began += time.monotonic() - began


def optimizer_of(
    parts: Sequence[tuple[nn.Module, float]], device: torch.device, *, decay: float = 0.02
) -> torch.optim.AdamW:
    """AdamW over modules with their peak rates; vectors, as biases and norms, do not decay."""
    groups = []
    for module, rate in parts:
        learning = [weight for weight in module.parameters() if weight.requires_grad]
        for matrices, own in ((True, decay), (False, 0.0)):
            weights = [weight for weight in learning if (weight.dim() > 1) == matrices]
            if weights:
                groups.append({"params": weights, "lr": rate, "peak": rate, "weight_decay": own})
    return torch.optim.AdamW(groups, betas=_BETAS, fused=device.type == "cuda")


def set_rates(optimizer: torch.optim.Optimizer, gone: float) -> None:
    """Up to the peak, then down along half a cosine."""
    falling = 0.5 * (1 + math.cos(math.pi * min(1.0, max(0.0, (gone - _WARMUP) / (1 - _WARMUP)))))
    share = min(1.0, gone / _WARMUP) * (_FLOOR + (1 - _FLOOR) * falling)
    for group in optimizer.param_groups:
        group["lr"] = group["peak"] * share


def take_step(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    """One step against a loss."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    nn.utils.clip_grad_norm_(weights, _MOST_GRADIENT, foreach=True)
    optimizer.step()
