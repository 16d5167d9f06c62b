#!/usr/bin/env python
"""Hold the memory that `svodka plan` foretells against what steps of the whole model take on this CPU.

    scripts/check_plan.py [CONFIG [overrides]]

Without a config it measures those of configs/plan_check, each in a process of its own.

Builds the model with random weights, runs three steps of AdamW on articles of the planned lengths, and prints what the
process's resident memory grew by, beside the plan. The C library is told to give memory back at once: by default it
keeps pieces that were freed, and a process holds more than its tensors need. CONFIG must declare plan.sizes; lengths
are taken without spread.
"""

import gc
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import torch

from svodka.config.loading import load_run_config
from svodka.config.training import RunConfig
from svodka.model.news_model import NewsModel
from svodka.training.build import freeze, news_config
from svodka.training.costs import synthetic_batch
from svodka.training.optimizer import parameter_groups
from svodka.training.plan import plan, planned_backbone, read_data, typical_shape

ROOT = Path(__file__).resolve().parent.parent
GIB = 2**30


def status(field: str) -> int:
    """A field of /proc/self/status, in bytes."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024


def measured(config: RunConfig) -> tuple[int, float]:
    """Growth of resident memory over three steps of the whole model, and the seconds of the last one."""
    reading = read_data(config, None)
    news = news_config(config.model, planned_backbone(config, None), np.zeros((1, reading.tags)))
    device = torch.device("cpu")
    warm = torch.nn.Linear(512, 512)
    warm(torch.ones(64, 512)).sum().backward()  # libraries load their thread pools now, not while measured
    gc.collect()
    before = status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    model = NewsModel(news).train()
    freeze(model, config.training.freeze)
    if config.training.gradient_checkpointing:
        model.gradient_checkpointing_enable()
    optimiser = torch.optim.AdamW(parameter_groups(model, config.training))
    for _ in range(3):
        began = time.perf_counter()
        inputs = synthetic_batch(news, typical_shape(config, reading), config.training.batch_size, device)
        with torch.autocast("cpu", torch.bfloat16, enabled=config.training.precision == "bf16"):
            loss = model(**inputs).loss
        loss.backward()
        del loss
        optimiser.step()
        optimiser.zero_grad()
    return status("VmHWM") - before, time.perf_counter() - began


def check(path: Path, overrides: list[str]) -> None:
    """Measure, then plan, and print both."""
    config = load_run_config(path, [*overrides, "training.device=cpu"])
    sizes = config.plan.sizes.model_copy(update={"spread": 0.0}) if config.plan.sizes else None
    config = config.model_copy(update={"plan": config.plan.model_copy(update={"sizes": sizes})})
    used, seconds = measured(config)
    gc.collect()
    foretold = plan(config, offline=True)
    memory, reading = foretold.memory, foretold.reading
    names = ("weights", "gradients", "optimiser", "activations")
    parts = ", ".join(f"{name} {getattr(memory, name) / GIB:.3f}" for name in names)
    print(f"{foretold.parameters:,} parameters, {config.training.batch_size} articles of {reading.tokens:.0f} tokens")
    print(f"planned GiB: {parts}; at once {memory.peak / GIB:.3f}")
    print(f"used GiB: {used / GIB:.3f}; planned / used = {memory.peak / used:.3f}")
    if foretold.seconds is not None:
        step = foretold.seconds / foretold.steps
        print(f"planned s a step: {step:.2f}; taken {seconds:.2f}; planned / taken = {step / seconds:.3f}")


def main() -> None:
    """One config here, or all of them in processes of their own: a peak is a process's."""
    if len(sys.argv) > 1:
        check(Path(sys.argv[1]), sys.argv[2:])
        return
    for path in sorted((ROOT / "configs" / "plan_check").glob("*.yaml")):
        print(path.stem, flush=True)
        subprocess.run([sys.executable, __file__, str(path)], check=True)


if __name__ == "__main__":
    if "MALLOC_MMAP_THRESHOLD_" not in os.environ:
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | {"MALLOC_MMAP_THRESHOLD_": "65536"})
    main()
