#!/usr/bin/env python3
"""How bulk annotation scales: rows a second, time a row and peak memory at growing numbers of rows.

The rows are short articles made of a few invented sentences, a broken one in every thousand; each size runs through
`svodka annotate` in a process of its own, so that its peak memory is its own. Without --bundle a tiny model is made
first: it shows what everything around a model costs, and says nothing about the speed of a real one.

Usage: scripts/benchmark_batch.py [--bundle BUNDLE] [--sizes 1000 10000 100000] [--form jsonl] [--device cpu]
"""

import argparse
import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PLACES = ("Заречье", "Каменка", "Сорога", "Верхний Лог", "Озёрный", "Липовка")
EVENTS = (
    "открыли мост после ремонта", "пустили новый автобус", "посадили аллею клёнов", "починили котельную",
    "провели матч по хоккею", "собрали урожай яблок", "расчистили берег реки", "выбрали лучшего учителя",
)  # fmt: skip
MORE = (
    "Работы заняли {} дней.", "Жители ждали этого {} месяцев.", "На это ушло {} тысяч рублей.",
    "Пришли посмотреть {} человек.", "Следующий этап начнётся через {} недель.", "Об этом сообщили в управе.",
)  # fmt: skip
TINY = [
    "model.backbone.settings={hidden_size: 32, num_hidden_layers: 1, num_attention_heads: 2, intermediate_size: 64}",
    "training.epochs=1",
    "training.device=cpu",
]


def main() -> None:
    """Measure each size and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bundle")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--form", default="jsonl", help="jsonl, jsonl.gz, jsonl.zst or parquet")
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{'rows':>8} {'rows/s':>9} {'ms/row':>8} {'peak MiB':>9} {'rejects':>8}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bundle = given.bundle or tiny_bundle(folder)
        found = [measure(folder, bundle, rows, given) for rows in given.sizes]
    for cost in ("ms_per_row", "peak_mib"):
        ratio = found[-1][cost] / found[-2][cost] if len(found) > 1 else 1
        print(
            f"{cost} at {given.sizes[-1]:,} rows: {ratio:.3f} of that at {given.sizes[-2 if len(found) > 1 else -1]:,}"
        )


def measure(folder: Path, bundle: str, rows: int, given: argparse.Namespace) -> dict[str, float]:
    """Annotate so many rows; prints and returns what it cost."""
    source = folder / f"{rows}.jsonl"
    write_rows(source, rows)
    command = [
        sys.executable, "-m", "svodka", "annotate", source, "--bundle", bundle, "--device", given.device,
        "--output", folder / f"{rows}.out.{given.form}", "--json",
    ]  # fmt: skip
    with subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told: dict[str, Any] = json.loads(process.stdout.read())
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 3) or told["rows"] != rows or told["results"] + told["rejected"] != rows:
        sys.exit(f"the run went wrong: exit code {process.returncode}, {told}")
    rate, peak = told["rows_per_second"], peak_mib(used)
    print(f"{rows:>8} {rate:>9.1f} {1000 / rate:>8.3f} {peak:>9.1f} {told['rejected']:>8}", flush=True)
    return {"ms_per_row": 1000 / rate, "peak_mib": peak}


def peak_mib(used: resource.struct_rusage) -> float:
    """Largest resident memory of a process that has ended; macOS counts bytes, Linux KiB."""
    return used.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def write_rows(path: Path, rows: int, *, most: int = 5) -> None:
    """Short articles of a sentence and up to `most` more; the same ones at each call."""
    chance = random.Random(0)
    with path.open("w", encoding="utf-8") as file:
        for i in range(rows):
            if i % 1000 == 999:
                file.write("{broken\n")
                continue
            first = f"В посёлке {chance.choice(PLACES)} {chance.choice(EVENTS)}."
            rest = [s.format(chance.randint(2, 900)) for s in chance.sample(MORE, chance.randint(1, most))]
            row = {"id": f"n{i}", "title": first[:-1], "text": " ".join([first, *rest]), "desk": chance.choice(PLACES)}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def tiny_bundle(folder: Path) -> str:
    """A tiny model of the sample corpus, hardly trained."""
    overrides = [*TINY, f"data.output={folder / 'prepared'}", f"output={folder / 'run'}"]
    command = [sys.executable, "-m", "svodka", "train", "configs/demo.yaml", *overrides]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return str(folder / "run" / "bundle")


if __name__ == "__main__":
    main()
