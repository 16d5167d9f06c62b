"""Killed at any moment and begun again, a run ends as if it had never been killed, bit for bit."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from conftest import run_settings
from mixed import mixed_settings
from test_pretrain import settings as pretrain_settings

HELPER = Path(__file__).with_name("killed_runs.py")
Kill = tuple[str, int]
CHANCE = random.Random(7)
# 18 steps, 6 an epoch, a checkpoint every second.
TEN_AND_ONE: list[Kill] = [
    ("at_step", 1), ("at_step", CHANCE.randint(3, 4)), ("in_weights", 4), ("at_epoch", 1), ("in_state", 8),
    ("at_step", CHANCE.randint(9, 10)), ("at_epoch", 2), ("in_validation", 14), ("in_rotation", 16),
    ("before_bundle", 0), ("in_bundle", 0),
]  # fmt: skip
# 14 steps an epoch, names read at every third.
IN_A_MIXTURE: list[Kill] = [
    ("at_step", 5), ("in_weights", 6), ("at_step", 13), ("at_epoch", 1), ("in_state", 20), ("at_step", 28),
    ("before_bundle", 0),
]  # fmt: skip
IN_FROZEN: list[Kill] = [("in_fill", 2), ("in_fill", 3), ("at_step", 7), ("at_epoch", 1), ("in_bundle", 0)]
# A validation after every sixth step, a checkpoint after every second.
BETWEEN_VALIDATIONS: list[Kill] = [("at_step", 4), ("in_weights", 8), ("at_epoch", 2), ("at_step", 15)]
IN_PRETRAINING: list[Kill] = [
    ("at_step", 3), ("at_step", 6), ("in_state", 8), ("at_step", 10), ("before_bundle", 0),
]  # fmt: skip


def settings(folder: Path, **training: Any) -> dict[str, Any]:
    """Six steps an epoch, of which the last batch is a smaller one; dropout in backbone and heads."""
    folder.mkdir()
    body = run_settings(folder, 35)
    body["model"]["backbone"]["settings"] |= {"hidden_size": 16, "intermediate_size": 16}
    body["training"] |= {"eval_steps": 2} | training
    return body


def plans(folder: Path) -> list[dict[str, Any]]:
    """Each config twice, never killed and killed: folder NAME/whole and NAME/run."""
    ten = settings(folder / "ten", epochs=3, metric="tag_average_precision")
    # A learning rate of almost nothing: no validation gains on the first, and the third without gain is the last.
    early = settings(folder / "early", epochs=4, early_stopping=3, learning_rate=1e-30, lexical_learning_rate=0)
    # The Trainer, resumed at the last of 8 steps, would take a ninth; without validation the last weights count.
    short = settings(folder / "short", max_steps=8, schedule="constant_with_warmup")
    short["data"]["split"] |= {"validation": 0}
    (folder / "masked").mkdir()
    masked = pretrain_settings(folder / "masked", eval_steps=4, max_steps=14)
    masked["backbone"]["settings"] |= {"hidden_size": 16, "mlp_dropout": 0.1, "embedding_dropout": 0.1}
    (folder / "mixture").mkdir()
    mixture = mixed_settings(folder / "mixture", eval_steps=2)
    (folder / "frozen").mkdir()
    frozen = mixed_settings(folder / "frozen", eval_steps=4, states="")
    saved = settings(folder / "saved", epochs=3, eval_steps=None, save_steps=2, keep_checkpoints=1)
    kills: list[tuple[str, dict[str, Any], list[Kill]]] = [
        ("train", mixture, IN_A_MIXTURE),
        ("train", frozen, IN_FROZEN),
        ("train", ten, TEN_AND_ONE),
        ("train", early, [("at_step", 6), ("before_bundle", 0)]),
        ("train", short, [("before_bundle", 0)]),
        ("train", saved, BETWEEN_VALIDATIONS),
        ("pretrain", masked | {"output": str(folder / "masked" / "run")}, IN_PRETRAINING),
    ]
    return [
        {"kind": kind, "config": named(config, name), "kills": moments}
        for kind, config, killed in kills
        for name, moments in (("whole", []), ("run", killed))
    ]


def named(config: dict[str, Any], name: str) -> dict[str, Any]:
    """A config whose run lies in the folder `name`, and the states that it keeps in one of their own beside it."""
    output = Path(config["output"]).with_name(name)
    keeps = "states" in config["training"]
    training = config["training"] | ({"states": str(output.with_name(f"states of {name}"))} if keeps else {})
    return config | {"output": str(output), "training": training}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All runs, carried out by one other process."""
    folder = tmp_path_factory.mktemp("runs")
    (folder / "plans.json").write_text(json.dumps(plans(folder)), encoding="utf-8")
    source = str(HELPER.parent.parent / "src")
    # No progress bars: they have threads, and what has threads should not be forked.
    env = os.environ | {"PYTHONPATH": source, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "TQDM_DISABLE": "1"}
    command = [sys.executable, str(HELPER), str(folder / "plans.json")]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


def same(folder: Path, weights: str) -> bool:
    one, other = (load_file(folder / run / weights) for run in ("whole", "run"))
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def history(run: Path) -> list[dict[str, Any]]:
    """What was logged, without speed and without the line that a `train()` call adds at its own end."""
    entries = [json.loads(line) for line in (run / "history.jsonl").read_text().splitlines()]
    kept = [{k: v for k, v in e.items() if "runtime" not in k and "per_second" not in k} for e in entries]
    return [e for e in kept if "train_loss" not in e]


def test_eleven_kills_leave_no_trace(runs: Path) -> None:
    killed, never = runs / "ten" / "run", runs / "ten" / "whole"
    assert same(runs / "ten", "bundle/model.safetensors")
    for name in ("metrics.json", "thresholds.json", "labels.json"):
        assert (killed / "bundle" / name).read_text() == (never / "bundle" / name).read_text()
    assert history(killed) == history(never)
    # No half-written bundle is left.
    assert {path.name for path in killed.iterdir()} == {path.name for path in never.iterdir()}


@pytest.mark.parametrize("name", ["mixture", "frozen"])
def test_draws_names_and_states_are_those_of_a_run_never_killed(runs: Path, name: str) -> None:
    killed, never = runs / name / "run", runs / name / "whole"
    assert same(runs / name, "bundle/model.safetensors")
    for file in ("metrics.json", "thresholds.json", "labels.json"):
        assert (killed / "bundle" / file).read_text() == (never / "bundle" / file).read_text()
    assert history(killed) == history(never)
    assert json.loads((killed / "bundle" / "bundle.json").read_text())["origin"]["steps"] == 28


def test_states_of_a_killed_fill_are_those_of_one_never_killed(runs: Path) -> None:
    stores = [next((runs / "frozen" / f"states of {name}").iterdir()) for name in ("whole", "run")]
    for file in ("index.bin", "states.f16", "width"):
        assert (stores[0] / file).read_bytes() == (stores[1] / file).read_bytes()


def test_an_early_stop_stands_wherever_the_run_was_killed(runs: Path) -> None:
    folder = runs / "early"
    manifests = [json.loads((folder / run / "bundle" / "bundle.json").read_text()) for run in ("whole", "run")]
    assert [manifest["origin"]["steps"] for manifest in manifests] == [8, 8]
    assert history(folder / "run") == history(folder / "whole")


def test_an_end_in_mid_epoch_is_an_end(runs: Path) -> None:
    assert same(runs / "short", "bundle/model.safetensors")


def test_a_run_killed_between_validations_goes_on_from_the_checkpoint_before(runs: Path) -> None:
    assert same(runs / "saved", "bundle/model.safetensors")
    assert history(runs / "saved" / "run") == history(runs / "saved" / "whole")
    states = sorted((runs / "saved" / "run" / "checkpoints").glob("*/trainer_state.json"))
    # The best one, of a validation, is kept beside the last.
    last = json.loads(states[-1].read_text())
    assert last["best_global_step"] in (6, 12, 18)
    assert str(last["best_global_step"]) in {path.parent.name.removeprefix("checkpoint-") for path in states}


def test_a_killed_pretraining_ends_alike(runs: Path) -> None:
    assert same(runs / "masked", "backbone/model.safetensors")
