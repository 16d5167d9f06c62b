"""A search: trials in SQLite, one at hand when it was killed tried again, the best as a config to train by."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import run_settings
from svodka.config.loading import load_run_config, load_tune_config
from svodka.config.tuning import TuneConfig
from svodka.errors import ConfigError
from svodka.files import read_json
from svodka.training import tune as tuning
from svodka.training.tune import tune

FIELDS = {
    "training.learning_rate": {"low": 1e-4, "high": 1e-2, "log": True},
    "training.batch_size": {"choices": [4, 8]},
}


def search(folder: Path, **settings: Any) -> TuneConfig:
    body = run_settings(folder)
    body["training"] |= {"epochs": 1}
    (folder / "run.yaml").write_text(yaml.safe_dump(body, allow_unicode=True), encoding="utf-8")
    tuned = {"run": "run.yaml", "output": str(folder / "search"), "fields": FIELDS, "trials": 2} | settings
    (folder / "tune.yaml").write_text(yaml.safe_dump(tuned), encoding="utf-8")
    return load_tune_config(folder / "tune.yaml")


def quiet(line: str) -> None:
    pass


def trials(config: TuneConfig) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read_json(config.output / "trials.json")["trials"]
    return found


def test_the_best_trial_becomes_a_config_and_the_search_can_be_prolonged(tmp_path: Path) -> None:
    config = search(tmp_path)
    best = load_run_config(tune(config, say=quiet))
    done = trials(config)
    winner = max(done, key=lambda t: t["value"])
    assert [t["state"] for t in done] == ["complete", "complete"]
    assert best.training.learning_rate == pytest.approx(winner["values"]["training.learning_rate"])
    assert best.training.batch_size == winner["values"]["training.batch_size"]
    assert best.output == config.output / "best"
    # No weights stay behind; more trials go on from those there are.
    assert not list(config.output.rglob("*.safetensors"))
    tune(search(tmp_path, trials=3), say=quiet)
    assert [t["value"] for t in trials(config)][:2] == [t["value"] for t in done]
    assert len(trials(config)) == 3


def test_a_trial_at_hand_when_the_search_was_killed_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, train = search(tmp_path), tuning.train
    asked: list[dict[str, Any]] = []

    class KilledError(BaseException):
        pass

    def killed(run: Any, **_: Any) -> None:
        asked.append(
            {"training.learning_rate": run.training.learning_rate, "training.batch_size": run.training.batch_size}
        )
        raise KilledError

    # Optuna marks a trial that raises as failed; one whose process is gone stays running, as here.
    monkeypatch.setattr(tuning, "train", killed)
    monkeypatch.setattr(
        "optuna.study._optimize._tell_with_warning", lambda *_, **__: (_ for _ in ()).throw(KilledError)
    )
    with pytest.raises(KilledError):
        tune(config, say=quiet)
    monkeypatch.undo()
    assert tuning.train is train
    tune(config, say=quiet)
    done = trials(config)
    assert [t["state"] for t in done] == ["fail", "complete", "complete"]
    assert done[1]["values"] == done[0]["values"] == pytest.approx(asked[0])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"fields": {"training.rate": {"low": 0.1, "high": 0.2}}}, r"training.rate: unknown key"),
        ({"fields": {"training.batch_size": {"low": 0, "high": 8, "step": 1}}}, r"training.batch_size: .*equal to 1"),
        ({"metric": "f1"}, r"metric: .*'loss' or 'tag_average_precision'"),
        ({"fields": {"training.epochs": {"low": 3, "high": 1}}}, "must both be given, `low` the smaller"),
        ({"fields": {"training.epochs": {"low": 1, "choices": [2]}}}, "give either `low` and `high`, or `choices`"),
    ],
)  # fmt: skip
def test_a_search_that_cannot_be_is_told_before_any_work(
    tmp_path: Path, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        tune(search(tmp_path, **settings), say=quiet)
    assert not (tmp_path / "search").exists()


def test_another_search_in_the_folder_is_refused(tmp_path: Path) -> None:
    tune(search(tmp_path, trials=1), say=quiet)
    with pytest.raises(ConfigError, match="holds another search; choose another folder"):
        tune(search(tmp_path, seed=14), say=quiet)
