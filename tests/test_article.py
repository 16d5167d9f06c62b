"""The records: what an input row may hold, and what an annotation looks like as JSON."""

import copy
import json
import pickle
from typing import Any, get_type_hints

import pytest

from svodka.article import RESULT_KEYS, Annotation, Article, Summary, Tag, Topic
from svodka.errors import DataError


def test_a_row_is_read_and_unknown_keys_are_kept() -> None:
    row = {
        "id": "n1", "title": "Мост открыт", "text": "Мост открыли.", "tags": ["мост", "город"], "date": "2024-05-31",
        "rubric": {"name": "Город"},
    }  # fmt: skip
    article = Article.from_dict(row)
    assert (article.id, article.title, article.date) == ("n1", "Мост открыт", "2024-05-31")
    assert article.tags == ("мост", "город")
    assert article.extra == {"rubric": {"name": "Город"}}


def test_none_means_not_given() -> None:
    article = Article.from_dict({"text": "Снег идёт.", "id": None, "title": None, "tags": None})
    assert article == Article("Снег идёт.")


def test_a_whole_number_is_an_id() -> None:
    assert Article.from_dict({"text": "Снег идёт.", "id": 0}).id == "0"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"title": "Мост", "id": 1}, r"an article needs the key 'text'; keys present: title, id"),
        ({}, r"an article needs the key 'text'; keys present: none"),
        ({"text": None}, r"an article needs the key 'text'; keys present: text"),
        (["text"], r"an article must be a JSON object, got list \['text'\]"),
        ("text", r"an article must be a JSON object, got str 'text'"),
        ({"text": 5}, r"field 'text' must be a string, got int 5"),
        ({"text": "а", "id": True}, r"field 'id' must be a string, got bool True"),
        ({"text": "а", "id": 1.5}, r"field 'id' must be a string, got float 1\.5"),
        ({"text": "а", "title": ["Мост"]}, r"field 'title' must be a string, got list \['Мост'\]"),
        ({"text": "а", "tags": "мост"}, r"field 'tags' must be a list of strings, got str 'мост'"),
        ({"text": "а", "tags": ["мост", 5]}, r"field 'tags' must be a list of strings, got list \['мост', 5\]"),
        ({"text": "а", "tags": {"мост": 1}}, r"field 'tags' must be a list of strings, got dict"),
    ],
)
def test_what_is_wrong_with_a_row_is_said(row: Any, message: str) -> None:
    with pytest.raises(DataError, match=f"^{message}"):
        Article.from_dict(row)


def test_a_long_value_is_shown_in_part() -> None:
    with pytest.raises(DataError, match=r"got str 'м{59}…$"):
        Article("а", tags="м" * 500)  # type: ignore[arg-type]


def test_the_constructor_checks_as_the_reader_does() -> None:
    with pytest.raises(DataError, match="field 'tags' must be a list of strings, got str 'спорт'"):
        Article("Матч окончен.", tags="спорт")  # type: ignore[arg-type]
    assert Article("Матч окончен.", tags=["спорт"]).tags == ("спорт",)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "record",
    [Article("Снег идёт."), Article("Снег идёт.", extra={"desk": "город"}), Annotation("1", (Tag("мост", 0.5),))],
)
def test_records_travel_between_processes(record: object) -> None:
    assert pickle.loads(pickle.dumps(record)) == record
    assert copy.deepcopy(record) == record


def annotation(**carried: Any) -> Annotation:
    tags = (Tag("мост", 0.123456, ("Мост открыли.",)), Tag("город", 1.0))
    return Annotation("n1", tags, Summary("Мост открыли.", "extractive"), cut=3, carried=carried)


def test_an_annotation_as_json() -> None:
    result = annotation(desk="город").to_dict()
    assert list(result) == ["id", "tags", "summary", "cut", "desk"]
    assert json.loads(json.dumps(result)) == {
        "id": "n1",
        "tags": [
            {"name": "мост", "score": 0.1235, "evidence": ["Мост открыли."]},
            {"name": "город", "score": 1.0, "evidence": []},
        ],
        "summary": {"text": "Мост открыли.", "kind": "extractive"},
        "cut": 3,
        "desk": "город",
    }


def test_a_note_is_told_and_a_missing_summary_is_null() -> None:
    noted = Annotation("", (), Summary("Мост.", "extractive", note="the decoder wrote nothing"))
    assert noted.to_dict()["summary"]["note"] == "the decoder wrote nothing"
    assert Annotation("", ()).to_dict() == {"id": "", "tags": [], "summary": None, "cut": 0}


def test_no_carried_key_is_lost_or_hides_a_result() -> None:
    result = annotation(tags=["редактор"], cut="да", input="строка", desk="город").to_dict()
    assert result["cut"] == 3
    assert result["tags"][0]["name"] == "мост"
    assert result["input"] == {"tags": ["редактор"], "cut": "да", "input": "строка"}
    assert result["desk"] == "город"


def test_topics_stand_right_after_the_id() -> None:
    sport = Topic("medtop:15000000", "спорт", 0.987654, True, ("Матч окончен.",))
    topics = (sport, Topic("medtop:07000000", "здоровье", 0.4, False))
    result = Annotation("n1", (Tag("мост", 0.5),), topics=topics, carried={"topics": ["город"]}).to_dict()
    assert list(result) == ["id", "topics", "tags", "summary", "cut", "input"]
    assert result["topics"] == [
        {"id": "medtop:15000000", "name": "спорт", "score": 0.9877, "sure": True, "evidence": ["Матч окончен."]},
        {"id": "medtop:07000000", "name": "здоровье", "score": 0.4, "sure": False, "evidence": []},
    ]
    assert result["input"] == {"topics": ["город"]}


def test_a_name_of_a_result_is_never_a_carried_key() -> None:
    # Also where this model gives no topics and nobody asked for entities.
    result = Annotation("n1", (), carried=dict.fromkeys(RESULT_KEYS, 1) | {"desk": "город"}).to_dict()
    assert list(result) == ["id", "tags", "summary", "cut", "desk", "input"]
    assert set(result["input"]) == set(RESULT_KEYS) == {"id", "topics", "tags", "summary", "cut", "entities"}


def test_records_may_stand_in_a_set_and_equal_ones_are_one() -> None:
    assert len({Article("Снег идёт.", extra={"desk": "город"}), Article("Снег идёт.", extra={"desk": "город"})}) == 1
    assert len({annotation(desk="город"), annotation(desk="город"), annotation(desk="спорт")}) == 2


def test_an_annotation_without_a_summary_holds_an_empty_one_that_is_false() -> None:
    assert get_type_hints(Annotation)["summary"] is Summary  # so that a type checker asks for no test before its text
    bare = Annotation("1", ())
    assert (bare.summary.text, bool(bare.summary)) == ("", False)
    assert annotation().summary


def test_an_annotation_shows_its_answer_in_short() -> None:
    assert repr(annotation(title="Мост", body="м" * 9_000)) == (
        "Annotation(id='n1', topics=[], tags=['мост 0.12', 'город 1.00'], summary='Мост открыли.', cut=3)"
    )


def test_a_notebook_shows_every_text_of_an_annotation_escaped() -> None:
    bad = "<img src=x onerror=alert(1)>"
    topics = (Topic("medtop:15000000", bad, 0.9, False),)
    page = Annotation(
        bad, (Tag(bad, 0.5, (bad,)),), Summary(bad, "extractive"), topics=topics, carried={"title": bad}
    )._repr_html_()
    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") == 5
    assert "&gt;? 0.90" in page  # a topic that is not sure
    assert Annotation("n1", ())._repr_html_() == "<div><strong>n1</strong></div>"


def test_the_packages_public_names_are_listed() -> None:
    import svodka

    assert dir(svodka) == sorted(svodka.__all__)
