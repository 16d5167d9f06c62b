"""Where the time of tagging goes."""

import time
from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch.profiler import ProfilerActivity, profile

from speed.card import is_card
from speed.contenders import Spec, load
from speed.machine import threads
from speed.setting import Section, Setting
from speed.shapes import ALL_WINDOWS, MINILM, TINY, Heads, bundle
from svodka.errors import ConfigError

# Kind of work -> how the names of torch's operators for it begin, without their namespace.
KINDS = {
    "matrix products": ("addmm", "mm", "bmm", "mkldnn_linear", "linear_dynamic", "linear_relu_dynamic"),
    "attention": ("_scaled_dot_product", "_flash_attention"),
}
# The same kinds -> what stands in the names of a card's kernels; the first kind that fits counts.
KERNELS = {
    "attention": ("flash", "fmha", "attention", "sdpa"),
    "matrix products": ("gemm", "gemv", "nvjet", "cutlass", "cublas", "splitk"),
}
OTHER, OUTSIDE = "other operators", "outside torch"
_OUTSIDE_NOTE = "Outside torch: reading the text, sentences, tokens, and what Python does between operators."


def profiles(setting: Setting, peaks: Mapping[str, float]) -> Section:
    """Shares of the time by kind of work, for each engine over the two encoders.

    On a CPU by a single core: with several, articles are computed on threads that torch's profiler does not watch.
    """
    articles, cells, data = setting.articles[: setting.n], [], {}
    on_card = is_card(setting.device)
    for shape, windows in ((TINY, ALL_WINDOWS), (MINILM, 1)):
        for engine in setting.engines:
            spec = Spec("", "svodka", str(bundle(shape, Heads(), setting)), engine=engine, windows=windows)
            try:
                contender = load(spec, setting.device)
            except ConfigError:
                continue
            with threads(torch.get_num_threads() if on_card else 1):
                contender.run(articles)
                found, seconds = profiled(partial(contender.run, articles), setting.device)
            name = f"{shape.name}, {'whole articles' if windows > 1 else '512 tokens'}, {engine}"
            data[name] = found
            cells.append([name, f"{seconds:.2f}", *(f"{share:.0%}" for share in found.values())])
    header = ("", "seconds", *KINDS, OTHER, OUTSIDE)
    notes = [f"{len(articles)} articles, one run under torch's profiler. {_OUTSIDE_NOTE}"]
    notes.append(
        "Shares by kernel of the card; outside torch it waits for the host, which does all that meanwhile."
        if on_card
        else "By one core."
    )
    return Section("Where the time goes", header, cells, notes, data)


def profiled(
    run: Callable[[], object], device: str, *, unwatched: float | None = None
) -> tuple[dict[str, float], float]:
    """Shares of the time of `run` by kind of work, and its seconds: of the processor's time, or of a card's.

    Args:
        run: what is done; it returns when a card is done too.
        device: where the arithmetic runs.
        unwatched: seconds without the profiler, which slows a host but not the kernels of its card: the shares are
            of these, where a card does the work.
    """
    on_card = is_card(device)
    activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if on_card else [])]
    with profile(activities=activities) as found:
        began = time.perf_counter()
        run()
        whole = time.perf_counter() - began
    events = found.key_averages()
    if on_card:
        # An operator's event counts its kernels once more.
        kernels = {e.key: e.self_device_time_total / 1e6 for e in events if e.device_type.name == "CUDA"}
        return shares(kernels, unwatched or whole, kind=kernel_kind), whole
    return shares({event.key: event.self_cpu_time_total / 1e6 for event in events}, whole), whole


def shares(seconds: Mapping[str, float], whole: float, *, kind: Callable[[str], str] | None = None) -> dict[str, float]:
    """Shares of `whole` by kind of work.

    Args:
        seconds: of each operator, what it calls left out.
        whole: of everything.
        kind: of an operator; None knows those of torch by name.
    """
    told = kind or operator_kind
    by_kind = {
        wanted: sum(taken for name, taken in seconds.items() if told(name) == wanted) for wanted in (*KINDS, OTHER)
    }
    by_kind[OUTSIDE] = max(0.0, whole - sum(seconds.values()))
    return {kind: taken / whole for kind, taken in by_kind.items()}


def operator_kind(name: str) -> str:
    """The kind of one of torch's operators."""
    bare = name.rpartition("::")[2]
    return next((kind for kind, starts in KINDS.items() if bare.startswith(starts)), OTHER)


def kernel_kind(name: str) -> str:
    """The kind of a kernel of a card."""
    small = name.lower()
    return next((kind for kind, parts in KERNELS.items() if any(part in small for part in parts)), OTHER)
