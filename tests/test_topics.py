"""Topics as a reader gets them: from the library, the command line and a saved bundle."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from commands import svodka
from conftest import sample_rows
from svodka import Annotator, Article
from svodka.bundle import load_bundle, save_bundle
from svodka.bundle.files import file_table
from svodka.cli.card import show_annotation
from svodka.errors import BundleError, ConfigError
from svodka.topics import TOPIC_IDS, TOPICS, topic_name
from watching import rows_of, write_page


@pytest.fixture(scope="module")
def bundle(topical: Path) -> Path:
    return topical / "run" / "bundle"


@pytest.fixture(scope="module")
def annotator(bundle: Path) -> Annotator:
    return Annotator.load(bundle, device="cpu")


def articles(n: int) -> list[Article]:
    return [Article(row["text"], id=row["id"], title=row["title"]) for row in sample_rows(n)]


def test_every_article_has_its_best_topic_and_those_above_their_threshold(annotator: Annotator) -> None:
    calibration = annotator.bundle.topics
    assert calibration is not None
    for scored in annotator.stream_scored(articles(24)):
        given = scored.annotation.topics
        places = [TOPIC_IDS.index(topic.id) for topic in given]
        assert places[0] == int(scored.topics.argmax())
        above = {int(i) for i in np.flatnonzero(scored.topics >= calibration.threshold)}
        assert set(places) == above | {places[0]}
        assert [topic.score for topic in given] == sorted((topic.score for topic in given), reverse=True)
        for topic, place in zip(given, places, strict=True):
            assert topic.score == scored.topics[place]
            assert topic.sure == (topic.score >= calibration.sure[place])
            assert topic.name == topic_name(topic.id, "ru")


def test_a_topic_names_the_sentences_that_raised_it(annotator: Annotator) -> None:
    sentences = ["В городе открыли мост.", "Хоккеисты выиграли матч, шайбу забросил новичок.", "Зрителей было много."]
    topics = annotator(" ".join(sentences)).topics
    assert topics
    for topic in topics:
        assert topic.evidence
        assert set(topic.evidence) <= set(sentences)


def test_rows_of_one_bundle_have_the_same_keys(annotator: Annotator, trained: Path) -> None:
    rows = [annotation.to_dict() for annotation in annotator([*articles(5), "Снег."])]
    assert {tuple(row)[:4] for row in rows} == {("id", "topics", "tags", "summary")}
    assert all(row["topics"] for row in rows)
    without = Annotator.load(trained / "run" / "bundle", device="cpu")
    assert without("Снег.").topics == ()
    assert "topics" not in without("Снег.").to_dict()
    assert next(without.stream_scored(["Снег."])).topics.shape == (0,)


@pytest.mark.parametrize("language", ["kk", "uk", "en"])
def test_names_in_the_readers_language(bundle: Path, annotator: Annotator, language: str) -> None:
    other = Annotator.load(bundle, device="cpu", language=language)
    for one, two in zip(annotator(articles(3)), other(articles(3)), strict=True):
        assert [t.id for t in one.topics] == [t.id for t in two.topics]
        assert [t.name for t in two.topics] == [topic_name(t.id, language) for t in one.topics]
    assert other.with_summary("extractive")(articles(1)[0]).topics == other(articles(1)[0]).topics


def test_a_language_without_names(bundle: Path, trained: Path) -> None:
    message = "topics have no names in language 'de'; allowed: ru, kk, uk, en"
    with pytest.raises(ConfigError, match=message):
        Annotator.load(bundle, device="cpu", language="de")
    with pytest.raises(ConfigError, match=message):
        Annotator(load_bundle(trained / "run" / "bundle"), device="cpu", language="de")


def test_saved_and_reloaded_it_gives_the_same_topics(bundle: Path, annotator: Annotator, tmp_path: Path) -> None:
    save_bundle(load_bundle(bundle), tmp_path / "again")
    again = Annotator.load(tmp_path / "again", device="cpu")
    for one, two in zip(annotator.stream_scored(articles(4)), again.stream_scored(articles(4)), strict=True):
        assert one.annotation == two.annotation
        assert (one.topics == two.topics).all()


def changed(bundle: Path, folder: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """A copy of a bundle with other thresholds, whole otherwise."""
    save_bundle(load_bundle(bundle), folder)
    for name, edit in (
        ("thresholds.json", change), ("bundle.json", lambda body: body.update(files=file_table(folder))),
    ):  # fmt: skip
        body = json.loads((folder / name).read_text())
        edit(body)
        (folder / name).write_text(json.dumps(body))
    return folder


def test_topics_that_the_model_scores_must_be_calibrated(bundle: Path, trained: Path, tmp_path: Path) -> None:
    broken = changed(bundle, tmp_path / "without", lambda body: body.pop("topics"))
    with pytest.raises(BundleError, match="the model scores 17 topics, but 0 are calibrated"):
        load_bundle(broken)
    topics = json.loads((bundle / "thresholds.json").read_text())["topics"]
    broken = changed(trained / "run" / "bundle", tmp_path / "with", lambda body: body.update(topics=topics))
    with pytest.raises(BundleError, match="the model scores 0 topics, but 17 are calibrated"):
        load_bundle(broken)


def test_the_command_line_gives_topics_in_a_language(bundle: Path, tmp_path: Path) -> None:
    write_page(tmp_path / "in" / "most.txt", "Мост открыли", sample_rows(1)[0]["text"])
    done = svodka("annotate", "in", "--bundle", bundle, "--language", "kk", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    row = json.loads(done.stdout)
    assert list(row)[:3] == ["id", "topics", "tags"]
    assert row["topics"][0]["name"] in {topic.names["kk"] for topic in TOPICS}
    for command in (["annotate", "in"], ["watch", "in", "--once"]):
        wrong = svodka(*command, "--bundle", bundle, "--language", "de", cwd=tmp_path)
        assert wrong.returncode == 2
        assert "no names in language 'de'; allowed: ru, kk, uk, en" in wrong.stderr
    assert not (tmp_path / "svodka.db").exists()


def test_what_arrives_is_kept_with_its_topics(bundle: Path, tmp_path: Path) -> None:
    write_page(tmp_path / "in" / "most.txt", "Мост открыли", sample_rows(1)[0]["text"])
    done = svodka("watch", "in", "--once", "--settle", 0, "--bundle", bundle, "--language", "en", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (row,) = rows_of(str(tmp_path / "svodka.db")).values()
    assert [name for _, name, _, _ in row["topics"]] == [topic_name(topic, "en") for topic, *_ in row["topics"]]
    assert "topics" not in row["extra"]


def test_a_card_shows_topics_before_tags_and_doubts_with_a_question_mark(capsys: pytest.CaptureFixture[str]) -> None:
    topic = {"id": "medtop:15000000", "name": "спорт", "score": 0.97, "sure": True}
    doubt = {"id": "medtop:07000000", "name": "здоровье", "score": 0.4, "sure": False}
    row = {"id": "a", "tags": [{"name": "мост", "score": 0.5, "evidence": []}], "summary": None, "cut": 0}
    show_annotation(row | {"topics": [topic, doubt]})
    shown = capsys.readouterr().out
    assert "topics: спорт 0.97, здоровье? 0.40" in shown
    assert shown.index("спорт") < shown.index("мост")
    show_annotation(row)
    assert "topics" not in capsys.readouterr().out


def test_inspect_says_what_a_bundle_can_give(bundle: Path, trained: Path, tmp_path: Path) -> None:
    shown = svodka("inspect", bundle, cwd=tmp_path).stdout
    assert "17, named in ru, kk, uk, en" in shown
    plain = svodka("inspect", trained / "run" / "bundle", cwd=tmp_path).stdout
    assert "topics" in plain
    assert "none" in plain
