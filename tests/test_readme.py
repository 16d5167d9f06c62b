"""READMEs: the front page is short and its snippets run as they stand; links, commands and options of all exist."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from svodka.cli.app import app

ROOT = Path(__file__).parent.parent
MOST_WORDS = 1_000
# Those that people write; a bundle's is made by `svodka.bundle.card`.
READMES = sorted(
    path
    for folder in (".", "configs", "data", "models", "scripts", "src", "tests")
    for path in (ROOT / folder).glob("**/README*.md" if folder == "src" else "README*.md")
)
SNIPPET = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
CALL = re.compile(r"(?<![\w/.-])svodka ([a-z][a-z-]*)\b([^\n`]*)")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


def snippets(path: Path, language: str) -> list[str]:
    """The fenced blocks of a README in one language."""
    return [body for kind, body in SNIPPET.findall(path.read_text(encoding="utf-8")) if kind == language]


def section(path: Path, title: str) -> str:
    """What stands under a heading of the second level."""
    return path.read_text(encoding="utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]


def anchors(path: Path) -> set[str]:
    """The headings of a README as a hub of git repositories addresses them."""
    titles = re.findall(r"^#+ (.*)$", SNIPPET.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder like the clone's root, in which `svodka` is this one's, wherever it is installed."""
    (tmp_path / "data").symlink_to(ROOT / "data")
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "svodka"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m svodka "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return tmp_path


def run(command: list[str], folder: Path) -> str:
    """Standard output of a command in a folder of `clone`."""
    paths = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT / "src")}
    env = os.environ | paths | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_front_page_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").split()) <= MOST_WORDS


def test_the_library_snippet_answers(clone: Path) -> None:
    (snippet,) = snippets(ROOT / "README.md", "python")
    assert len([line for line in snippet.splitlines() if line]) == 3
    *labels, summary = run([sys.executable, "-c", snippet], clone).splitlines()
    assert "спорт" in " ".join(labels) or "хоккей" in " ".join(labels)
    assert summary
    assert summary in snippet


def test_the_command_line_snippet_answers(clone: Path) -> None:
    (snippet,) = re.findall(r"```sh\n(.*?)```", section(ROOT / "README.md", "Command line"), re.DOTALL)
    assert len(snippet.splitlines()) == 3
    rows = [json.loads(line) for line in run(["sh", "-ec", snippet], clone).splitlines()]
    # The folder's pages and its rows, then the rows again; those between went to a file.
    assert {row["id"] for row in rows[3:]} == {row["id"] for row in rows[-3:]}
    assert all(row["summary"]["text"] for row in rows)
    written = (clone / "demo.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in written] == rows[: len(written)]


def test_the_example_is_the_page_that_it_names() -> None:
    example = section(ROOT / "README.md", "Example")
    page = (ROOT / "data" / "demo" / "bolnica-nochyu.txt").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```text\n(.*?)```", example, re.DOTALL)
    assert set(shown.splitlines()) <= {*page.splitlines()}


@pytest.mark.parametrize("readme", READMES, ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_lead_somewhere(readme: Path) -> None:
    for link in LINK.findall(SNIPPET.sub("", readme.read_text(encoding="utf-8"))):
        if "://" not in link:
            path, _, anchor = link.partition("#")
            target = (readme.parent / path).resolve() if path else readme
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


def calls(path: Path) -> Iterator[tuple[str, set[str]]]:
    """The commands that a README names in code, each with its options."""
    inline = re.findall(r"`([^`]+)`", SNIPPET.sub("", path.read_text(encoding="utf-8")))
    for block in (*snippets(path, "sh"), *inline):
        for name, rest in CALL.findall(block):
            yield name, set(OPTION.findall(rest.partition(" #")[0]))


@pytest.mark.parametrize("readme", READMES, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_and_options_exist(readme: Path) -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    for name, options in calls(readme):
        assert name in commands, f"svodka {name}"
        known = {flag for p in commands[name].params for flag in (*p.opts, *p.secondary_opts)}
        assert options <= known | {"--help"}, f"svodka {name}"


def test_the_front_page_names_every_command() -> None:
    listed = re.findall(r"`(?:svodka )?([a-z-]+)`", section(ROOT / "README.md", "Commands"))
    assert set(listed) == set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def test_every_part_of_the_house_is_named() -> None:
    house = (ROOT / "src" / "README.md").read_text(encoding="utf-8")
    parts = {path.stem for path in (ROOT / "src" / "svodka").iterdir() if path.suffix == ".py" or path.is_dir()}
    named = set(re.findall(r"`(\w+)(?:\.py|/)?`", section(ROOT / "src" / "README.md", "Floors") + house))
    assert {part for part in parts if not part.startswith("_")} <= named


def test_what_a_readme_names_is_found(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    text = "`svodka anotate --fast x # --no`\n\n```sh\nsvodka train a --resume\n```\n# A b-c: d\n"
    path.write_text(text, encoding="utf-8")
    assert list(calls(path)) == [("train", {"--resume"}), ("anotate", {"--fast"})]
    assert anchors(path) == {"a-b-c-d"}
