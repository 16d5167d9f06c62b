"""The scoreboard: its numbers are those of the evaluation, its tables say which side is surely better, twice alike."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

import scoreboard
from board.corpora import ALL, Setting, by_language, corpus_numbers
from board.cost import size_of, speeds
from board.kept import Kept
from board.markdown import BEGIN, END, put_into, tables
from svodka.annotator import Annotator
from svodka.article import Article
from svodka.data.store import PreparedData


@pytest.fixture(scope="module")
def folders(topical: Path, trained: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A corpus with topics and one without, under names of outlets."""
    folder = tmp_path_factory.mktemp("board")
    found = {"town": topical / "prepared", "plain": trained / "prepared"}
    return {name: Path(shutil.copytree(path, folder / name)) for name, path in found.items()}


@pytest.fixture(scope="module")
def board(topical: Path, folders: dict[str, Path]) -> dict[str, Any]:
    return scoreboard.measure(topical / "run" / "bundle", list(folders.values()), Setting(least=1))


def test_the_numbers_are_those_of_the_evaluation(board: dict[str, Any], topical_report: dict[str, Any]) -> None:
    town, plain = board["corpora"]
    line = town["topics"]["lines"]["ru"]
    assert line["n"] == topical_report["topic_details"]["n"]
    for system in ("model", "TF-IDF + linear SVM"):
        for score, value in line["scores"][system].items():
            assert value == pytest.approx(topical_report["topics"][system][score]), score
    assert line["differences"]["p@1"] == topical_report["topic_differences"]["TF-IDF + linear SVM"]["p@1"]
    tags = town["tags"]["lines"]["ru"]
    assert tags["scores"]["model"]["micro_f1"] == topical_report["tags"]["model"]["micro_f1"]
    assert tags["differences"]["map"] == topical_report["tag_differences"]["TF-IDF + linear SVM"]["map"]
    assert "topics" not in plain
    assert (town["own"], plain["own"]) == (True, False)


def test_shares_of_articles_to_which_nothing_is_given(board: dict[str, Any], topical: Path) -> None:
    annotator = Annotator.load(topical / "run" / "bundle", engine="torch", device="cpu")
    data = PreparedData.open(topical / "prepared")
    found = list(annotator.stream_scored(data.articles("test")))
    given = board["corpora"][0]["given"]["ru"]
    assert given["n"] == len(found)
    calibration = annotator.bundle.topics
    assert calibration is not None
    assert given["no_topic"] == pytest.approx(
        sum(not (one.topics >= calibration.threshold).any() for one in found) / len(found)
    )
    assert given["no_tag"] == pytest.approx(sum(not one.annotation.tags for one in found) / len(found))
    sure = sum(any(topic.sure for topic in one.annotation.topics) for one in found)
    assert given["no_sure_topic"] == pytest.approx(1 - sure / len(found))


def test_to_an_article_that_cannot_be_read_nothing_is_given(topical: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = PreparedData.open(topical / "prepared")
    spoilt = "Мэр открыл новую школу на окраине города. В ней учатся триста детей.".encode().decode("cp1251", "replace")
    articles = [*data.articles("test"), Article(spoilt, lang="ru")]
    monkeypatch.setattr(PreparedData, "articles", lambda *_: articles)
    annotator = Annotator.load(topical / "run" / "bundle", engine="torch", device="cpu")
    found = corpus_numbers(annotator, data, Setting(least=1))
    readable = sum(bool(one.annotation.tags) for one in annotator.stream_scored(articles[:-1]))
    assert found["given"]["ru"]["n"] == len(articles)
    assert found["given"]["ru"]["no_tag"] == pytest.approx(1 - readable / len(articles))
    assert not {"topics", "tags"} & set(found)


def test_a_bundle_without_topics(trained: Path, folders: dict[str, Path]) -> None:
    annotator = Annotator.load(trained / "run" / "bundle", engine="torch", device="cpu")
    numbers = corpus_numbers(annotator, PreparedData.open(folders["town"]), Setting(limit=5))
    assert "topics" not in numbers
    assert set(numbers["given"]["ru"]) == {"n", "no_tag"}
    assert numbers["n"] == 5


def test_languages() -> None:
    assert by_language(["ru", "ru"], least=5) == {"ru": [0, 1]}
    assert by_language(["ru", "kk", "ru", ""], least=2) == {ALL: [0, 1, 2, 3], "ru": [0, 2]}
    assert by_language(["", ""], least=1) == {ALL: [0, 1]}


def test_answers_of_baselines_are_kept(topical: Path, folders: dict[str, Path], tmp_path: Path) -> None:
    annotator = Annotator.load(topical / "run" / "bundle", engine="torch", device="cpu")
    data, kept = PreparedData.open(folders["town"]), Setting(least=1, kept=Kept(tmp_path / "kept"))
    first = corpus_numbers(annotator, data, kept)
    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "kept").iterdir()}
    assert len(files) == 2
    assert corpus_numbers(annotator, data, kept) == first == corpus_numbers(annotator, data, Setting(least=1))
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "kept").iterdir()} == files


def line(ours: float, theirs: float, low: float, high: float) -> dict[str, Any]:
    between = {"mean": ours - theirs, "low": low, "high": high}
    return {
        "n": 1234,
        "scores": {
            "model": {"micro_f1": ours, "sure": 0.5, "sure_precision": 0.92, "ece": 0.01},
            "TF-IDF + linear SVM": {"micro_f1": theirs},
            "most frequent topic": {"p@1": 0.25},
        },
        "differences": {"micro_f1": between},
    }


def test_tables_by_hand() -> None:
    topics = {"ru": line(0.8, 0.7, 0.05, 0.15), "kk": line(0.6, 0.7, -0.2, -0.01), "uk": line(0.7, 0.7, -0.1, 0.1)}
    given = {ALL: {"n": 10, "no_topic": 0.1, "no_sure_topic": 0.5, "no_tag": 0.25}}
    text = tables(
        {
            "split": "test",
            "engine": "torch",
            "signatures": {"topics": "signed", "tags": ""},
            "bundle": {"name": "wide", "bytes": 43_000_000, "weight_bytes": 42_000_000},
            "others": [],
            "corpora": [{"corpus": "town", "own": False, "given": given, "topics": {"lines": topics}}],
        }
    )
    assert "MAP, bundle / TF-IDF | P@1 of the most frequent topic |" in text
    assert "| town | ru | 1,234 |  |  | **0.800** / 0.700 |  |  | 0.250 |" in text
    assert "| town | kk | 1,234 |  |  | 0.600 / **0.700** |  |  | 0.250 |" in text
    assert "| town | uk | 1,234 |  |  | 0.700 / 0.700 |  |  | 0.250 |" in text
    assert "`signed`" in text
    assert "| town | ru | 0.500 | 0.920 | 0.010 |" in text
    assert "| town | all | 10 | 10.0% | 50.0% | 25.0% |" in text
    assert "| wide | 43.0 MB | 42.0 MB |" in text
    assert "### Tags" not in text
    assert "articles/s" not in text


def test_a_page_keeps_what_stands_around_the_tables() -> None:
    page = put_into("# Models\n\nOurs.\n", "one\n")
    assert page == f"# Models\n\nOurs.\n\n{BEGIN}\none\n{END}\n"
    assert put_into(page + "\nMore.\n", "two\n") == f"# Models\n\nOurs.\n\n{BEGIN}\ntwo\n{END}\nMore.\n"
    assert put_into("", "one\n") == f"{BEGIN}\none\n{END}\n"


def test_speed_is_taken_in_turns() -> None:
    asked: list[str] = []

    class Named:
        engine = "fast"

        def __init__(self, name: str) -> None:
            self.name = name

        def __call__(self, articles: list[Article]) -> None:
            asked.append(self.name)

    # The clock is read before and after: a takes 1, 2, 1, b 4, 4, 2 seconds; the first round does not count.
    ticks = iter([0.0, 1, 1, 5, 5, 7, 7, 11, 11, 12, 12, 14])
    pair: Any = {"a": Named("a"), "b": Named("b")}
    found = speeds(pair, [Article("Снег.")] * 8, 2, clock=lambda: next(ticks))
    assert asked == ["a", "b"] * 3
    assert found["bundles"]["a"] == {"median": 6.0, "least": 4.0, "most": 8.0, "engine": "fast"}
    assert found["bundles"]["b"]["median"] == 3.0
    assert found["ratio"] == {"b": 2.0}


def test_the_size_of_a_bundle(tmp_path: Path) -> None:
    (tmp_path / "tokenizer").mkdir()
    (tmp_path / "tokenizer" / "tokenizer.json").write_bytes(b"x" * 10)
    (tmp_path / "model.safetensors").write_bytes(b"x" * 100)
    assert size_of(tmp_path) == {"bytes": 110, "weight_bytes": 100}


def test_twice_the_same_bytes(
    topical: Path, trained: Path, folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        arguments = [topical / "run" / "bundle", *folders.values(), "--output", tmp_path / name / "README.md"]
        monkeypatch.setattr(sys, "argv", ["scoreboard.py", *map(str, arguments), "--least", "1"])
        scoreboard.main()
    files = [{p.name: p.read_bytes() for p in (tmp_path / name).iterdir()} for name in ("one", "two")]
    assert files[0] == files[1]
    assert set(files[0]) == {"README.md", "scoreboard.json"}
    body = json.loads(files[0]["scoreboard.json"])
    assert [corpus["corpus"] for corpus in body["corpora"]] == ["town", "plain"]
    shutil.copytree(trained / "run" / "bundle", tmp_path / "plain")
    more = ["--beside", tmp_path / "plain", "--timed", 4, "--rounds", 1, "--limit", 3]
    monkeypatch.setattr(sys, "argv", [*sys.argv, *map(str, more)])
    scoreboard.main()
    body = json.loads((tmp_path / "two" / "scoreboard.json").read_text(encoding="utf-8"))
    assert set(body["speed"]["bundles"]) == {"bundle", "plain"}
    assert "| plain | " in (tmp_path / "two" / "README.md").read_text(encoding="utf-8")
