"""What watches a run: a loss that is no number, and a signal."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor, nn
from transformers import TrainerControl, TrainerState

from svodka.errors import TrainingError
from svodka.training.callbacks import LossGuard, SaveBetween, StopOnSignal


class Model(nn.Module):
    """Gives the loss that it is told to; like NewsModel it knows no `rows`."""

    def forward(self, loss: Tensor | None) -> SimpleNamespace:
        return SimpleNamespace(loss=loss)


def watched(step: int = 0) -> Model:
    model = Model()
    guard = LossGuard(model, ["первая", "вторая", "третья"])
    guard.on_step_begin(None, TrainerState(global_step=step), TrainerControl())  # type: ignore[arg-type]
    return model


@pytest.mark.parametrize(
    ("loss", "kind"), [(float("nan"), "not a number"), (float("inf"), "infinite"), (float("-inf"), "infinite")]
)
def test_the_step_and_the_articles_are_named(loss: float, kind: str) -> None:
    model = watched(step=41)
    with pytest.raises(
        TrainingError,
        match=rf"the loss is {kind} at step 42, in the batch of третья, первая; lower training\.learning_rate",
    ):
        model(loss=torch.tensor(loss), rows=torch.tensor([2, 0]))


def test_the_articles_named_are_those_of_the_batch_at_hand() -> None:
    model = watched()
    model(loss=torch.tensor(1.0), rows=torch.tensor([0]))
    with pytest.raises(TrainingError, match="in the batch of вторая;"):
        model(loss=torch.tensor(float("nan")), rows=torch.tensor([1]))


def test_a_finite_loss_passes_and_rows_never_reach_the_model() -> None:
    model = watched()
    assert model(loss=torch.tensor(3.0), rows=torch.tensor([1])).loss.item() == 3.0
    assert model(loss=None, rows=torch.tensor([1])).loss is None
    assert model(loss=torch.tensor(3.0)).loss.item() == 3.0


def test_a_validation_may_have_any_loss() -> None:
    model = watched().eval()
    assert model(loss=torch.tensor(float("inf")), rows=torch.tensor([1])).loss.isinf()


@pytest.fixture(autouse=True)
def own_signals() -> Iterator[None]:
    """Signals that a failing test took over are given back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def end_step(stop: StopOnSignal, epoch: float) -> TrainerControl:
    control = TrainerControl()
    stop.on_step_end(None, TrainerState(epoch=epoch), control)  # type: ignore[arg-type]
    return control


def end_epoch(stop: StopOnSignal, epoch: float) -> TrainerControl:
    # As the Trainer's own callback leaves it where checkpoints and validations come with every epoch.
    control = TrainerControl(should_save=True, should_evaluate=True)
    stop.on_epoch_end(None, TrainerState(epoch=epoch), control)  # type: ignore[arg-type]
    return control


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_run_after_the_step_with_a_checkpoint(number: int) -> None:
    with StopOnSignal() as stop:
        assert end_step(stop, 0.25) == TrainerControl()
        os.kill(os.getpid(), number)
    assert stop.stopped
    assert end_step(stop, 0.5) == TrainerControl(should_save=True, should_training_stop=True)
    # The Trainer then ends the epoch, though it is not over: nothing more is saved.
    assert end_epoch(stop, 0.5) == TrainerControl()


def test_a_signal_at_the_last_step_of_an_epoch_ends_the_run_after_its_validation() -> None:
    stop = StopOnSignal()
    stop.stopped = True
    assert end_step(stop, 2.0) == TrainerControl()
    assert end_epoch(stop, 2.0) == TrainerControl(should_save=True, should_evaluate=True, should_training_stop=True)


def test_without_a_signal_an_epoch_ends_as_ever() -> None:
    stop = StopOnSignal()
    assert end_step(stop, 1.0) == TrainerControl()
    assert end_epoch(stop, 1.0) == TrainerControl(should_save=True, should_evaluate=True)


def test_checkpoints_between_validations_come_at_multiples_but_not_at_an_end() -> None:
    # Six steps an epoch; at an epoch's or the run's end the Trainer saves by itself, after its validation.
    asked = []
    for step in range(1, 16):
        control = TrainerControl()
        state = TrainerState(global_step=step, epoch=step / 6, max_steps=14)
        SaveBetween(2).on_step_end(None, state, control)  # type: ignore[arg-type]
        asked += [step] if control.should_save else []
        assert control == TrainerControl(should_save=control.should_save)
    assert asked == [2, 4, 8, 10]


def test_signals_are_given_back_even_after_a_failure() -> None:
    caught = []
    signal.signal(signal.SIGTERM, lambda number, frame: caught.append(number))
    stop = StopOnSignal()
    with pytest.raises(MemoryError), stop:
        raise MemoryError
    os.kill(os.getpid(), signal.SIGTERM)
    assert caught == [signal.SIGTERM]
    assert not stop.stopped


def test_a_run_in_another_thread_leaves_signals_alone() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(StopOnSignal().__enter__).result().stopped is False
    assert signal.getsignal(signal.SIGTERM) == before
