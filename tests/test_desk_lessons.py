"""The desk in a whole service: an editor corrects, the model learns, and the next article shows it."""

import asyncio
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from conftest import sample_rows
from serving import app_of, client_of
from svodka.article import Article
from svodka.bundle import Bundle
from svodka.errors import ConfigError, DataError
from svodka.learning.kept import KeptStates
from svodka.learning.readings import Readings, read
from svodka.serve.desk.articles import Articles
from svodka.serve.desk.corrections import Correction, Corrections
from svodka.serve.desk.lessons import Lessons
from svodka.serve.options import ServeOptions

TAG = "мосты через реку"
TEXTS = [
    "Мост через Каменку открыли. По мосту проехал автобус.",
    "Новый мост построят за рекой. Опоры моста уже стоят.",
    "Через Лугу перекинут ещё один мост. Старый мост закроют.",
]


@pytest.fixture(scope="module")
def bundle(topical: Path) -> Path:
    return topical / "run" / "bundle"


def served(bundle: Path, corrections: Path) -> AbstractContextManager[TestClient]:
    return client_of(app_of(bundle, ServeOptions(corrections=corrections)))


@pytest.fixture(scope="module")
def corrected(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, Path]]:
    """A service that has learned a new tag from three articles, and the corrections' file."""
    path = tmp_path_factory.mktemp("desk") / "corrections.jsonl"
    with served(bundle, path) as client:
        for row in sample_rows(4):
            client.post("/desk/read", json={"body": row["text"], "title": row["title"]})
        for text in TEXTS:
            found = client.post("/desk/read", json={"body": text}).json()
            given = [tag["name"] for tag in found["tags"]]
            said = {"id": found["id"], "text": text, "wrong": given, "missing": [TAG]}
            assert client.post("/desk/corrections", json=said).status_code == 200
        assert "model" in client.post("/desk/learn", json={}).json()
        yield client, path


def lessons_of(folder: Path) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = json.loads((folder / "learned" / "learned.json").read_text(encoding="utf-8"))["steps"]
    return steps


def test_the_service_answers_with_what_it_has_learned(corrected: tuple[TestClient, Path]) -> None:
    client, _ = corrected
    found = client.post("/desk/read", json={"body": "Мост у вокзала закрыли. Опоры моста меняют."}).json()
    assert TAG in [tag["name"] for tag in found["tags"]]
    assert TAG in client.get("/desk/state").json()["tags"]
    assert found["model"] == client.get("/v1/model").json()["model"]


def test_the_model_that_has_learned_has_another_id(corrected: tuple[TestClient, Path], bundle: Path) -> None:
    client, path = corrected
    with served(bundle, path.with_name("other.jsonl")) as untaught:
        assert client.get("/desk/state").json()["model"] != untaught.get("/desk/state").json()["model"]


def test_to_learn_again_takes_the_place_of_the_lesson_before(corrected: tuple[TestClient, Path]) -> None:
    client, path = corrected
    client.post("/desk/corrections", json={"id": "more", "text": TEXTS[0] + " Мост красив.", "missing": ["опоры"]})
    assert client.post("/desk/learn", json={}).status_code == 200
    (lesson,) = lessons_of(path.with_suffix(".model"))
    assert lesson["corrections"] == 4
    assert {TAG, "опоры"} <= {tag["name"] for tag in lesson["tags"]}


def test_lessons_of_one_model_share_what_its_encoder_has_read(
    corrected: tuple[TestClient, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _ = corrected
    seen: list[KeptStates] = []

    def watched(bundle: Bundle, articles: Sequence[Article], *, kept: KeptStates) -> Readings:
        seen.append(kept)
        return read(bundle, articles, kept=kept)

    monkeypatch.setattr("svodka.serve.desk.lessons.read", watched)
    for _ in range(2):
        assert client.post("/desk/learn", json={}).status_code == 200
    assert len(seen) == 2
    assert seen[0] is seen[1]


def test_a_service_that_begins_with_the_taught_model_learns_on_as_if_it_had_not_ended(
    corrected: tuple[TestClient, Path], tmp_path: Path
) -> None:
    _, path = corrected
    for name in (path.name, path.with_suffix(".model").name):
        (shutil.copytree if path.with_name(name).is_dir() else shutil.copy)(path.with_name(name), tmp_path / name)
    with served(tmp_path / "corrections.model", tmp_path / "corrections.jsonl") as client:
        assert client.post("/desk/learn", json={}).status_code == 200
    assert len(lessons_of(tmp_path / "corrections.model")) == 1


def test_without_a_text_there_is_nothing_to_learn_from(tmp_path: Path) -> None:
    corrections = Corrections(tmp_path / "corrections.jsonl")
    corrections.append(Correction(id="w1", wrong=["мост"]))
    lessons = Lessons(None, corrections, Articles())  # type: ignore[arg-type]
    with pytest.raises(DataError, match="there is nothing to learn from: correct an article whose text is shown"):
        asyncio.run(lessons())


def test_a_folder_of_something_else_is_not_replaced_by_a_model(tmp_path: Path) -> None:
    (tmp_path / "corrections.model").mkdir()
    (tmp_path / "corrections.model" / "notes.txt").touch()
    with pytest.raises(ConfigError, match=r"corrections\.model is where the desk keeps the model that it teaches"):
        Lessons(None, Corrections(tmp_path / "corrections.jsonl"), Articles())  # type: ignore[arg-type]
