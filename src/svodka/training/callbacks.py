"""What watches a run: TensorBoard, a stop on a signal, and a stop on a loss that is no number."""

import math
import signal
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from accelerate import PartialState
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.integrations import TensorBoardCallback

from svodka.errors import TrainingError
from svodka.progress import Progress, Say
from svodka.training.processes import any_process

_TIMES = ("_runtime", "_per_second", "epoch")  # the Trainer's own, beside the metrics


def tensorboard(folder: Path) -> list[TrainerCallback]:
    """Writes losses and validation figures to `folder` for TensorBoard; nothing in a process that follows."""
    return [TensorBoardCallback(SummaryWriter(str(folder)))] if PartialState().is_main_process else []


class StopOnSignal(TrainerCallback):
    """Within `with`, SIGINT or SIGTERM ends the run after the step at hand, with a checkpoint."""

    def __init__(self) -> None:
        self.stopped = False
        self.number = int(signal.SIGTERM)  # of the signal that came, to this process or another
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "StopOnSignal":
        # Elsewhere than in the main thread Python lets no one take signals; such a run is stopped by its owner.
        if threading.current_thread() is threading.main_thread():
            self._before = {n: signal.signal(n, self._note) for n in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Ask for a checkpoint and the end, once a signal has come to any process.

        At the last step of an epoch or of the run `on_epoch_end` does.
        """
        self.stopped = any_process(self.stopped)
        if self.stopped and not _at_an_end(state):
            control.should_save = control.should_training_stop = True

    def on_epoch_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """End after a whole epoch with its validation; within one, save nothing more.

        The Trainer treats a stop in mid-epoch as the epoch's end too. Its validation would move the random
        generator on, and the checkpoint written after it would resume elsewhere than the run was.
        """
        self.stopped = any_process(self.stopped)
        if self.stopped and _at_an_end(state):
            control.should_save = control.should_training_stop = True
        elif self.stopped:
            control.should_save = control.should_evaluate = False

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.stopped, self.number = True, number


def _at_an_end(state: TrainerState) -> bool:
    """Whether this step is the last of an epoch or of the run, which may end in mid-epoch."""
    return float(state.epoch or 0).is_integer() or 0 < state.max_steps <= state.global_step


class SaveBetween(TrainerCallback):
    """Saves checkpoints between two validations: these may be far apart where a validation takes long.

    The Trainer itself saves only where it validates, once it has to tell which checkpoint was the best.
    """

    def __init__(self, steps: int) -> None:
        """Save every `steps` steps."""
        self._steps = steps

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Ask for a checkpoint; at the end of an epoch or of the run the Trainer asks itself, after validating."""
        if state.global_step % self._steps == 0 and not _at_an_end(state):
            control.should_save = True


class ProgressLines(TrainerCallback):
    """A line a minute, and one for each validation, in place of the Trainer's bars; for a run without a terminal."""

    def __init__(self, say: Say) -> None:
        """Take what takes a line."""
        self._say = say
        self._steps, self._validated = Progress(say, unit="steps"), Progress(say, unit="validation batches")
        self._batches, self._loss = 0, ""

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Start the clock; steps of an earlier run are no speed of this one."""
        self._steps.begin(state.global_step, state.max_steps)

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Tell the step and the last loss."""
        self._steps.at(state.global_step, self._loss)

    def on_log(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Keep the loss."""
        logs: dict[str, Any] = kwargs.get("logs") or {}
        self._loss = f"loss {logs['loss']:.4g}" if "loss" in logs else self._loss

    def on_prediction_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Count a batch of a validation."""
        if not self._batches:
            self._validated.begin(0, 0)
        self._batches += 1
        self._validated.at(self._batches)

    def on_evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Tell what a validation found."""
        found = {name: value for name, value in kwargs["metrics"].items() if not name.endswith(_TIMES)}
        self._batches = 0
        self._say(f"step {state.global_step:,}: {', '.join(f'{name} {value:.4g}' for name, value in found.items())}")


class LossGuard(TrainerCallback):
    """Stops at once when a loss is not finite, naming the step and the articles of the batch.

    It watches the model itself, so that nothing of the Trainer is overridden: a hook takes the batch's `rows`
    away before `forward`, another looks at the loss behind it.
    """

    def __init__(self, model: nn.Module, ids: Sequence[str]) -> None:
        """Watch `model`; `ids` are the article ids of the training split in order."""
        self._ids = ids
        self._rows: Tensor | None = None
        self._step = 0
        model.register_forward_pre_hook(self._take_rows, with_kwargs=True)
        model.register_forward_hook(self._check)

    def on_step_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Keep the step."""
        self._step = state.global_step + 1

    def _take_rows(self, module: nn.Module, args: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        self._rows = kwargs.pop("rows", None)
        return args, kwargs

    def _check(self, module: nn.Module, args: Any, output: Any) -> None:
        loss = getattr(output, "loss", None)
        if loss is None or not module.training or torch.isfinite(loss):
            return
        names = [] if self._rows is None else [self._ids[i] for i in self._rows.tolist()]
        kind = "not a number" if math.isnan(loss.item()) else "infinite"
        raise TrainingError(
            f"the loss is {kind} at step {self._step}, in the batch of {', '.join(names)}; "
            "lower training.learning_rate, use precision=fp32 or bf16, or look at these articles"
        )
