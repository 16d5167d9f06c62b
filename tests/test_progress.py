"""Lines of progress, by a clock that the tests move."""

from collections.abc import Iterator

import pytest

from svodka.progress import Progress, reported


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def started(total: int = 0) -> tuple[Progress, Clock, list[str]]:
    clock, told = Clock(), list[str]()
    return Progress(told.append, unit="articles", total=total, clock=clock), clock, told


def test_a_minute_gives_one_line_with_speed_and_time_left() -> None:
    progress, clock, told = started(total=1_500)
    for _ in range(3):
        clock.now += 30
        progress.at(round(5 * (clock.now - 100)))
    assert told == ["300 of 1,500 articles, 5.00 a second, 4 min left"]


def test_without_a_total_nothing_is_said_of_the_rest() -> None:
    progress, clock, told = started()
    clock.now += 120
    progress.at(30, "loss 0.5")
    assert told == ["30 articles, 0.25 a second, loss 0.5"]


def test_what_an_earlier_run_did_is_not_speed() -> None:
    progress, clock, told = started()
    progress.begin(9_000, 10_000)
    clock.now += 100
    progress.at(9_100)
    assert told == ["9,100 of 10,000 articles, 1.00 a second, 15 min left"]


def test_items_pass_through_and_are_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, told = Clock(), list[str]()
    monkeypatch.setattr(Progress.__init__, "__kwdefaults__", {"total": 0, "clock": clock})

    def slow() -> Iterator[int]:
        for number in range(3):
            clock.now += 61
            yield number

    assert list(reported(slow(), told.append, unit="articles", total=400)) == [0, 1, 2]
    assert told == [
        "1 of 400 articles, 0.02 a second, 6 h 46 min left",
        "2 of 400 articles, 0.02 a second, 6 h 45 min left",
        "3 of 400 articles, 0.02 a second, 6 h 44 min left",
    ]
    assert list(reported(range(3), None, unit="articles")) == [0, 1, 2]


def test_a_run_without_a_terminal_tells_steps_and_validations(monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers import TrainerControl, TrainerState, TrainingArguments

    from svodka.training.callbacks import ProgressLines

    clock, told = Clock(), list[str]()
    monkeypatch.setattr(Progress.__init__, "__kwdefaults__", {"total": 0, "clock": clock})
    lines, arguments, control = ProgressLines(told.append), TrainingArguments(report_to="none"), TrainerControl()
    state = TrainerState(global_step=100, max_steps=700)
    lines.on_train_begin(arguments, state, control)
    lines.on_log(arguments, state, control, logs={"loss": 0.51234})
    for _ in range(3):
        state.global_step, clock.now = state.global_step + 100, clock.now + 50
        lines.on_step_end(arguments, state, control)
    for _ in range(2):
        clock.now += 40
        lines.on_prediction_step(arguments, state, control)
    metrics = {"eval_loss": 0.25, "eval_runtime": 80.0, "eval_samples_per_second": 1.0, "epoch": 1.0}
    lines.on_evaluate(arguments, state, control, metrics=metrics)
    assert told == [
        "300 of 700 steps, 2.00 a second, 3 min left, loss 0.5123",
        "step 400: eval_loss 0.25",
    ]
