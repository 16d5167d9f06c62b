"""A GPU's memory, and waiting for its work; on a CPU there is nothing to wait for, and nothing to tell."""

import shutil
import subprocess
from collections.abc import Callable
from typing import TypeVar

import torch

MIB = 2**20

Answer = TypeVar("Answer")


def is_card(device: str) -> bool:
    """Whether a device is a GPU."""
    return device.startswith("cuda")


def wait(device: str) -> None:
    """Until all that was asked of a device is done."""
    if is_card(device):
        torch.cuda.synchronize(device)


def allocated(device: str) -> float:
    """MiB of a card that tensors take now; 0 on a CPU."""
    return torch.cuda.memory_allocated(device) / MIB if is_card(device) else 0.0


def watched(run: Callable[[], Answer], device: str) -> tuple[Answer, float]:
    """What `run` gives, and the most MiB of a card that tensors took meanwhile."""
    if not is_card(device):
        return run(), 0.0
    torch.cuda.reset_peak_memory_stats(device)
    answer = run()
    wait(device)
    return answer, torch.cuda.max_memory_allocated(device) / MIB


def told(device: str) -> str:
    """Memory, driver and settings of a card in a few words; nothing of a CPU."""
    if not is_card(device):
        return ""
    total = torch.cuda.get_device_properties(device).total_memory / MIB
    tf32 = "on" if torch.backends.cuda.matmul.allow_tf32 else "off"
    return f"{total:,.0f} MiB, driver {_driver()}, CUDA {torch.version.cuda}, TF32 {tf32}"


def _driver() -> str:
    program = shutil.which("nvidia-smi")
    if program is None:
        return "unknown"
    asked = [program, "--query-gpu=driver_version", "--format=csv,noheader"]
    answer = subprocess.run(asked, check=False, stdout=subprocess.PIPE, text=True).stdout.split()
    return answer[0] if answer else "unknown"
