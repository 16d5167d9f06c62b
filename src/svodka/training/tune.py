"""A search over fields of a training config: trials in SQLite, resumable, the best as a config to train by."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import optuna
import yaml
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from svodka.config.loading import load_run_config
from svodka.config.training import RunConfig
from svodka.config.tuning import FieldRange, TuneConfig
from svodka.errors import ConfigError
from svodka.files import read_json, read_lines, write_json, write_text
from svodka.progress import Say
from svodka.training.data import open_or_prepare
from svodka.training.run import train
from svodka.training.run_folder import RunFolder

_EVAL = {"loss": "eval_loss", "tag_average_precision": "eval_tag_average_precision"}
_FIRST_PRUNED = 5  # trials before one can be called worse than the others


def tune(config: TuneConfig, *, say: Say = print) -> Path:
    """Search until there are as many finished trials as the config asks for.

    A search that was stopped goes on: its finished trials count, and the one at hand goes on from its checkpoint.

    Args:
        config: what to search.
        say: takes a line for the person who watches.

    Returns:
        The best trial's config as YAML. Beside it lie `trials.json` and the study in `study.db`, which Optuna draws.

    Raises:
        ConfigError: a field that the training config does not have, or another search in the folder.
    """
    base = load_run_config(config.run, [*config.overrides, *_ends(config.fields, "low")])
    load_run_config(config.run, [*config.overrides, *_ends(config.fields, "high")])
    _check_metric(config, base)
    _open(config)
    open_or_prepare(base, say)
    study = _study(config)
    _take_up(study)
    while (left := config.trials - len(_finished(study))) > 0:
        say(f"trial {config.trials - left + 1} of {config.trials}")
        study.optimize(lambda trial: _value(config, trial), n_trials=1, catch=())
        write_json(config.output / "trials.json", {"trials": _rows(study)})
    return _write_best(config, study, say)


def _open(config: TuneConfig) -> None:
    """Begin a search in its folder or go on with the one there; more trials may be asked for than at first."""
    path, body = config.output / "tune.json", config.model_dump(mode="json", exclude={"trials"})
    body["run"] = hashlib.sha256(config.run.read_bytes()).hexdigest()
    if path.exists() and read_json(path) != body:
        raise ConfigError(f"{config.output} holds another search; choose another folder by output=…")
    config.output.mkdir(parents=True, exist_ok=True)
    write_json(path, body)


def _study(config: TuneConfig) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    pruner = optuna.pruners.MedianPruner(n_startup_trials=_FIRST_PRUNED) if config.prune else optuna.pruners.NopPruner()
    return optuna.create_study(
        study_name="svodka",
        storage=f"sqlite:///{config.output / 'study.db'}",
        sampler=optuna.samplers.TPESampler(seed=config.seed),
        pruner=pruner,
        direction="minimize" if config.metric == "loss" else "maximize",
        load_if_exists=True,
    )


def _take_up(study: optuna.Study) -> None:
    """Trials that were at hand when a search was killed are tried again, first."""
    for trial in study.get_trials(states=(optuna.trial.TrialState.RUNNING,)):
        study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
        if trial.params:
            study.enqueue_trial(trial.params)


def _finished(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    return study.get_trials(states=(optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.PRUNED))


def _value(config: TuneConfig, trial: optuna.Trial) -> float:
    values = {path: _suggested(trial, path, place) for path, place in config.fields.items()}
    # By its values, not its number: a trial that is tried again finds its checkpoints.
    name = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:12]
    run = load_run_config(
        config.run, [*config.overrides, *_overrides(values), f"output={config.output / 'runs' / name}"]
    )
    folder = RunFolder(run.output)
    trial.set_user_attr("folder", str(folder.root))
    watch = _Reporter(trial, _EVAL[config.metric], better=min if config.metric == "loss" else max)
    try:
        if not folder.ended:
            train(run, resume=folder.state.exists(), say=lambda line: None, watch=[watch])
    finally:
        if watch.pruned or folder.ended:
            # The weights of a trial are seldom wanted, and there are many trials.
            for path in (folder.checkpoints, folder.cache, folder.bundle):
                shutil.rmtree(path, ignore_errors=True)
    figures = [entry[watch.name] for entry in read_lines(folder.history) if watch.name in entry]
    return float(watch.better(figures))


class _Reporter(TrainerCallback):
    """Tells Optuna each validation's figure, and stops a trial that lags behind."""

    def __init__(self, trial: optuna.Trial, name: str, *, better: Callable[..., Any]) -> None:
        self.name, self.better, self.pruned = name, better, False
        self._trial, self._figures = trial, list[float]()

    def on_evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        self._figures.append(kwargs["metrics"][self.name])
        self._trial.report(self.better(self._figures), state.global_step)
        if self._trial.should_prune():
            self.pruned = True
            raise optuna.TrialPruned


def _suggested(trial: optuna.Trial, path: str, place: FieldRange) -> int | float | bool | str:
    if place.choices is not None:
        # Optuna's word for a choice allows None, which `choices` does not.
        return cast("int | float | bool | str", trial.suggest_categorical(path, place.choices))
    low, high = float(place.low or 0.0), float(place.high or 0.0)
    if place.step is not None and low.is_integer() and place.step.is_integer():
        return trial.suggest_int(path, int(low), int(high), step=int(place.step))
    return trial.suggest_float(path, low, high, log=place.log, step=place.step)


def _overrides(values: dict[str, Any]) -> list[str]:
    return [f"{path}={json.dumps(value, ensure_ascii=False)}" for path, value in values.items()]


def _ends(fields: dict[str, FieldRange], end: str) -> list[str]:
    """One end of every range, to see that the config takes it."""
    values = {}
    for path, place in fields.items():
        value = place.choices[0 if end == "low" else -1] if place.choices else getattr(place, end)
        whole = place.step is not None and isinstance(value, float) and value.is_integer()
        values[path] = int(value) if whole else value
    return _overrides(values)


def _check_metric(config: TuneConfig, base: RunConfig) -> None:
    if config.metric == "tag_average_precision" and not base.model.tags.weight:
        raise ConfigError("metric: tag_average_precision needs tags; set metric=loss")


def _rows(study: optuna.Study) -> list[dict[str, Any]]:
    return [
        {"number": t.number, "state": t.state.name.lower(), "value": t.value, "values": t.params, **t.user_attrs}
        for t in study.trials
    ]


def _write_best(config: TuneConfig, study: optuna.Study, say: Say) -> Path:
    best = study.best_trial
    run = load_run_config(config.run, [*config.overrides, *_overrides(best.params), f"output={config.output / 'best'}"])
    path = config.output / "best.yaml"
    write_text(path, yaml.safe_dump(run.model_dump(mode="json"), allow_unicode=True, sort_keys=False))
    told = ", ".join(f"{name}={value}" for name, value in best.params.items())
    say(f"best: {config.metric} {best.value:.4f} by {told}")
    return path
