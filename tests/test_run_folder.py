"""The folder of a run: begun once, gone on with only as it was begun."""

import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import yaml

from svodka.config.training import RunConfig
from svodka.errors import ConfigError, DataError
from svodka.training.run_folder import RunFolder

DATA = {"hash": "abc", "splits": {"train": 90, "test": 10}, "sources": {"rt": {"licence": "своя", "read": 101}}}
OTHER = {"hash": "def", "splits": {"train": 89, "test": 10}, "sources": {"rt": {"licence": "своя", "read": 100}}}
STATE = {
    "format": 1, "data": "abc", "ended": False, "processes": 1,
    "data_facts": {"splits": DATA["splits"], "sources": DATA["sources"]},
}  # fmt: skip


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
    folder.open(config(folder.root), DATA, resume=False)
    return folder


@pytest.fixture
def stepped(begun: RunFolder) -> RunFolder:
    checkpoint(begun, 1)
    return begun


def test_a_begun_run_says_what_it_is(begun: RunFolder) -> None:
    assert {p.name for p in begun.root.iterdir()} == {"config.yaml", "run.json"}
    assert json.loads(begun.state.read_text()) == STATE
    assert RunConfig.model_validate(yaml.safe_load(begun.config.read_text(encoding="utf-8"))) == config(begun.root)
    assert "новости.jsonl" in begun.config.read_text(encoding="utf-8")


def test_the_end_is_noted(begun: RunFolder) -> None:
    begun.end()
    assert json.loads(begun.state.read_text()) == STATE | {"ended": True}


def test_the_same_run_goes_on(begun: RunFolder) -> None:
    before = begun.config.read_bytes()
    begun.open(config(begun.root), DATA, resume=True)
    assert begun.config.read_bytes() == before


def test_resuming_where_nothing_lies_begins(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.open(config(folder.root), DATA, resume=True)
    assert folder.state.exists()


def test_an_empty_folder_may_be_used(tmp_path: Path) -> None:
    RunFolder(tmp_path).open(config(tmp_path), DATA, resume=False)


def test_a_used_folder_is_refused(stepped: RunFolder) -> None:
    with pytest.raises(
        ConfigError, match=r"run holds a run already; go on with it by --resume, or choose another folder by output=…"
    ):
        stepped.open(config(stepped.root), DATA, resume=False)


def test_a_folder_with_other_things_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "письмо.txt").write_text("важно", encoding="utf-8")
    for resume in (True, False):
        with pytest.raises(ConfigError, match="is not empty and holds no run; choose another folder"):
            RunFolder(tmp_path).open(config(tmp_path), DATA, resume=resume)
    assert [p.name for p in tmp_path.iterdir()] == ["письмо.txt"]


def test_every_change_is_named(stepped: RunFolder) -> None:
    with pytest.raises(ConfigError) as caught:
        stepped.open(config(stepped.root, epochs=5.0, early_stopping=2), OTHER, resume=True)
    lines = str(caught.value).splitlines()
    assert lines[0].endswith("run, these changed since it began:")
    assert sorted(line.strip() for line in lines[1:-1]) == [
        "prepared data.sources.rt.read: 101 then, 100 now",
        "prepared data.splits.train: 90 then, 89 now",
        "prepared data: abc then, def now",
        "training.early_stopping: None then, 2 now",
        "training.epochs: 3.0 then, 5.0 now",
    ]
    assert lines[-1] == "put them back, or choose another folder by output=…"


def test_a_run_that_has_ended_is_refused_though_its_checkpoints_are_gone(begun: RunFolder) -> None:
    begun.end()
    with pytest.raises(ConfigError, match=r"cannot resume .*\n  training\.epochs: 3\.0 then, 5\.0 now"):
        begun.open(config(begun.root, epochs=5.0), DATA, resume=True)


@pytest.mark.parametrize("resume", [True, False])
def test_a_start_that_failed_before_a_checkpoint_blocks_no_folder(begun: RunFolder, resume: bool) -> None:
    for path in (begun.tokenizer, begun.cache, begun.logs, begun.checkpoints / "checkpoint-3"):
        path.mkdir(parents=True)
    begun.open(config(begun.root, epochs=5.0), OTHER, resume=resume)
    assert {p.name for p in begun.root.iterdir()} == {"config.yaml", "run.json"}
    assert yaml.safe_load(begun.config.read_text(encoding="utf-8"))["training"]["epochs"] == 5.0
    assert json.loads(begun.state.read_text())["data"] == "def"


def test_the_same_start_again_keeps_what_was_made_for_it(begun: RunFolder) -> None:
    begun.tokenizer.mkdir()
    begun.open(config(begun.root), DATA, resume=False)
    assert begun.tokenizer.is_dir()


def test_places_may_change_and_weights_may_not(stepped: RunFolder) -> None:
    moved = stepped.root.rename(stepped.root.with_name("moved"))
    (moved.parent / "bert").mkdir()
    body = config(moved).model_dump() | {"output": moved}
    body["data"] |= {"output": "elsewhere", "source": body["data"]["source"] | {"path": "/srv/новости.jsonl"}}
    RunFolder(moved).open(RunConfig.model_validate(body), DATA, resume=True)
    body["model"]["backbone"] = {"pretrained": str(moved.parent / "bert")}
    with pytest.raises(ConfigError, match=r"model\.backbone\.pretrained: None then, '.*bert' now"):
        RunFolder(moved).open(RunConfig.model_validate(body), DATA, resume=True)


def test_a_folder_named_another_way_is_the_same_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bert").mkdir()
    folder = RunFolder(tmp_path / "run")
    for name in ("bert", str(tmp_path / "bert")):
        body = config(folder.root).model_dump() | {"model": {"backbone": {"pretrained": name}}}
        folder.open(RunConfig.model_validate(body), DATA, resume=True)
        if folder.last_checkpoint() is None:
            checkpoint(folder, 1)


def test_a_folder_is_trained_in_by_one_process_at_a_time(begun: RunFolder) -> None:
    with (
        begun.locked(),
        pytest.raises(ConfigError, match=r"another process is training in .*run; wait for its end, or choose"),
        RunFolder(begun.root).locked(),
    ):
        pass
    with pytest.raises(MemoryError), begun.locked():
        raise MemoryError
    with begun.locked():
        pass
    assert {p.name for p in begun.root.iterdir()} == {"config.yaml", "run.json"}


def test_another_format_is_refused(begun: RunFolder) -> None:
    begun.state.write_text('{"format": 2, "data": "abc"}')
    with pytest.raises(ConfigError, match="run format 2, but this version resumes 1"):
        begun.open(config(begun.root), DATA, resume=True)


def test_a_broken_state_is_refused(begun: RunFolder) -> None:
    begun.state.write_text("{")
    with pytest.raises(DataError, match=r"cannot read .*run\.json"):
        begun.open(config(begun.root), DATA, resume=True)


def test_another_number_of_processes_is_refused(stepped: RunFolder) -> None:
    with pytest.raises(ConfigError, match="processes: 1 then, 2 now"):
        stepped.open(config(stepped.root), DATA, processes=2, resume=True)


def test_a_run_of_a_version_without_some_field_goes_on_with_its_default(stepped: RunFolder) -> None:
    older = yaml.safe_load(stepped.config.read_text(encoding="utf-8"))
    del older["training"]["keep_checkpoints"]
    stepped.config.write_text(yaml.safe_dump(older), encoding="utf-8")
    stepped.open(config(stepped.root), DATA, resume=True)
    with pytest.raises(ConfigError, match=r"training\.keep_checkpoints: 2 then, 3 now"):
        stepped.open(config(stepped.root, keep_checkpoints=3), DATA, resume=True)


def test_a_run_killed_while_it_began_begins_anew(begun: RunFolder) -> None:
    begun.state.unlink()
    (begun.root / ".run.json.12345678.new").write_text("{")
    begun.open(config(begun.root), DATA, resume=True)
    assert json.loads(begun.state.read_text()) == STATE


def test_what_a_killed_save_left_goes_with_the_resumption(begun: RunFolder) -> None:
    (begun.root / ".bundle.12345678.new").mkdir()
    (begun.root / ".bundle.12345678.new" / "model.safetensors").write_bytes(b"half")
    begun.open(config(begun.root), DATA, resume=True)
    assert {p.name for p in begun.root.iterdir()} == {"config.yaml", "run.json"}


def checkpoint(folder: RunFolder, step: int, *, state: str = "{}", processes: int = 1) -> Path:
    path = folder.checkpoints / f"checkpoint-{step}"
    path.mkdir(parents=True)
    for name in ["rng_state.pth"] if processes == 1 else [f"rng_state_{i}.pth" for i in range(processes)]:
        with ZipFile(path / name, "w") as file:
            file.writestr("state", "1")
    (path / "trainer_state.json").write_text(state)
    return path


def test_only_a_whole_checkpoint_counts_and_the_newest_of_them(begun: RunFolder) -> None:
    assert begun.last_checkpoint() is None
    (begun.checkpoints / "checkpoint-200").mkdir(parents=True)
    checkpoint(begun, 150, state='{"epoch": 1.')
    (checkpoint(begun, 120) / "rng_state.pth").write_bytes(b"PK half")
    assert begun.last_checkpoint() is None
    nine, ten = checkpoint(begun, 9), checkpoint(begun, 10)
    assert begun.last_checkpoint() == ten
    begun.drop_broken_checkpoints()
    assert sorted(begun.checkpoints.iterdir()) == sorted([nine, ten])


def test_a_checkpoint_of_two_processes_needs_both_their_states(begun: RunFolder) -> None:
    path = checkpoint(begun, 10, processes=2)
    assert begun.last_checkpoint(2) == path
    (path / "rng_state_1.pth").unlink()
    assert begun.last_checkpoint(2) is None
