"""Memory of a contender in a process of its own.

Run as `python -m speed.memory SPEC ARTICLES N DEVICE` by the benchmark; prints one JSON object. Without arguments it
imports the modules named on standard input, and prints what they take.
"""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from itertools import cycle, islice
from pathlib import Path
from typing import TypeVar

MIB = 2**20
HALVINGS = 4
_SCRIPTS = Path(__file__).resolve().parent.parent

Item = TypeVar("Item")


@dataclass(frozen=True)
class Memory:
    """Resident memory of a process in MiB.

    Attributes:
        imported: of a process that has imported every module which this one used in the end, and did nothing.
        loaded: after the model was loaded.
        peak: largest while articles were read; of the whole process where a system cannot tell (not Linux).
        whole: largest of the whole process.
        weights: the model's weights in float32.
        marks: the peak behind so many articles, each twice as many as before, of a contender that reads a stream.
    """

    imported: float
    loaded: float
    peak: float
    whole: float
    weights: float
    marks: dict[int, float] = field(default_factory=dict)

    @property
    def above(self) -> float:
        """What the model and its work take: the peak less what the libraries take."""
        return self.peak - self.imported

    @property
    def allowed(self) -> float:
        """1.3 times the weights and 200 MB."""
        return 1.3 * self.weights + 200e6 / MIB


def measure(spec: str, articles: Path, n: int, *, device: str) -> Memory:
    """Let a new process read `n` articles.

    Args:
        spec: the contender, as `Spec.to_json` gives it.
        articles: file that `articles.save` wrote; it is read from its start again where it has fewer.
        n: how many.
        device: where the arithmetic runs.

    Raises:
        subprocess.CalledProcessError: it failed; what it said stands on standard error.
    """
    found = json.loads(_child([spec, str(articles), str(n), device]))
    imported = float(_child([], given="\n".join(found.pop("modules"))))
    marks = {int(read): peak for read, peak in found.pop("marks").items()}
    return Memory(imported=imported, marks=marks, **found)


def marked(items: Iterable[Item], n: int, peaks: dict[int, float]) -> Iterator[Item]:
    """The items, of which there are `n`; `peaks` gets the peak when a half, a quarter, … of them was taken.

    Whoever reads blocks of a stream is done with those before the one that it takes.
    """
    marks = {n >> halved for halved in range(1, HALVINGS + 1)} - {0}
    for taken, item in enumerate(items):
        if taken in marks:
            peaks[taken] = _resident("VmHWM")
        yield item


def _child(arguments: Sequence[str], given: str = "") -> str:
    """The last line that a new process of this module prints."""
    paths = [str(_SCRIPTS), *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(
        [sys.executable, "-m", "speed.memory", *arguments],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        input=given,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout.splitlines()[-1]


def main(arguments: Sequence[str]) -> None:
    """The child's part."""
    if not arguments:
        _import(sys.stdin.read().split())
        print(_resident("VmRSS"))
        return
    from speed.articles import load as load_articles
    from speed.contenders import Spec, load

    spec, path, n, device = arguments
    contender = load(Spec(**json.loads(spec)), device)
    weights, articles, loaded = contender.weight_bytes, load_articles(Path(path)), _resident("VmRSS")
    before = _resident("VmHWM")
    _forget_peak()
    marks: dict[int, float] = {}
    contender.consume(marked(islice(cycle(articles), int(n)), int(n), marks))
    peak = marks[int(n)] = _resident("VmHWM")
    found = {"loaded": loaded, "peak": peak, "whole": max(before, peak), "weights": weights / MIB, "marks": marks}
    print(json.dumps(found | {"modules": list(sys.modules)}))


def _import(names: Sequence[str]) -> None:
    for name in names:
        # Some were put there by hand, and cannot be imported by name.
        with suppress(Exception):
            import_module(name)


def _resident(field: str) -> float:
    """A field of /proc/self/status in MiB; elsewhere the largest of the whole process.

    Linux counts the parent's memory into a child's `ru_maxrss`, so that it serves only where there is nothing else.
    """
    path = Path("/proc/self/status")
    if path.exists():
        return int(next(line for line in path.read_text().splitlines() if line.startswith(field)).split()[1]) / 1024
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (MIB if sys.platform == "darwin" else 1024)


def _forget_peak() -> None:
    """Let the peak count from here, where the system can."""
    path = Path("/proc/self/clear_refs")
    if path.exists():
        path.write_text("5")


if __name__ == "__main__":
    main(sys.argv[1:])
