"""The machine, the versions, and what the machine can do at most."""

import os
import platform
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import tokenizers
import torch
import transformers

import svodka
from speed import card

_FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8")
# Products of [m, k] and [k, n]: a square one, and one as encoders have them. The faster one is the peak.
_PRODUCTS = ((2048, 2048, 2048), (8192, 1024, 1024))
_PRODUCTS_OF_CARD = ((8192, 8192, 8192), (32_768, 4096, 4096))
_TRIES = 7
_IN_A_ROW = 10  # products of a try on a card, behind as many that warm it up
# Without bfloat16 in hardware a product takes minutes, and no second one is needed to see it.
_LONG = 1.0


def facts(device: str) -> dict[str, Any]:
    """What a number must be read with."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cpu": _cpu_field("model name") or platform.processor() or platform.machine(),
        "flags": [flag for flag in _FLAGS if flag in _cpu_field("flags").split()],
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "device": torch.cuda.get_device_name(device) if card.is_card(device) else device,
        "card": card.told(device),
        "python": platform.python_version(),
        "svodka": svodka.__version__,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "tokenizers": tokenizers.__version__,
    }


def peaks(device: str) -> dict[str, float]:
    """Measured matrix rate in GFLOP/s by number format: the best of several products, as `torch.matmul` does them.

    A card's clock falls under load, so that it counts what lasts: the median of several tries, each of many products.
    """
    rate = _rate_of_card if card.is_card(device) else _rate
    return {name: rate(getattr(torch, name), device) for name in ("float32", "bfloat16")}


@torch.inference_mode()
def _rate(dtype: torch.dtype, device: str) -> float:
    best = 0.0
    for m, k, n in _PRODUCTS:
        a, b = _factors(m, k, n, dtype=dtype, device=device)
        for _ in range(_TRIES):
            began = time.perf_counter()
            torch.matmul(a, b)
            seconds = time.perf_counter() - began
            best = max(best, 2e-9 * m * k * n / seconds)
            if seconds > _LONG:
                return best
    return best


@torch.inference_mode()
def _rate_of_card(dtype: torch.dtype, device: str) -> float:
    found = []
    for m, k, n in _PRODUCTS_OF_CARD:
        a, b = _factors(m, k, n, dtype=dtype, device=device)
        seconds = []
        for _ in range(1 + _TRIES):
            began = time.perf_counter()
            for _ in range(_IN_A_ROW):
                torch.matmul(a, b)
            card.wait(device)
            seconds.append(time.perf_counter() - began)
        found.append(2e-9 * m * k * n * _IN_A_ROW / median(seconds[1:]))
    return max(found)


def _factors(m: int, k: int, n: int, *, dtype: torch.dtype, device: str) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.randn((m, k), device=device).to(dtype), torch.randn((k, n), device=device).to(dtype)


def _cpu_field(name: str) -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(name)), "")
