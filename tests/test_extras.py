"""The base install: what it can do, and what a command says of an extra that is missing."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest
import typer
from packaging.requirements import Requirement
from packaging.version import Version

from svodka import cli
from svodka.cli.app import app
from svodka.extras import NEEDS, explain

ROOT = Path(__file__).parent.parent
ALL_MODULES = sorted({module for needed in NEEDS.values() for modules in needed.values() for module in modules})
# What an extra brings and torch or the base install may use as well.
ALSO_BASE = {"filelock", "urllib3", "jinja2"}
# The rest of what extras bring: asked for where some input, output or setting needs it.
OTHERS = ("fsspec", "zstandard", "ray", "peft", "psycopg", "natasha", "navec", "slovnet", "markupsafe", "pandas")
ARGUMENTS = {"serve": [], "compare": ["a.json", "b.json"], "evaluate": ["a", "b"], "drift": ["a", "b"]}


@pytest.mark.parametrize("command", NEEDS)
def test_a_command_names_the_extra_that_it_lacks(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for module in ALL_MODULES:
        monkeypatch.setitem(sys.modules, module, None)
    given = ["a", "b", "--engine", "int8"] if command == "export" else ARGUMENTS.get(command, ["absent"])
    monkeypatch.setattr(sys, "argv", ["svodka", command, *given])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 2
    told = capsys.readouterr().err
    assert told.startswith(f"svodka: svodka {command} needs ")
    assert told.endswith(f", not installed; get what is missing by pip install 'svodka[{','.join(NEEDS[command])}]'\n")
    assert all(module in told for modules in NEEDS[command].values() for module in modules)


def test_only_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    monkeypatch.setattr(sys, "argv", ["svodka", "tune", "absent.yaml"])
    with pytest.raises(SystemExit):
        cli.main()
    assert capsys.readouterr().err == (
        "svodka: svodka tune needs optuna, not installed; get what is missing by pip install 'svodka[tune]'\n"
    )


def test_every_module_of_the_table_is_one() -> None:
    assert [module for module in ALL_MODULES if find_spec(module) is None] == []
    assert set(NEEDS) <= set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def test_a_module_that_no_extra_brings_is_a_fault_of_ours() -> None:
    assert explain(ModuleNotFoundError("No module named 'svodka.nowhere'", name="svodka.nowhere")) is None
    assert "pip install 'svodka[train]'" in str(explain(ModuleNotFoundError("", name="sklearn.metrics")))


@pytest.mark.parametrize("command", ["train", "watch"])
def test_help_answers_without_the_extra(command: str) -> None:
    done = base("-m", "svodka", command, "--help")
    assert done.returncode == 0, done.stderr
    assert "Usage: " in done.stdout


@pytest.mark.slow
def test_the_base_install_annotates_pages_and_rows(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"id": "a", "text": "Мост открыли. Трамваи пошли."}\n', encoding="utf-8")
    (tmp_path / "page.txt").write_text("Мост открыли\n\nТрамваи пошли по мосту через реку.\n", encoding="utf-8")
    arguments = ["--bundle", str(trained / "run" / "bundle"), "rows.jsonl", "page.txt", "--json"]
    done = base("-m", "svodka", "annotate", *arguments, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 2


def test_the_service_needs_no_extra_but_its_own() -> None:
    done = base("-m", "svodka.serve.running", extras=("serve",))  # the module with all that it imports
    assert done.returncode == 0, done.stderr


def base(*arguments: str, folder: Path | None = None, extras: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """Python with no modules of other extras, as `sys.modules` hides them from a process of its own."""
    there = {module for needed in NEEDS.values() for extra in extras for module in needed.get(extra, ())}
    hidden = [module for module in (*ALL_MODULES, *OTHERS) if module not in ALSO_BASE | there]
    runner = (
        f"import sys; sys.modules.update(dict.fromkeys({hidden!r})); import runpy; "
        "sys.argv = sys.argv[1:]; runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)"
    )
    command = [sys.executable, "-c", runner, *arguments[1:]]
    env = os.environ | {"HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": "", "COLUMNS": "200"}
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=env)


def test_the_lowest_versions_are_those_that_the_package_declares() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [
        *project["dependencies"],
        *(line for extra in project["optional-dependencies"].values() for line in extra),
    ]
    lowest: dict[str, Version] = {}
    for line in map(Requirement, declared):
        bounds = [Version(one.version) for one in line.specifier if one.operator == ">="]
        assert bounds or line.name == "svodka", f"{line} has no lowest version"
        if bounds:
            lowest[line.name] = max(*bounds, lowest.get(line.name, Version("0")))
    lines = (ROOT / "scripts" / "constraints-lowest.txt").read_text(encoding="utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if not line.startswith("#"))
    assert {name: Version(version) for name, version in pinned.items()} == lowest
