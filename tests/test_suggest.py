"""Suggested tags: what recurs in invented articles and is covered by no tag, in the nominative."""

from collections import Counter
from pathlib import Path

import pytest

from svodka.article import Article
from svodka.bundle import load_bundle
from svodka.errors import ConfigError
from svodka.facts import tagger
from svodka.labels import TagVocabulary
from svodka.suggest.subjects import subjects
from svodka.suggest.suggest import Candidate, Suggestion, candidates, suggest, tag_file, uncovered
from svodka.tagsets.reading import read_tag_set

TRAMS = [
    Article("Трамвайные линии проложат к порту. Новые трамвайные линии откроют весной.", title="О трамвайных линиях"),
    Article("Мэрия ищет деньги на трамвайные линии. Без трамвайных линий район стоит.", title="Деньги на транспорт"),
    Article("Вдоль трамвайных линий посадят липы. Трамвайная линия станет тише.", title="Липы у дороги"),
]


def names(found: list[Candidate]) -> list[str]:
    return [one.name for one in found]


def test_subjects_stand_in_the_nominative_of_the_number_that_they_have() -> None:
    about, shown = subjects(
        "О трамвайных линиях", "Жители ждут трамвайных линий. Рынок труда растёт, рынку труда помогут."
    )
    assert ("трамвайный", "линия") in about
    assert shown["трамвайный", "линия"] == Counter({"трамвайные линии": 2})
    assert max(shown["рынок", "труд"]) == "рынок труда"
    assert ("житель",) not in about  # of whom there is always talk


def test_what_is_said_once_and_not_in_the_title_is_no_subject() -> None:
    about, _ = subjects("Мост открыли", "По мосту проехал автобус.")
    assert ("мост",) in about
    assert ("автобус",) not in about


def test_what_a_tag_or_an_alias_names_in_any_form_is_covered() -> None:
    found = candidates(TRAMS)
    free = TagVocabulary(("дороги",))
    assert "трамвайные линии" in names(uncovered(found, free, n_articles=4, least=3))
    for labels in (
        TagVocabulary(("трамвайная линия",)),
        TagVocabulary(("рельсы",), aliases={"трамвайных линий": "рельсы"}),
    ):
        assert "трамвайные линии" not in names(uncovered(found, labels, n_articles=4, least=3))
    assert uncovered(found, free, n_articles=4, least=4) == []


def test_a_part_of_a_phrase_that_says_no_more_is_left_out() -> None:
    found = names(uncovered(candidates(TRAMS), TagVocabulary(("дороги",)), n_articles=9, least=3))
    assert found == ["трамвайные линии"]


@pytest.mark.skipif(not tagger.available(), reason="the extra `ru` is not installed")
def test_a_surname_alone_counts_for_the_full_name() -> None:
    articles = [
        Article("Павел Громов стал мэром. Павел Громов поблагодарил горожан.", title="Павел Громов стал мэром"),
        Article("Громов открыл сквер. Громов спросил горожан о дорогах.", title="Громов открыл сквер"),
    ]
    (person,) = [one for one in candidates(articles) if one.is_name]
    assert (person.name, person.articles) == ("Павел Громов", [0, 1])


def test_names_come_before_subjects_of_as_many_articles() -> None:
    found = [Candidate(False, Counter({"школы": 5}), [*range(5)]), Candidate(True, Counter({"Луга": 1}), [0, 1, 2])]
    assert names(uncovered(found, TagVocabulary(("дороги",)), n_articles=20, least=3)) == ["Луга", "школы"]


def test_the_file_of_suggestions_is_a_tag_set(tmp_path: Path) -> None:
    path = tmp_path / "desk.yaml"
    found = [
        Suggestion("трамвайные линии", 3, ("Липы: у дороги", "Деньги\n- зло"), "транспорт", 0.61),
        Suggestion("да: нет", 3, (), "спорт", 0.1),
    ]
    path.write_text(tag_file(found), encoding="utf-8")
    assert [tag.name for tag in read_tag_set(path).tags] == ["трамвайные линии", "да: нет"]
    assert "3 articles, as Липы: у дороги | " in path.read_text(encoding="utf-8")
    path.write_text(tag_file([]), encoding="utf-8")
    with pytest.raises(ConfigError, match="the set is empty; name at least one tag"):
        read_tag_set(path)


def test_a_model_that_reads_no_names_says_so(trained: Path) -> None:
    with pytest.raises(ConfigError, match="this model cannot take other tags"):
        suggest(load_bundle(trained / "run" / "bundle", light=True), TRAMS * 3)
