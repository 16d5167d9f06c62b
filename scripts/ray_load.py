#!/usr/bin/env python3
"""Workers of a Ray cluster killed again and again: does the run end, with the bytes of a run without a cluster?

    scripts/ray_load.py --n 50000 --seconds 60

The cluster is two nodes on this machine, as Ray's own tests make them; two of its four workers are killed every so many
seconds. The articles are those of bulk_load.py. Without --bundle a tiny model is made first. It needs Linux.
"""

import argparse
import os
import random
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from benchmark_batch import tiny_bundle, write_rows
from bulk_load import Load, check, check_same, count_lines, followed, rejects_of

_WORKERS, _AT_ONCE = 4, 2
_CPUS_OF_A_NODE = 3  # two workers, and one for reading


@contextmanager
def cluster() -> Iterator[None]:
    """Two nodes that runs of this process join."""
    # On a busy machine workers at Ray's own niceness, 15, take minutes to load a model.
    os.environ.setdefault("RAY_worker_niceness", "0")
    from ray.cluster_utils import Cluster

    made: Any = Cluster(initialize_head=True, head_node_args={"num_cpus": _CPUS_OF_A_NODE})
    try:
        made.add_node(num_cpus=_CPUS_OF_A_NODE)
        os.environ["RAY_ADDRESS"] = made.address
        yield
    finally:
        made.shutdown()


def killed_now_and_then(process: "subprocess.Popen[str]", seconds: float, chance: random.Random) -> int:
    """Kill workers while a run goes on; how many."""
    kills, due = 0, time.monotonic() + seconds
    while process.poll() is None:
        time.sleep(0.2)
        alive = workers() if time.monotonic() >= due else []
        if len(alive) == _WORKERS:  # those that were killed last are back
            for one in chance.sample(alive, _AT_ONCE):
                os.kill(one, signal.SIGKILL)
            kills, due = kills + _AT_ONCE, time.monotonic() + seconds
    return kills


def workers() -> list[int]:
    """Processes of this script's cluster that have loaded a model."""
    found = []
    for told in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has ended meanwhile
            name = told.read_bytes()
            loaded = name.startswith(b"ray::MapWorker") and b"__init__" not in name
            if loaded and _is_below(int(told.parent.name), os.getpid()):
                found.append(int(told.parent.name))
    return found


def _is_below(process: int, ancestor: int) -> bool:
    while process > 1 and process != ancestor:
        process = int(Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
    return process == ancestor


def main() -> None:
    """Run without and with a cluster, and print what came of it."""
    given = options().parse_args()
    with tempfile.TemporaryDirectory() as name:
        load = Load(Path(name), given.bundle or tiny_bundle(Path(name)), given.n, 0, random.Random(given.seed))
        source, whole, shared = (load.folder / one for one in ("rows.jsonl", "whole.jsonl", "shared.jsonl"))
        write_rows(source, load.n, most=1)
        followed(load, load.run("annotate", source, "--output", whole), lambda: 0)
        begun = time.monotonic()
        with cluster():
            process = load.run("annotate", source, "--output", shared, "--runner", "ray", "--workers", _WORKERS)
            kills = killed_now_and_then(process, given.seconds, load.chance)
            followed(load, process, lambda: 0)
        check_same(whole, shared, kills)
        check(load, count_lines(shared) + count_lines(rejects_of(shared)))
    print(f"ray: {load.n:,} articles in {time.monotonic() - begun:.0f} s; {kills} workers killed, the same bytes")


def options() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=50_000, help="articles (%(default)s)")
    parser.add_argument("--seconds", type=float, default=60, help="between two kills (%(default)s)")
    parser.add_argument("--bundle", help="folder; by default a tiny model is made")
    parser.add_argument("--seed", type=int, default=0, help="of which are killed (%(default)s)")
    return parser


if __name__ == "__main__":
    main()
