"""`svodka` as a user calls it, each command in a process of its own that a warm one has forked.

The warm process has loaded what takes seconds to load; a command starts in it as in a fresh one. What a command loads,
and when, is asked elsewhere of processes that start from nothing.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["torch", "transformers", "tokenizers", "trafilatura", "pyarrow.parquet", "svodka.cli"])
# As wide as messages need to stand in one line.
SETTINGS = {"HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1", "COLUMNS": "200"}


def svodka(*arguments: object, stdin: str = "", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command in the folder `cwd`; its exit code, and what it printed to both streams."""
    command = [*map(str, arguments)]
    with tempfile.TemporaryDirectory() as folder:
        streams = [Path(folder) / name for name in ("stdin", "stdout", "stderr")]
        streams[0].write_text(stdin, encoding="utf-8")
        process = FORKS.Process(target=_command, args=(command, streams, cwd or Path.cwd(), os.environ | SETTINGS))
        process.start()
        process.join()
        printed = [path.read_text(encoding="utf-8") for path in streams[1:]]
    assert process.exitcode is not None
    return subprocess.CompletedProcess(command, process.exitcode, *printed)


def _command(arguments: list[str], streams: list[Path], cwd: Path, environment: dict[str, str]) -> None:
    for number, path in enumerate(streams):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND), number)
    sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(cwd)
    sys.argv = ["svodka", *arguments]
    from svodka.cli import main

    main()
