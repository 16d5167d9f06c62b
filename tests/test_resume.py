"""Killed at any moment and begun again, a run ends as if it had never been killed, bit for bit."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from conftest import run_settings

HELPER = Path(__file__).with_name("killed_runs.py")
Kill = tuple[str, int]


def lives(folder: Path, kind: str, config: dict[str, Any], *, kills: list[Kill]) -> None:
    """Run a config to its end, killed at each of the moments."""
    plan = folder / "plan.json"
    plan.write_text(json.dumps({"kind": kind, "config": config, "kills": kills}), encoding="utf-8")
    source = str(HELPER.parent.parent / "src")
    env = os.environ | {"PYTHONPATH": source, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run([sys.executable, HELPER, plan], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


def settings(folder: Path, **training: Any) -> dict[str, Any]:
    """Six steps an epoch, of which the last batch is a smaller one; dropout in backbone and heads."""
    body = run_settings(folder, 35)
    shape = {"hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 16}
    body["model"]["backbone"]["settings"] |= shape
    body["training"] |= {"eval_steps": 2} | training
    return body


def same(first: Path, second: Path) -> bool:
    one, other = load_file(first), load_file(second)
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def history(run: Path) -> list[dict[str, Any]]:
    """What was logged, without speed and without the line that a `train()` call adds at its own end."""
    entries = [json.loads(line) for line in (run / "history.jsonl").read_text().splitlines()]
    kept = [{k: v for k, v in e.items() if "runtime" not in k and "per_second" not in k} for e in entries]
    return [e for e in kept if "train_loss" not in e]


def test_ten_kills_leave_no_trace(tmp_path: Path) -> None:
    body = settings(tmp_path, epochs=3, metric="tag_average_precision")  # 18 steps, 6 an epoch
    whole = body | {"output": str(tmp_path / "whole")}
    lives(tmp_path, "train", whole, kills=[])
    chance = random.Random(7)
    kills: list[Kill] = [
        ("at_step", 1),
        ("at_step", chance.randint(3, 4)),
        ("in_weights", 4),
        ("at_epoch", 1),
        ("in_state", 8),
        ("at_step", chance.randint(9, 10)),
        ("at_epoch", 2),
        ("in_validation", 14),
        ("in_rotation", 16),
        ("before_bundle", 0),
        ("in_bundle", 0),
    ]
    lives(tmp_path, "train", body, kills=kills)
    killed, never = tmp_path / "run", tmp_path / "whole"
    assert same(killed / "bundle" / "model.safetensors", never / "bundle" / "model.safetensors")
    assert (killed / "bundle" / "metrics.json").read_text() == (never / "bundle" / "metrics.json").read_text()
    assert (killed / "bundle" / "thresholds.json").read_text() == (never / "bundle" / "thresholds.json").read_text()
    assert history(killed) == history(never)
    assert {path.name for path in killed.iterdir()} == {path.name for path in never.iterdir()}


def test_an_early_stop_stands_wherever_the_run_was_killed(tmp_path: Path) -> None:
    # A learning rate of almost nothing: no validation gains on the first, and the third without gain is the last.
    body = settings(tmp_path, epochs=4, early_stopping=3, learning_rate=1e-30, lexical_learning_rate=0)
    lives(tmp_path, "train", body | {"output": str(tmp_path / "whole")}, kills=[])
    lives(tmp_path, "train", body, kills=[("at_step", 6), ("before_bundle", 0)])
    ends = [
        json.loads((tmp_path / run / "bundle" / "bundle.json").read_text())["origin"]["steps"]
        for run in ("whole", "run")
    ]
    assert ends == [8, 8]
    assert history(tmp_path / "run") == history(tmp_path / "whole")


def test_an_end_in_mid_epoch_is_an_end(tmp_path: Path) -> None:
    # The Trainer, resumed at the last of 8 steps, would take a ninth; without validation the last weights count.
    body = settings(tmp_path, max_steps=8)
    body["data"]["split"] |= {"validation": 0}
    lives(tmp_path, "train", body | {"output": str(tmp_path / "whole")}, kills=[])
    lives(tmp_path, "train", body, kills=[("before_bundle", 0)])
    weights = [tmp_path / run / "bundle" / "model.safetensors" for run in ("whole", "run")]
    assert same(*weights)


def test_a_killed_pretraining_ends_alike(tmp_path: Path) -> None:
    from test_pretrain import settings as pretrain_settings

    body = pretrain_settings(tmp_path, epochs=2, eval_steps=4, max_steps=14)
    body["backbone"]["settings"] |= {"mlp_dropout": 0.1, "embedding_dropout": 0.1}
    lives(tmp_path, "pretrain", body | {"output": str(tmp_path / "whole")}, kills=[])
    kills: list[Kill] = [("at_step", 3), ("at_step", 6), ("in_state", 8), ("at_step", 10), ("before_bundle", 0)]
    lives(tmp_path, "pretrain", body, kills=kills)
    weights = [tmp_path / run / "backbone" / "model.safetensors" for run in ("whole", "pretraining")]
    assert same(*weights)
