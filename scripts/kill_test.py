#!/usr/bin/env python3
"""Kill a bulk run again and again, and see that nothing is lost, doubled or changed.

A child process annotates into a file and is killed with SIGKILL at a system call drawn at random: before it, after
it, or, of a write, in the middle. Half of the kills are losses of power: what was not synced is gone too. The same
run is then started again, and killed again, until it ends; its files must then be byte for byte those of a run that
nobody disturbed. The model is loaded once; each child is a fork.

Usage: scripts/kill_test.py BUNDLE [--kills 100] [--seed 0]
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Before torch: a fork must not inherit its threads.
os.environ.update(OMP_NUM_THREADS="1", TOKENIZERS_PARALLELISM="false", HF_HUB_OFFLINE="1")

from svodka.bulk.annotate import FileTarget, identity
from svodka.bulk.options import AnnotateOptions
from svodka.bulk.run import LocalRunner, RunPlan, run_to_files
from svodka.bulk.worker import BlockWorker
from svodka.inputs.sources import Inputs

FORMS = ("jsonl", "parquet", "jsonl.gz", "jsonl.zst")
CALLS = ("write", "fsync", "replace", "unlink", "ftruncate")
BLOCK_ROWS = 4  # small: many places to die in
ROWS = 30


class Quiet:
    """A monitor that says nothing."""

    def begin(self, *_: object) -> None: ...
    def advance(self, *_: object) -> None: ...
    def end(self) -> None: ...


class Killer:
    """Counts this process's system calls on files, and kills it at one of them; 0 only counts."""

    def __init__(self, at: int, chance: random.Random) -> None:
        self.at, self.count, self._chance = at, 0, chance
        self._power = chance.random() < 0.5
        self._synced: dict[str, int] = {}
        for name in CALLS:
            setattr(os, name, self._counted(name, getattr(os, name)))

    def _counted(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            self.count += 1
            fatal = self.count == self.at
            if fatal and self._chance.random() < 0.5:
                if name == "write":
                    call(given[0], given[1][: self._chance.randrange(len(given[1]) + 1)])
                self._die()
            answer = call(*given, **named)
            if name in ("fsync", "ftruncate"):
                self._note(given[0])
            if fatal:
                self._die()
            return answer

        return counted

    def _note(self, file: int) -> None:
        path = str(Path(f"/proc/self/fd/{file}").readlink())
        if path.endswith(".partial"):
            self._synced[path] = os.fstat(file).st_size

    def _die(self) -> None:
        for path, size in self._synced.items() if self._power else ():
            # Only the beginning of what was never synced may have come to the disk.
            if os.path.exists(path) and os.path.getsize(path) > size:  # noqa: PTH110, PTH202
                os.truncate(path, self._chance.randint(size, os.path.getsize(path)))  # noqa: PTH202
        os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Run until enough kills have been survived."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    options = AnnotateOptions(bundle=given.bundle, device="cpu")
    annotator = options.load()
    chance = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as name:
        inputs = Inputs((write_rows(Path(name)),), block_rows=BLOCK_ROWS)
        plans = {
            form: RunPlan(
                inputs,
                (target := FileTarget(Path(name) / form / f"out.{form}")).files(),
                identity(annotator, options, inputs, target),
                sync_seconds=0,
            )
            for form in FORMS
        }
        kills = survive(plans, LocalRunner(BlockWorker(annotator)), chance, given.kills)
    print(f"{kills} kills survived (seed {given.seed}): every output equals that of an undisturbed run")


def survive(plans: dict[str, RunPlan], runner: LocalRunner, chance: random.Random, wanted: int) -> int:
    """Kill runs of all forms by turns until `wanted` kills; returns how many there were."""
    whole = {form: undisturbed(plan, runner) for form, plan in plans.items()}
    kills = 0
    while kills < wanted:
        for form, plan in plans.items():
            clear(plan)
            calls = whole[form][0]
            while killed(plan, runner, chance.randint(1, calls), chance.randrange(2**32)):
                kills += 1
            if contents(plan) != whole[form][1]:
                sys.exit(f"after {kills} kills the files of {form} are not those of an undisturbed run")
    return kills


def undisturbed(plan: RunPlan, runner: LocalRunner) -> tuple[int, dict[str, bytes]]:
    """Number of system calls of a whole run, and the files that it leaves."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        counter = Killer(0, random.Random(0))
        run_to_files(plan, runner, Quiet())
        count = str(counter.count).encode()
        os.write(writer, count)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as told:
        calls = int(told.read())
    os.waitpid(child, 0)
    return calls, contents(plan)


def killed(plan: RunPlan, runner: LocalRunner, at: int, seed: int) -> bool:
    """Go on with the run in a child that is to die at call `at`; whether it died before it was done."""
    child = os.fork()
    if not child:
        try:
            Killer(at, random.Random(seed))
            run_to_files(plan, runner, Quiet())
            os._exit(0)
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            os._exit(1)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        sys.exit("a run that was killed cannot go on")
    return os.WIFSIGNALED(status)


def contents(plan: RunPlan) -> dict[str, bytes]:
    """Every file beside the output."""
    return {path.name: path.read_bytes() for path in sorted(plan.files.output.parent.iterdir())}


def clear(plan: RunPlan) -> None:
    """Remove everything beside the output."""
    for path in plan.files.output.parent.iterdir():
        path.unlink()


def write_rows(folder: Path) -> str:
    """Short articles, legal doubles and broken rows among them."""
    good = [
        {"id": i, "text": f"Автобус номер {i % 7} пошёл по новому мосту. Жители довольны.", "n": i} for i in range(ROWS)
    ]
    lines = [json.dumps(row, ensure_ascii=False).encode() for row in good]
    lines[5::9] = [b"{broken", b'{"id": 1, "text": ""}', b"\xff\xfe"][: len(lines[5::9])]
    lines += [lines[0], lines[0]]
    path = folder / "rows.jsonl"
    path.write_bytes(b"\n".join(lines) + b"\n")
    return str(path)


if __name__ == "__main__":
    main()
