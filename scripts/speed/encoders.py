"""How near the encoder alone comes to the matrix rate that was measured."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from speed import card
from speed.flops import EncoderSize
from speed.profiles import KINDS, OTHER, OUTSIDE, profiled
from speed.rounds import Spread, run_rounds
from speed.setting import Section, Setting
from speed.shapes import MINILM, MT5, TINY, WINDOW, Heads, bundle
from svodka.bundle import load_bundle
from svodka.engines import make_engine
from svodka.engines.arithmetic import fast_encoder

# Engine -> the number format of its products, as `machine.peaks` names it.
FORMATS = {"fast": "float32", "bf16": "bfloat16"}
SHAPES = ((TINY, Heads()), (MINILM, Heads()), (MT5, Heads(writes=True)))
ON_CPU, ON_CARD = (2048, 8192), (8192, 32_768, 131_072)  # tokens at once
_HEADER = (
    "", "tokens at once", "tokens/s", "TFLOP/s", "peak", "of the peak", "time over the floor", *KINDS, OTHER, OUTSIDE,
)  # fmt: skip
# A round takes about so long: a batch alone may be done in less time than a clock tells well.
_ROUND_SECONDS = 0.2


@dataclass(frozen=True)
class Run:
    """An encoder with a batch to read.

    Attributes:
        read: read it once; a card may still be at work afterwards.
        tokens: of the batch.
        operations: of its matrix products.
        format: of its numbers.
    """

    read: Callable[[], object]
    tokens: int
    operations: float
    format: str


def encoders(setting: Setting, peaks: Mapping[str, float]) -> Section:
    """Full windows through the encoders of three shapes, in both number formats where the setting has them."""
    cells, data = [], {}
    for shape, heads in SHAPES:
        runs = _runs(bundle(shape, heads, setting), setting)
        times = {name: _repeats(run, setting.device) for name, run in runs.items()}
        repeated = {name: partial(_read, run, times[name], setting.device) for name, run in runs.items()}
        seconds = run_rounds(repeated, setting.rounds, setting.seed)
        for name, run in runs.items():
            each = [taken / times[name] for taken in seconds[name]]
            kinds, _ = profiled(
                partial(_read, run, 1, setting.device), setting.device, unwatched=Spread.of(each).median
            )
            cells.append([f"{shape.name}, {name.split(':')[0]}", *_cells(run, each, peaks), *_percent(kinds)])
            data[f"{shape.name}, {name}"] = {
                "tokens": run.tokens, "operations": run.operations, "seconds": each, "repeats": times[name],
                "shares": kinds,
            }  # fmt: skip
    return Section("The encoder alone", _HEADER, cells, _notes(setting), data)


def reached(operations: float, seconds: list[float], peak: float) -> tuple[Spread, Spread, Spread]:
    """TFLOP/s, share of the peak, and the time over what it would take at the peak.

    Args:
        operations: of a batch.
        seconds: of each round for a batch.
        peak: GFLOP/s.
    """
    rates = [operations / taken / 1e12 for taken in seconds]
    return (
        Spread.of(rates),
        Spread.of([1e3 * rate / peak for rate in rates]),
        Spread.of([peak / rate / 1e3 for rate in rates]),
    )


def _runs(folder: Path, setting: Setting) -> dict[str, Run]:
    """'engine: tokens' -> what is timed; an engine has the encoder that it has in an `Annotator`."""
    found = {}
    for engine in (engine for engine in setting.engines if engine in FORMATS):
        made = load_bundle(folder)
        make_engine(engine, made, device=setting.device)  # places the model, and gives it its number format
        encode, backbone = fast_encoder(made.model), made.model.backbone.config
        size = EncoderSize.of(backbone)
        for tokens in ON_CARD if card.is_card(setting.device) else ON_CPU:
            windows = tokens // WINDOW
            ids = _ids(windows, int(backbone.vocab_size), setting)
            found[f"{engine}: {tokens}"] = Run(
                partial(encode, ids, torch.ones_like(ids)), tokens, size.operations([WINDOW] * windows), FORMATS[engine]
            )
    return found


def _ids(windows: int, vocabulary: int, setting: Setting) -> Tensor:
    chance = torch.Generator().manual_seed(setting.seed)
    return torch.randint(vocabulary, (windows, WINDOW), generator=chance).to(setting.device)


def _repeats(run: Run, device: str) -> int:
    """How often a round reads the batch; warms up."""
    for _ in range(2):
        began = time.perf_counter()
        _read(run, 1, device)
        taken = time.perf_counter() - began
    return max(1, math.ceil(_ROUND_SECONDS / taken))


@torch.inference_mode()
def _read(run: Run, times: int, device: str) -> None:
    for _ in range(times):
        run.read()
    card.wait(device)


def _cells(run: Run, seconds: list[float], peaks: Mapping[str, float]) -> list[str]:
    peak = peaks[run.format]
    rate, share, gap = reached(run.operations, seconds, peak)
    speed = Spread.of([run.tokens / taken for taken in seconds])
    at_most = f"{peak / 1e3:.4g} {run.format}"
    return [f"{run.tokens:,}", f"{speed:,.0f}", f"{rate:.4g}", at_most, f"{share:.0%}", f"{gap:.2f}"]


def _percent(shares: Mapping[str, float]) -> list[str]:
    return [f"{share:.0%}" for share in shares.values()]


def _notes(setting: Setting) -> list[str]:
    return [
        f"Windows of {WINDOW} full tokens, {setting.rounds} rounds; median [least, most]. Operations are those of all "
        "matrix products, attention's among them, and the floor is the time that they take at the measured peak.",
        "The last columns are shares of the time of a batch, by kind of "
        + (
            "kernel as torch's profiler tells; in the last one the card waits for the host."
            if card.is_card(setting.device)
            else "operator, one batch under torch's profiler."
        ),
    ]
