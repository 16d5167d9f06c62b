"""`svodka init` and `svodka config`: what a stranger begins with."""

import json
import tomllib
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from svodka.cli.app import app
from svodka.config.loading import load_run_config
from svodka.config.schema import KINDS, json_schema
from svodka.errors import ConfigError

ROOT = Path(__file__).parent.parent
FOLDERS = {"": "train", "recipes": "train", "data": "data", "pretraining": "pretrain", "tuning": "tune"}
SHIPPED = [
    (path, kind) for folder, kind in FOLDERS.items() for path in sorted((ROOT / "configs" / folder).glob("*.yaml"))
]


def test_what_init_writes_can_be_prepared_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["init", "news"])
    assert done.exit_code == 0, done.output
    assert done.output.endswith("next: cd news; svodka train own.yaml\n")
    assert {path.name for path in (tmp_path / "news").iterdir()} == {"own.yaml", "my_news.jsonl"}
    monkeypatch.chdir(tmp_path / "news")
    config = load_run_config(Path("own.yaml"))
    (source,) = config.data.sources
    assert Path(source.path).is_file()


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("mine: yes\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["init", str(tmp_path)])
    assert isinstance(done.exception, ConfigError)
    assert str(done.exception) == (f"{tmp_path / 'own.yaml'} already there; move them away, or name another folder")
    assert (tmp_path / "own.yaml").read_text(encoding="utf-8") == "mine: yes\n"
    assert not (tmp_path / "my_news.jsonl").exists()


@pytest.mark.parametrize(("path", "kind"), SHIPPED, ids=lambda value: value.name if isinstance(value, Path) else value)
def test_every_shipped_config_fits_the_schema_of_its_kind(path: Path, kind: str) -> None:
    if path.name == "aliases.yaml":
        pytest.skip("no config: a table of aliases")
    body = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert [error.message for error in Draft202012Validator(json_schema(kind)).iter_errors(body)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_one_and_refuses_an_unknown_key(kind: str) -> None:
    schema = json_schema(kind)
    Draft202012Validator.check_schema(schema)
    messages = [error.message for error in Draft202012Validator(schema).iter_errors({"trainning": {}})]
    assert any("'trainning' was unexpected" in message for message in messages)


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_a_schema_says_what_it_is_for(kind: str) -> None:
    schema = json_schema(kind)
    for owner in (schema, *schema["$defs"].values()):
        for name, field in owner.get("properties", {}).items():
            told = [field, *field.get("anyOf", ()), schema["$defs"].get(field.get("$ref", "").rpartition("/")[2], {})]
            assert any("description" in one for one in told), f"{owner.get('title')}.{name}"


def test_config_prints_what_a_file_comes_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    done = CliRunner().invoke(app, ["config", "configs/own.yaml", "keep_tags=true"])
    assert done.exit_code == 0, done.output
    body = yaml.safe_load(done.output)
    assert (body["start"], body["keep_tags"]) == ("shipped", True)
    again = tmp_path / "again.yaml"
    again.write_text(done.output, encoding="utf-8")
    assert load_run_config(again) == load_run_config(Path("configs/own.yaml"), ["keep_tags=true"])


def test_a_kind_that_there_is_not_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    done = CliRunner().invoke(app, ["config", "--schema", "--kind", "trein"])
    assert str(done.exception) == "config kind 'trein' is unknown; allowed: train, data, pretrain, tune"
    assert str(CliRunner().invoke(app, ["config"]).exception) == "name a CONFIG to check, or ask for --schema"


def test_schema_is_json_on_standard_output() -> None:
    done = CliRunner().invoke(app, ["config", "--schema", "--kind", "data"])
    assert set(json.loads(done.output)["properties"]) >= {"source", "output", "split"}


def test_what_init_writes_comes_in_the_wheel_under_the_names_that_it_looks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert all((ROOT / source).exists() for source in included)
    assert {"svodka/starter/own.yaml", "svodka/starter/news_ru.jsonl"} <= set(included.values())
