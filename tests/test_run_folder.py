"""The folder of a run: begun once, gone on with only as it was begun."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from svodka.config.training import RunConfig
from svodka.errors import ConfigError, DataError
from svodka.training.run_folder import RunFolder


def config(folder: Path, **training: Any) -> RunConfig:
    return RunConfig.model_validate(
        {
            "data": {"source": {"kind": "jsonl", "path": "новости.jsonl"}, "output": "prepared"},
            "output": str(folder),
            "model": {"backbone": {"model_type": "bert", "settings": {"hidden_size": 32}}},
            "training": training,
        }
    )


@pytest.fixture
def begun(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "run")
    folder.open(config(folder.root), "abc", resume=False)
    return folder


def test_a_begun_run_says_what_it_is(begun: RunFolder) -> None:
    assert {p.name for p in begun.root.iterdir()} == {"config.yaml", "run.json"}
    assert json.loads(begun.state.read_text()) == {"format": 1, "data": "abc", "ended": False}
    assert RunConfig.model_validate(yaml.safe_load(begun.config.read_text(encoding="utf-8"))) == config(begun.root)
    assert "новости.jsonl" in begun.config.read_text(encoding="utf-8")


def test_the_end_is_noted(begun: RunFolder) -> None:
    begun.end()
    assert json.loads(begun.state.read_text()) == {"format": 1, "data": "abc", "ended": True}


def test_the_same_run_goes_on(begun: RunFolder) -> None:
    before = begun.config.read_bytes()
    begun.open(config(begun.root), "abc", resume=True)
    assert begun.config.read_bytes() == before


def test_resuming_where_nothing_lies_begins(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.open(config(folder.root), "abc", resume=True)
    assert folder.state.exists()


def test_an_empty_folder_may_be_used(tmp_path: Path) -> None:
    RunFolder(tmp_path).open(config(tmp_path), "abc", resume=False)


def test_a_used_folder_is_refused(begun: RunFolder) -> None:
    with pytest.raises(
        ConfigError, match=r"run holds a run already; go on with it by --resume, or choose another folder by output=…"
    ):
        begun.open(config(begun.root), "abc", resume=False)


def test_a_folder_with_other_things_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "письмо.txt").write_text("важно", encoding="utf-8")
    for resume in (True, False):
        with pytest.raises(ConfigError, match="is not empty and holds no run; choose another folder"):
            RunFolder(tmp_path).open(config(tmp_path), "abc", resume=resume)
    assert [p.name for p in tmp_path.iterdir()] == ["письмо.txt"]


def test_every_change_is_named(begun: RunFolder) -> None:
    with pytest.raises(ConfigError) as caught:
        begun.open(config(begun.root, epochs=5.0, early_stopping=2), "def", resume=True)
    lines = str(caught.value).splitlines()
    assert lines[0].endswith("run, these changed since it began:")
    assert sorted(line.strip() for line in lines[1:-1]) == [
        "prepared data: abc then, def now",
        "training.early_stopping: None then, 2 now",
        "training.epochs: 3.0 then, 5.0 now",
    ]
    assert lines[-1] == "put them back, or choose another folder by output=…"


def test_another_format_is_refused(begun: RunFolder) -> None:
    begun.state.write_text('{"format": 2, "data": "abc"}')
    with pytest.raises(ConfigError, match="run format 2, but this version resumes 1"):
        begun.open(config(begun.root), "abc", resume=True)


def test_a_broken_state_is_refused(begun: RunFolder) -> None:
    begun.state.write_text("{")
    with pytest.raises(DataError, match=r"cannot read .*run\.json"):
        begun.open(config(begun.root), "abc", resume=True)


def test_only_a_whole_checkpoint_counts(begun: RunFolder) -> None:
    assert not begun.has_checkpoint
    (begun.checkpoints / "checkpoint-10").mkdir(parents=True)
    assert not begun.has_checkpoint
    (begun.checkpoints / "checkpoint-10" / "trainer_state.json").write_text("{}")
    assert begun.has_checkpoint
