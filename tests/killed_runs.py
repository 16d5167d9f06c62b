"""Runs that are killed at chosen moments and begun again, for `test_resume`: `python killed_runs.py PLANS.json`.

A plan holds `kind` (`train` or `pretrain`), `config`, and `kills`, one for each life but the last. This process carries
out the first plan, which has no kills, and has loaded everything then; each further life is a fork of it, which sends
itself SIGKILL when its moment has come.
"""

import gc
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import transformers.trainer as trainer_module
from transformers import Trainer, TrainerState

from svodka.config.pretraining import PretrainConfig
from svodka.config.training import RunConfig
from svodka.training import callbacks, pretrain, run, states


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def at_step(number: int) -> None:
    """Die at the begin of optimiser step `number`."""
    watch("on_step_begin", lambda state: state.global_step == number - 1)


def at_epoch(number: int) -> None:
    """Die when epoch `number` has had its last step."""
    watch("on_epoch_end", lambda state: round(state.epoch) == number)


def in_validation(number: int) -> None:
    """Die in a validation after step `number`."""
    watch("on_prediction_step", lambda state: state.global_step == number)


def watch(event: str, moment: Callable[[TrainerState], bool]) -> None:
    def on_event(self: Any, args: Any, state: TrainerState, control: Any, **kwargs: Any) -> None:
        if moment(state):
            die()

    # Every run has a StopOnSignal; its own methods for these events, if any, are not what such a run needs.
    setattr(callbacks.StopOnSignal, event, on_event)


def in_weights(number: int) -> None:
    """Die when of a checkpoint only the weights lie there."""

    def save(self: Trainer, output_dir: str) -> None:
        if self.state.global_step == number:
            die()
        before(self, output_dir)

    before = Trainer._save_optimizer_and_scheduler
    Trainer._save_optimizer_and_scheduler = save


def in_state(number: int) -> None:
    """Die in the middle of the last file of a checkpoint."""

    def save(self: TrainerState, json_path: str) -> None:
        before(self, json_path)
        if self.global_step == number:
            path = Path(json_path)
            path.write_bytes(path.read_bytes()[:-40])
            die()

    before = TrainerState.save_to_json
    TrainerState.save_to_json = save


def in_rotation(number: int) -> None:
    """Die in the middle of the deletion of an old checkpoint."""

    def rotate(output_dir: str, **kwargs: Any) -> None:
        found = sorted(Path(output_dir).glob("checkpoint-*"), key=lambda path: int(path.name.split("-")[1]))
        if found[-1].name == f"checkpoint-{number}":
            (found[0] / "model.safetensors").unlink()
            die()
        before(output_dir=output_dir, **kwargs)

    before = trainer_module.rotate_checkpoints
    trainer_module.rotate_checkpoints = rotate


def in_fill(number: int) -> None:
    """Die when of the states that a frozen backbone reads batch `number` is written, but not yet in the index."""

    def save(self: states.StateStore, records: Any, data: Any, index: Any) -> list[Any]:
        saved.append(len(records))
        if len(saved) == number:
            data.write(b"half of a token")
            data.flush()
            index.write(b"half a record")
            index.flush()
            die()
        return before(self, records, data, index)

    saved: list[int] = []
    before = states.StateStore._save
    states.StateStore._save = save


def before_bundle(_: int) -> None:
    """Die between the end of the training and the saving of its result."""
    run.save_bundle = lambda *args, **kwargs: die()
    pretrain.written_beside = lambda path: die() if path.name == "backbone" else shutil


def in_bundle(_: int) -> None:
    """Die in the middle of the bundle."""
    from svodka.bundle import saving

    saving.save_weights = lambda model, path, kind: (path.write_bytes(b"half"), die())


# In every life, so that a fill has batches to be killed between, and each run the same ones.
states._SAVED_EVERY, states._BATCH_TOKENS = 1, 500

MOMENTS = {
    f.__name__: f
    for f in (at_step, at_epoch, in_validation, in_weights, in_state, in_rotation, in_fill, before_bundle, in_bundle)
}


def live(plan: dict[str, Any], kill: list[Any] | None) -> None:
    if kill:
        MOMENTS[kill[0]](int(kill[1]))
    start: Any = {"train": (run.train, RunConfig), "pretrain": (pretrain.pretrain, PretrainConfig)}[plan["kind"]]
    start[0](start[1].model_validate(plan["config"]), resume=True, say=lambda line: None)


def run_plan(plan: dict[str, Any]) -> None:
    for kill in [*plan["kills"], None]:
        child = os.fork()
        if not child:
            live(plan, kill)
            sys.stderr.flush()
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        expected = -signal.SIGKILL if kill else 0
        if status != expected:
            sys.exit(f"{plan['config']['output']}, life until {kill}: exit {status}, expected {expected}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    first, *others = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    live(first, None)
    gc.collect()
    gc.freeze()  # what is loaded is no garbage: no life need search it again
    for each in others:
        run_plan(each)
