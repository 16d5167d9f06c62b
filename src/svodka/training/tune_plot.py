"""The trials of a search as a picture."""

from itertools import accumulate
from pathlib import Path
from typing import Any

import optuna
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

_COLUMNS = 3


def plot_trials(study: optuna.Study, target: Path) -> None:
    """Write a PNG: the value by trial with the best so far, and the value against each searched field.

    Trials that were stopped early are hollow, at the last value they told.
    """
    trials = [t for t in study.trials if t.state.is_finished() and t.intermediate_values]
    fields = sorted({name for t in trials for name in t.params})
    rows = -(-(len(fields) + 1) // _COLUMNS)
    figure = Figure(figsize=(4 * _COLUMNS, 3 * rows), layout="constrained")
    values = [_value(t) for t in trials]
    whole = [t.state == optuna.trial.TrialState.COMPLETE for t in trials]
    first = figure.add_subplot(rows, _COLUMNS, 1)
    _points(first, [t.number for t in trials], values, whole)
    better = min if study.direction == optuna.study.StudyDirection.MINIMIZE else max
    done = [(t.number, v) for t, v, w in zip(trials, values, whole, strict=True) if w]
    first.step([n for n, _ in done], list(accumulate((v for _, v in done), better)), where="post", color="tab:orange")
    first.set(xlabel="trial", ylabel="value on validation", title="Trials, and the best so far")
    for i, field in enumerate(fields, 2):
        axes = figure.add_subplot(rows, _COLUMNS, i)
        _points(axes, [t.params.get(field) for t in trials], values, whole)
        if _is_log(trials, field):
            axes.set_xscale("log")
            axes.xaxis.set_minor_formatter(NullFormatter())  # within one decade they would overlap
        axes.set(xlabel=field)
    fresh = target.with_suffix(".new")
    figure.savefig(fresh, format="png", dpi=120)
    fresh.replace(target)


def _points(axes: Axes, x: list[Any], y: list[float], whole: list[bool]) -> None:
    for filled in (True, False):
        chosen = [i for i, is_whole in enumerate(whole) if is_whole == filled]
        axes.scatter(
            [x[i] for i in chosen],
            [y[i] for i in chosen],
            s=24,
            facecolors="tab:blue" if filled else "none",
            edgecolors="tab:blue",
        )


def _value(trial: optuna.trial.FrozenTrial) -> float:
    last = max(trial.intermediate_values)
    return float(trial.value if trial.value is not None else trial.intermediate_values[last])


def _is_log(trials: list[optuna.trial.FrozenTrial], field: str) -> bool:
    return any(getattr(t.distributions.get(field), "log", False) for t in trials)
