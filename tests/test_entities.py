"""The people, organisations and places that an article names. Counts are made by hand."""

from pathlib import Path

import pytest

from svodka import Annotator
from svodka.article import Annotation, Entity
from svodka.cli.card import show_annotation
from svodka.errors import ConfigError
from svodka.facts import tagger
from svodka.facts.entities import find_entities
from svodka.facts.morphology import is_somebody

TITLE = "Аркадий Степанов открыл мост в Заречье"
TEXT = (
    "Президент России Аркадий Степанов вчера приехал в Заречье. Вместе с А. Степановым мост осмотрела "
    "Мария Королёва из Министерства транспорта РФ. «Мы ждали этого моста», — сказала она Степанову. "
    "Работы вела компания «Мостострой». Представителям «Мостостроя» Степанов вручил награды. "
    "Мосты такого рода есть в Южной Корее. Об этом пишет Daily Bridge."
)


def names(kind: str, *, title: str = TITLE, text: str = TEXT) -> list[tuple[str, int]]:
    return [(entity.name, entity.count) for entity in find_entities(title, text) if entity.kind == kind]


def test_people_are_merged_over_cases_initials_and_surnames() -> None:
    assert names("person") == [("Аркадий Степанов", 5), ("Мария Королёва", 1)]


def test_places_stand_in_the_nominative_under_their_usual_name() -> None:
    assert names("place") == [("Заречье", 2), ("Россия", 2), ("Южная Корея", 1)]


def test_organisations_bend_in_their_first_noun_alone() -> None:
    found = dict(names("organisation"))
    assert found["Министерство транспорта"] == 1
    assert found["Мостострой"] == 2
    assert found["Daily Bridge"] == 1


def test_the_most_prominent_comes_first() -> None:
    assert [entity.name for entity in find_entities(TITLE, TEXT)][:2] == ["Аркадий Степанов", "Заречье"]


def test_a_headline_in_capitals_is_read_as_the_body_is_spelled() -> None:
    assert find_entities(TITLE.upper(), TEXT) == find_entities(TITLE, TEXT)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Об этом рассказали Нурсултану Назарбаеву.", "Нурсултан Назарбаев"),
        ("Встреча с Ангелой Меркель отложена.", "Ангела Меркель"),
        ("Слово взял Назарбаев Нурсултан.", "Нурсултан Назарбаев"),
        ("По словам Владимира Вятровича, архив открыт.", "Владимир Вятрович"),  # no patronymic, though it looks so
        ("Фильм снят Кристианом Хорнером.", "Кристиан Хорнер"),
        ("Ответил Сергей Иванович Королёв.", "Сергей Королёв"),
    ],
)
def test_a_person_is_named_in_the_nominative(text: str, name: str) -> None:
    assert [entity.name for entity in find_entities("", text)] == [name]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Дело слушали в Международном олимпийском комитете.", "Международный олимпийский комитет"),
        ("Он живёт в Соединённых Штатах.", "Соединённые Штаты"),
        ("Поезд идёт из Нью-Йорка.", "Нью-Йорк"),
        ("Письмо отправили Министерству культуры.", "Министерство культуры"),
        ("Снег идёт в Алматы.", "Алматы"),
    ],
)
def test_the_adjective_agrees_with_its_noun(text: str, name: str) -> None:
    assert [entity.name for entity in find_entities("", text)] == [name]


def test_kinds_of_things_are_no_entities() -> None:
    assert find_entities("", "Об этом пишут СМИ, ВУЗы и НИИ.") == ()
    # The capital is the sentence's.
    assert find_entities("", "Первого пациента приняли в 23:10, последнего — без четверти два.") == ()
    assert [e.name for e in find_entities("", "Верховный суд отменил приговор.")] == ["Верховный суд"]
    assert not is_somebody(["Союз", "журналистов"])
    assert find_entities("", "") == ()


def test_a_short_name_and_its_words_are_one() -> None:
    text = "Федеральная резервная система подняла ставку. В ФРС это объяснили. Позже ФРС ответила."
    assert find_entities("", text) == (Entity("ФРС", "organisation", 3),)


def test_annotations_list_entities_when_asked(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    annotator = Annotator.load(trained / "run" / "bundle", device="cpu")
    assert "entities" not in annotator(TEXT).to_dict()
    row = annotator.with_entities()(TEXT).to_dict()
    assert row["entities"][0] == {"name": "Аркадий Степанов", "kind": "person", "count": 4}
    show_annotation(row)
    assert "people: Аркадий Степанов, Мария Королёва" in capsys.readouterr().out


def test_entities_of_the_input_are_kept_apart() -> None:
    carried = {"entities": [["PERSON", "Степанов"]]}
    asked = Annotation("1", (), entities=(Entity("Заречье", "place", 2),), carried=carried).to_dict()
    assert asked["entities"] == [{"name": "Заречье", "kind": "place", "count": 2}]
    assert asked["input"] == carried
    # Also where nobody asked: a key means the same whatever was asked for.
    assert Annotation("1", (), carried=carried).to_dict()["input"] == carried


def test_without_the_extra_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tagger, "available", lambda: False)
    with pytest.raises(ConfigError, match=r"^named entities need natasha, .* pip install 'svodka\[ru\]'$"):
        find_entities(TITLE, TEXT)
