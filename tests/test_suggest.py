"""Suggested tags: what recurs in invented articles and is covered by no tag, in the nominative."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from svodka.article import Article
from svodka.bundle import load_bundle
from svodka.errors import ConfigError
from svodka.facts import tagger
from svodka.labels import TagVocabulary
from svodka.suggest.candidates import Candidate, candidates
from svodka.suggest.subjects import subjects
from svodka.suggest.suggest import Suggestion, distinct, likeness, ranked, suggest, tag_file, uncovered
from svodka.tagsets.reading import read_tag_set

TRAMS = [
    Article("Трамвайные линии проложат к порту. Новые трамвайные линии откроют весной.", title="О трамвайных линиях"),
    Article("Мэрия ищет деньги на трамвайные линии. Без трамвайных линий район стоит.", title="Деньги на транспорт"),
    Article("Вдоль трамвайных линий посадят липы. Трамвайная линия станет тише.", title="Липы у дороги"),
]


def names(found: Sequence[Candidate]) -> list[str]:
    return [one.name for one in found]


def recurring(name: str, n: int, *, is_name: bool = False) -> Candidate:
    return Candidate(is_name, Counter({name: n}), {*range(n)}, {*range(n)})


def test_subjects_stand_in_the_nominative_of_the_number_that_they_have() -> None:
    found = subjects("О трамвайных линиях", "Жители ждут трамвайных линий. Рынок труда растёт, рынку труда помогут.")
    assert found["трамвайный", "линия"].forms == Counter({"трамвайные линии": 2})
    assert max(found["рынок", "труд"].forms) == "рынок труда"
    assert ("житель",) not in found  # of whom there is always talk


def test_abbreviations_are_subjects_but_for_those_of_countries_and_lines_in_capitals() -> None:
    found = subjects("Тарифы ЖКХ", "Платежи ЖКХ в РФ вырастут, сообщает ТАСС. ДЕНЬ ЗА ДНЁМ, НОВЫЙ ГОД")
    assert found["жкх",].forms == Counter({"ЖКХ": 2})
    assert {key for key in found if len(key) == 1 and len(key[0]) < 5} == {("жкх",)}


def test_a_noun_with_a_capital_within_a_sentence_is_a_name_and_no_subject() -> None:
    found = subjects("Мост через Лену", "Лён посеяли у реки Лены. Лён растёт.")
    assert found["лен",].forms == Counter({"лен": 2})


def test_about_a_subject_is_what_names_it_twice_or_in_the_title() -> None:
    (article,) = [Article("По мосту проехал автобус. За рекой парк, и перед парком парк.", title="Мост открыли")]
    found = {one.name: one for one in candidates([article])}
    assert (found["мост"].about, found["мост"].titled) == ({0}, {0})
    assert (found["парк"].about, found["парк"].titled) == ({0}, set())
    assert (found["автобус"].about, found["автобус"].named) == (set(), {0})


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
    found = uncovered(candidates(TRAMS), TagVocabulary(("дороги",)), n_articles=9, least=3)
    assert names(found) == ["линия", "трамвайные линии"]
    assert list(distinct(found, [1, 0])) == [1]
    assert list(distinct(found, [0, 1])) == [0]


@pytest.mark.skipif(not tagger.available(), reason="the extra `ru` is not installed")
def test_a_surname_alone_counts_for_the_full_name() -> None:
    articles = [
        Article("Павел Громов стал мэром. Павел Громов поблагодарил горожан.", title="Павел Громов стал мэром"),
        Article("Громов открыл сквер. Громов спросил горожан о дорогах.", title="Громов открыл сквер"),
    ]
    (person,) = [one for one in candidates(articles) if one.is_name]
    assert (person.name, person.about, person.titled) == ("Павел Громов", {0, 1}, {0, 1})


@pytest.mark.skipif(not tagger.available(), reason="the extra `ru` is not installed")
def test_a_place_is_one_with_and_without_the_word_for_its_kind() -> None:
    articles = [
        Article("В Республике Крым строят дорогу. Власти Республики Крым её откроют."),
        Article("В Крым едут туристы. Крым ждёт гостей."),
    ]
    (place,) = [one for one in candidates(articles) if one.is_name]
    assert place.named == {0, 1}


def test_names_come_before_subjects_of_as_many_articles() -> None:
    found = [recurring("школы", 5), recurring("Луга", 3, is_name=True)]
    assert ranked(found, np.eye(3)[:2], np.eye(3)[2:]) == [1, 0]


def test_of_subjects_that_recur_as_much_one_like_the_names_of_tags_comes_first() -> None:
    found = [recurring("выход", 4), recurring("биатлон", 4)]
    tags = np.array([[1.0, 0.0, 0.1], [1.0, 0.1, 0.0], [0.9, 0.0, 0.0]])
    vectors = np.array([[0.0, 1.0, 0.0], [0.8, 0.6, 0.0]])
    assert ranked(found, vectors, tags) == [1, 0]
    assert likeness(vectors, tags).tolist() == pytest.approx([-1, 1])
    assert likeness(vectors[:1], tags).tolist() == [0]


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
