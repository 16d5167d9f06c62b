"""The commands by which tags grow, in one process: learn, its undoing, and what goes to Label Studio and comes back."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from conftest import sample_rows
from svodka.cli.app import app
from svodka.errors import ConfigError, DataError
from svodka.learning.label_studio import rows_of
from test_learning import contents, lesson, saved  # noqa: F401 - a fixture


def run(*arguments: object) -> str:
    """What a command prints."""
    done = CliRunner().invoke(app, list(map(str, arguments)), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_learn_tells_what_it_learned_and_undo_takes_it_back(saved: Path, tmp_path: Path) -> None:  # noqa: F811
    corrections = lines(tmp_path / "corrections.jsonl", lesson("Мосты"))
    articles = lines(tmp_path / "articles.jsonl", sample_rows(4))
    output = tmp_path / "taught"
    told = run("learn", corrections, "--bundle", saved, "--output", output, "--articles", articles)
    assert "мосты" in told
    assert "4 articles by --articles" in told
    assert f"written: {output}" in told
    told = run("learn", "--undo", "--bundle", output)
    assert "taken back: 5 correction(s) of" in told
    assert contents(output) == contents(saved)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "nothing to learn from: name a file of corrections, or --tags with `examples`"),
        (("rows.jsonl",), "name the folder of the taught bundle by --output"),
        (("rows.jsonl", "--undo"), "--undo takes the last lesson back and reads no corrections"),
        (("--undo",), "name the bundle whose last lesson is to be taken back by --bundle"),
        (("rows.jsonl", "--output", "taken"), "taken is there already and is no bundle; name another --output"),
    ],
)
def test_what_learn_cannot_do_is_told_before_a_model_is_loaded(
    arguments: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "letter.txt").write_text("not ours", encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        run("learn", *arguments)


def test_what_label_studio_gets_comes_back_as_corrections(saved: Path, tmp_path: Path) -> None:  # noqa: F811
    articles = lines(tmp_path / "articles.jsonl", sample_rows(3))
    tasks, interface = tmp_path / "tasks.json", tmp_path / "interface.xml"
    run("export-labels", articles, "--bundle", saved, "--output", tasks, "--interface", interface)
    made = json.loads(tasks.read_text(encoding="utf-8"))
    assert [task["data"]["id"] for task in made] == [row["id"] for row in sample_rows(3)]
    view = ElementTree.fromstring(interface.read_text(encoding="utf-8"))
    choices = {choice.get("value") for choice in view.iter("Choice")}
    for task in made:
        (guess,) = task["predictions"]
        assert guess["model_version"].startswith("svodka ")
        assert {*guess["result"][0]["value"]["choices"]} <= choices
    assert [part.tag for part in view if part.get("name") == "tags"] == ["Choices"]
    # Somebody takes all tags away and gives another.
    result = [{**made[0]["predictions"][0]["result"][0], "value": {"choices": ["Мосты"]}}]
    export = [{**made[0], "id": 1, "annotations": [{"was_cancelled": False, "result": result}]}, {**made[1], "id": 2}]
    (tmp_path / "export.json").write_text(json.dumps(export), encoding="utf-8")
    told = run("learn", tmp_path / "export.json", "--bundle", saved, "--output", tmp_path / "taught")
    assert "мосты" in told


def test_a_finished_task_says_all_tags_of_its_article() -> None:
    def chosen(*tags: str) -> list[dict[str, Any]]:
        return [{"type": "choices", "value": {"choices": [*tags]}}]

    data = {"id": "a", "text": "Снег идёт второй день."}
    task = {
        "data": data,
        "predictions": [7, {"result": chosen("спорт", "зима")}],
        "annotations": [{"result": chosen("балет")}, {"was_cancelled": True, "result": chosen("цирк")}],
    }
    assert list(rows_of([task, {"data": data, "annotations": []}])) == [
        {**data, "right": [], "missing": ["балет"], "wrong": ["спорт", "зима"], "complete": True}
    ]
    with pytest.raises(DataError, match="no task of the export is finished"):
        list(rows_of([{"data": data}]))
    with pytest.raises(DataError, match=r"task 1 is not of Label Studio's JSON export: KeyError\('result'\)"):
        list(rows_of([{"data": data, "annotations": [{}]}]))
