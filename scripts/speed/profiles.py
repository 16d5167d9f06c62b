"""Where the time of tagging goes."""

import time
from collections.abc import Iterable, Mapping

from torch.profiler import ProfilerActivity, profile

from speed.contenders import Spec, load
from speed.setting import Section, Setting
from speed.shapes import ALL_WINDOWS, MINILM, TINY, Heads, bundle
from svodka.errors import ConfigError

# Kind of work -> how the names of torch's operators for it begin, without their namespace.
KINDS = {
    "matrix products": ("addmm", "mm", "bmm", "mkldnn_linear", "linear_dynamic", "linear_relu_dynamic"),
    "attention": ("_scaled_dot_product", "_flash_attention"),
}
OTHER, OUTSIDE = "other operators", "outside torch"


def profiles(setting: Setting, peaks: Mapping[str, float]) -> Section:
    """Shares of the time by kind of work, for each engine over the two encoders."""
    articles, cells, data = setting.articles[: setting.n], [], {}
    for shape, windows in ((TINY, ALL_WINDOWS), (MINILM, 1)):
        for engine in setting.engines:
            spec = Spec("", "svodka", str(bundle(shape, Heads(), setting)), engine=engine, windows=windows)
            try:
                contender = load(spec, setting.device)
            except ConfigError:
                continue
            contender.run(articles)
            began = time.perf_counter()
            with profile(activities=[ProfilerActivity.CPU]) as found:
                contender.run(articles)
                seconds = time.perf_counter() - began
            name = f"{shape.name}, {'whole articles' if windows > 1 else '512 tokens'}, {engine}"
            data[name] = shares({event.key: event.self_cpu_time_total / 1e6 for event in found.key_averages()}, seconds)
            cells.append([name, f"{seconds:.2f}", *(f"{share:.0%}" for share in data[name].values())])
    header = ("", "seconds", *KINDS, OTHER, OUTSIDE)
    notes = [
        f"{len(articles)} articles, one run under torch's profiler. Outside torch: reading the text, sentences, "
        "tokens, and what Python does between operators."
    ]
    return Section("Where the time goes", header, cells, notes, data)


def shares(seconds: Mapping[str, float], whole: float) -> dict[str, float]:
    """Shares of `whole` by kind of work.

    Args:
        seconds: of each operator, what it calls left out.
        whole: of everything.
    """
    by_kind = {kind: _sum(seconds, starts) for kind, starts in KINDS.items()}
    within = sum(seconds.values())
    by_kind[OTHER] = within - sum(by_kind.values())
    by_kind[OUTSIDE] = max(0.0, whole - within)
    return {kind: taken / whole for kind, taken in by_kind.items()}


def _sum(seconds: Mapping[str, float], starts: Iterable[str]) -> float:
    return sum(taken for name, taken in seconds.items() if name.rpartition("::")[2].startswith(tuple(starts)))
