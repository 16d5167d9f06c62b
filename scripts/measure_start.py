#!/usr/bin/env python3
"""How long the first answer takes: `svodka annotate PAGE` in fresh processes, beside what one would otherwise write.

That is transformers' `pipeline("text-classification")` over a sequence classifier of the bundle's own encoder shape,
labels and tokenizer, with random weights, told to answer on the same page. Both are measured from the start of the
process to its end, alternating, after one uncounted run of each that warms the disk cache; no hub is asked.

Usage: scripts/measure_start.py [PAGE] [--bundle BUNDLE] [--rounds 5]
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "data" / "demo" / "bolnica-nochyu.txt"
BUNDLE = ROOT / "models" / "svodka"
PIPELINE = """
import sys
from pathlib import Path
from transformers import pipeline
classify = pipeline("text-classification", model=sys.argv[1], top_k=None, device="cpu")
found = classify([Path(sys.argv[2]).read_text(encoding="utf-8")], truncation=True, max_length=512)
print([row for row in found[0] if row["score"] >= 0.5])
"""
# A small process between: on Linux a process counts the memory of the one that started it as its own peak.
LAUNCH = """
import json, os, subprocess, sys, time
start = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(process.pid, 0)
print(json.dumps([time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss]))
sys.exit(status != 0)
"""


@dataclass(frozen=True)
class Run:
    """One process: seconds from start to end, seconds of CPU, peak of resident memory in MiB."""

    seconds: float
    cpu: float
    peak_mib: float


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("page", type=Path, nargs="?", default=PAGE)
    parser.add_argument("--bundle", type=Path, default=BUNDLE)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    found = measure(given.rounds, page=given.page, bundle=given.bundle)
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{'':<16} {'median s':>9} {'min s':>7} {'max s':>7} {'CPU s':>7} {'peak MiB':>9}")
    for name in ("svodka annotate", "pipeline"):
        row = found[name]
        print(
            f"{name:<16} {row['median_s']:>9.2f} {row['min_s']:>7.2f} {row['max_s']:>7.2f} "
            f"{row['median_cpu_s']:>7.2f} {row['peak_mib']:>9.0f}"
        )
    print(f"pipeline / svodka, median over {found['rounds']} rounds: {found['ratio']:.2f}")


def measure(rounds: int, *, page: Path = PAGE, bundle: Path = BUNDLE) -> dict[str, Any]:
    """Run both in turn.

    Args:
        rounds: counted runs of each.
        page: what to answer on.
        bundle: folder of the model.

    Returns:
        `rounds`; under `svodka annotate` and `pipeline` each `median_s`, `min_s`, `max_s`, `median_cpu_s`, `peak_mib`
        and all `seconds`; `ratio`, the median of the rounds' ratios of the second's time to the first's.
    """
    with tempfile.TemporaryDirectory() as name:
        save_classifier(bundle, Path(name))
        commands = {
            "svodka annotate": ["-m", "svodka", "annotate", "--json", "--bundle", str(bundle), str(page)],
            "pipeline": ["-c", PIPELINE, name, str(page)],
        }
        for command in commands.values():
            run(command)
        runs = [{name: run(command) for name, command in commands.items()} for _ in range(rounds)]
    table: dict[str, Any] = {name: summary([row[name] for row in runs]) for name in commands}
    ratio = median(row["pipeline"].seconds / row["svodka annotate"].seconds for row in runs)
    return {"rounds": rounds, "ratio": ratio, **table}


def run(arguments: list[str]) -> Run:
    """Run Python with some arguments to its end."""
    # Installed packages are compiled. A clone is too, from its second start on, unless Python is told to keep nothing.
    environment = os.environ | {"HF_HUB_OFFLINE": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", LAUNCH, sys.executable, *arguments],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
    )
    if done.returncode:
        raise SystemExit(f"{arguments[:3]} failed:\n{done.stderr}")
    seconds, cpu, peak = json.loads(done.stdout)
    return Run(seconds, cpu, peak / (2**20 if sys.platform == "darwin" else 2**10))  # bytes there, KiB elsewhere


def summary(runs: list[Run]) -> dict[str, Any]:
    """What is told of one contender's runs."""
    seconds = [run.seconds for run in runs]
    return {
        "median_s": median(seconds),
        "min_s": min(seconds),
        "max_s": max(seconds),
        "median_cpu_s": median(run.cpu for run in runs),
        "peak_mib": max(run.peak_mib for run in runs),
        "seconds": seconds,
    }


def save_classifier(bundle: Path, folder: Path) -> None:
    """A sequence classifier with random weights and a bundle's shape, labels and tokenizer."""
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    from svodka.bundle import load_bundle
    from svodka.labels import TagVocabulary

    names = TagVocabulary.load(bundle / "labels.json").names
    config = load_bundle(bundle).model.config.backbone
    config.id2label = dict(enumerate(names))
    config.label2id = {name: i for i, name in enumerate(names)}
    config.problem_type = "multi_label_classification"
    AutoModelForSequenceClassification.from_config(config).save_pretrained(folder)
    AutoTokenizer.from_pretrained(bundle / "tokenizer").save_pretrained(folder)


if __name__ == "__main__":
    main()
