"""Messages in Russian: the catalogue is whole, true to the source, and chosen by the environment."""

import ast
import inspect
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import svodka
from svodka.cli.app import app
from svodka.messages import FOLDER, entries, translated, values_of

CATALOGUE = FOLDER / "ru" / "LC_MESSAGES" / "svodka.mo"
# Said by typer itself, in the words of whoever sets the domain of gettext.
TYPER = {"Arguments", "Options", "Commands", "Error", "[default: {}]", "[required]"}
TYPER |= {"Install completion for the current shell."}
TYPER |= {"Show completion for the current shell, to copy it or customize the installation."}


@pytest.fixture
def russian(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ru_RU.UTF-8")


def held() -> dict[str, str]:
    return {source: target for source, target in entries(CATALOGUE).items() if source}


def test_the_compiled_catalogue_is_that_of_the_readable_one(tmp_path: Path) -> None:
    # After a change: pybabel compile -d src/svodka/locale -D svodka
    with CATALOGUE.with_suffix(".po").open("rb") as readable, (tmp_path / "fresh.mo").open("wb") as fresh:
        write_mo(fresh, read_po(readable))
    assert entries(tmp_path / "fresh.mo") == entries(CATALOGUE)


def test_a_translation_takes_the_values_of_its_message() -> None:
    for source, target in held().items():
        assert source.count("{}") == target.count("{}"), source
        assert target.strip(), source


def test_no_translation_is_of_a_message_that_is_gone() -> None:
    folder = Path(svodka.__file__).parent
    said = {text for path in folder.rglob("*.py") for text in texts(ast.parse(path.read_text(encoding="utf-8")))}
    known = "\0".join(said)
    assert [source for source in held() if source not in TYPER and source not in known] == []


def texts(tree: ast.AST) -> list[str]:
    """Every string of a module, as a template."""
    found = [template(node) for node in ast.walk(tree)]
    return [inspect.cleandoc(text) if text.startswith(text.strip()) else text for text in found]


def template(node: ast.AST) -> str:
    """A string in which `{}` stands for each value."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(map(template, node.values))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return template(node.left) + template(node.right)
    return "{}"


@pytest.mark.parametrize("name", ["annotate", "serve", "watch"])
def test_the_help_of_what_a_newsroom_uses_is_all_translated(name: str, russian: None) -> None:
    command: Any = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    said = [command.help, *(option.help for option in command.params)]
    same = {"faithful, abstractive, extractive or headline.", "cpu, cuda, cuda:1, …"}
    assert [text for text in said if text not in same and translated(text) == text] == []


def test_every_command_is_introduced_in_russian(russian: None) -> None:
    commands: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    firsts = [command.help.partition("\n")[0] for command in commands.values()]
    assert [text for text in firsts if translated(text) == text] == []


def test_a_message_within_a_message_is_translated_too(russian: None) -> None:
    assert translated("rows.jsonl:3: an article needs the key 'text'; keys present: id, body") == (
        "rows.jsonl:3: у статьи должен быть ключ «text»; есть ключи: id, body"
    )
    assert translated("nothing of ours") == "nothing of ours"


def test_english_stays_english() -> None:
    assert translated("no file or folder at a.txt") == "no file or folder at a.txt"


@pytest.mark.parametrize(
    ("message", "template", "values"),
    [
        ("no folder at /in; make it first", "no folder at {}; make it first", ["/in"]),
        ("a: b: c", "{}: {}", ["a", "b: c"]),
        ("{} and {}", "{} and {}", ["{}", "{}"]),
        ("no folder at", "no folder at {}; make it first", None),
        ("xx", "x{}xx", None),  # the ends may not overlap
        ("is " * 1_000, "{} is {} is {} is not", None),
    ],
)
def test_values_are_found_between_the_words_of_a_template(message: str, template: str, values: list[str]) -> None:
    assert values_of(message, template) == values


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ru_RU.UTF-8", "svodka: нет файла или папки nowhere.txt\n"),
        ("C.UTF-8", "svodka: no file or folder at nowhere.txt\n"),
    ],
)
def test_the_environment_chooses_the_language(language: str, said: str, tmp_path: Path) -> None:
    env = os.environ | {"LC_ALL": "", "LANG": language}
    command = [sys.executable, "-m", "svodka", "annotate", "nowhere.txt"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=env)
    assert (done.returncode, done.stderr) == (2, said)
