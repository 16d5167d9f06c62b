"""The outlets whose tags and topics are learned together, and texts that are no news. All rows are invented."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from svodka.article import Article
from svodka.config.data import SourceConfig
from svodka.data.sources import read_source
from svodka.data.sources.fontanka import unglued
from svodka.data.sources.noise import KINDS
from svodka.data.sources.themes import themes
from svodka.inputs.reject import Reject
from svodka.text import words
from svodka.topics import TOPIC_IDS


def read(kind: str, folder: Path, row: dict[str, Any]) -> Article | Reject:
    path = folder / "rows.jsonl.gz"
    path.write_bytes(gzip.compress((json.dumps(row, ensure_ascii=False) + "\n").encode()))
    (found,) = read_source(SourceConfig.model_validate({"kind": kind, "path": path}))
    return found


def one(kind: str, folder: Path, row: dict[str, Any]) -> Article:
    found = read(kind, folder, row)
    assert isinstance(found, Article), found
    return found


@pytest.mark.parametrize(
    ("text", "paragraphs"),
    [
        ("Мост закрыт, пишет ТАСС.Из акта следует, что опоры целы.", 2),
        ("«Мост цел».Так решила комиссия!«Едем», — сказал мэр.", 3),
        ("Срок вышел в 2024 году.9 мая мост открыли.", 2),
        ("Выручка упала на 5%.Банк молчит.", 2),
        ("По словам А.С.Лугового, он читал «Яндекс.Дзен» и Газета.Ru, статью 20.3.1 КоАП и т.д.", 1),
        ("Мост открыт. Едут все… Ура!", 1),
    ],
)
def test_fontanka_paragraphs_come_apart(text: str, paragraphs: int) -> None:
    found = unglued(text)
    assert len(found.split("\n")) == paragraphs
    assert found.replace("\n", "") == text


def test_fontanka_rubric_is_no_tag(tmp_path: Path) -> None:
    row = {"title": "Мост закрыли", "content": "Мост закрыт.", "topic": "Авто", "datetime": "2023-05-06 07:00:00"}
    article = one("fontanka", tmp_path, row)
    assert (article.tags, article.date) == ((), "2023-05-06")
    assert article.extra == {"rubric": "Авто", "themes": []}


@pytest.mark.parametrize(
    ("rubric", "title", "found"),
    [
        ("Происшествия", "На складе в порту произошёл пожар", ["авария"]),
        ("Происшествия", "Лоцмана осудили за аварию буксира", ["авария", "преступление"]),
        ("Происшествия", "Кот вернулся домой через год", []),
        ("Происшествия", "Беспилотник упал на склад, начался пожар", ["война"]),
        ("Происшествия", "Взрыв в порту: есть пострадавшие", []),
        ("Город", "Синоптики обещают снегопад, школы закроют", ["погода", "образование"]),
        ("Город", "Лоцмана осудили", []),
        ("Спорт", "Погода отменила матч", []),
    ],
)
def test_fontanka_headlines_name_their_themes(tmp_path: Path, rubric: str, title: str, found: list[str]) -> None:
    article = one("fontanka", tmp_path, {"title": title, "content": "Текст.", "topic": rubric})
    assert article.extra["themes"] == [f"тема: {name}" for name in found]


def test_an_unknown_theme_is_an_error() -> None:
    with pytest.raises(KeyError):
        themes("Мост", ["мосты"])


RIA = {
    "id": 77,
    "title": "Мост открыт",
    "subtitle": "Мэр: мост открыт",
    "content": "ЛУГОВО (Новый край), 5 окт — РИА Новости, Пётр Репин. Мост открыт.  «Едут все.»\n\n* Запрещена.",
    "datetime": "09:26 20.10.2023",
    "tags": ["Мост", "Следственный комитет (СК)", 'Форум "Сделано здесь"', "Мост"],
    "topic": "society",
}


def test_ria_dateline_footnote_and_subtitle_go(tmp_path: Path) -> None:
    article = one("ria", tmp_path, RIA)
    assert article.text == "Мост открыт.\n«Едут все.»"
    assert (article.summary, article.date, article.id) == ("", "2023-10-20", "77")
    assert article.tags == ("Мост", "Следственный комитет", "Форум Сделано здесь")
    assert article.extra == {"rubric": "society"}


def test_ria_rows_may_lack_a_rubric_and_a_body(tmp_path: Path) -> None:
    row = {key: value for key, value in RIA.items() if key != "topic"} | {"content": None}
    article = one("ria", tmp_path, row)
    assert (article.extra, article.text) == ({}, "")


def test_ria_tags_may_be_a_list_written_as_a_string(tmp_path: Path) -> None:
    assert one("ria", tmp_path, RIA | {"tags": "['Мост', \"Город\"]"}).tags == ("Мост", "Город")
    assert one("ria", tmp_path, RIA | {"tags": "[]"}).tags == ()


@pytest.mark.parametrize("tags", ["Мост, Город", "5", ["Мост", 5], None])
def test_ria_tags_that_are_no_list_are_a_reject(tmp_path: Path, tags: Any) -> None:
    found = read("ria", tmp_path, RIA | {"tags": tags})
    assert isinstance(found, Reject)
    assert "column 'tags'" in found.detail


KOMMERSANT = {
    "DocsId": 5,
    "Title": "Мост над водой",
    "DateDoc": "19-09-2022 01-08",
    "tag_names": ["Газета №1", "Экономика", "Рынок мостов", "Пётр Репин", "Экономика", "Архив"],
    "tag_types": [6, 1, 2, 5, 1, 4],
}


def test_kommersant_tags_are_rubrics_and_themes(tmp_path: Path) -> None:
    article = one("kommersant", tmp_path, KOMMERSANT)
    assert (article.text, article.title) == ("Мост над водой", "")
    assert (article.tags, article.date, article.id) == (("Экономика", "Рынок мостов"), "2022-09-19", "5")


@pytest.mark.parametrize("change", [{"tag_types": [1]}, {"tag_types": None}, {"tag_names": "Экономика"}])
def test_kommersant_tags_without_a_type_are_a_reject(tmp_path: Path, change: dict[str, Any]) -> None:
    assert isinstance(read("kommersant", tmp_path, KOMMERSANT | change), Reject)


def test_tengri_tags_under_the_text_go(tmp_path: Path) -> None:
    text = "\nМосты старые.\n\nИх чинят.\nМосты\n\nЛугово \n"
    row = {"project_id": "9", "title": "Мосты", "main_text": text, "project_tags": ["Лугово", "мосты"]}
    article = one("tengri", tmp_path, row | {"project_date": "2024-02-20 06:11:00"})
    assert (article.text, article.date, article.tags) == ("Мосты старые.\nИх чинят.", "2024-02-20", ("Лугово", "мосты"))


LEAD = "Мост в Лугово открыли за два месяца до срока, едут все."  # 11 words
PAGE = {
    "url": "https://www.lugovo.example/news/1",
    "site": "Вестник Лугово",
    "date": "2019-11-18T21:01:00+00:00",
    "title": "Мост открыт — Вестник Лугово",
    "description": LEAD,
    "text": f"{LEAD}\nПервым проехал автобус.",
    "lang": "ru",
}


def test_2019_lead_is_taken_out_of_the_body(tmp_path: Path) -> None:
    # Words glued by the page: the lead could not be found by its words.
    row = PAGE | {
        "description_kind": "first_par",
        "text": "Мост в Лугово открыли за два месяца досрока.\nПервым — автобус.",
    }
    article = one("tg2019", tmp_path, row)
    assert (article.summary, article.text) == (LEAD, "Первым — автобус.")
    assert (article.title, article.source) == ("Мост открыт", "Вестник Лугово")
    assert (article.id, article.date, article.lang) == ("lugovo.example/news/1", "2019-11-18", "ru")


@pytest.mark.parametrize(
    ("kind", "description", "summary"),
    [
        ("independent", LEAD, LEAD),
        ("prefix", LEAD, ""),
        ("inside", LEAD, ""),
        ("independent", "Мост открыт.", ""),  # under 8 words
        ("first_par", "слово " * 61, ""),  # over 60
    ],
)
def test_2019_descriptions_that_a_machine_cut_are_no_summaries(
    tmp_path: Path, kind: str, description: str, summary: str
) -> None:
    article = one("tg2019", tmp_path, PAGE | {"description_kind": kind, "description": description})
    assert (article.summary, article.text) == (summary, PAGE["text"])


def noise(**settings: Any) -> list[Article]:
    config = SourceConfig.model_validate({"kind": "noise"} | settings)
    return [found for found in read_source(config) if isinstance(found, Article)]


def test_noise_is_the_same_from_the_same_seed() -> None:
    first = noise(count=60, seed=3)
    assert first == noise(count=60, seed=3)
    assert first[:20] == noise(count=20, seed=3)
    assert [a.text for a in first] != [a.text for a in noise(count=60, seed=4)]


def test_noise_has_every_kind_and_neither_tag_nor_topic() -> None:
    found = noise(count=200)
    assert {article.id.split("-")[1] for article in found} == set(KINDS)
    assert len({article.id for article in found}) == 200
    assert all(article.tags == () and article.summary == "" for article in found)
    assert all(article.extra == {"topics": (), "topics_known": TOPIC_IDS} for article in found)
    lengths = sorted(len(words(article.text)) for article in found)
    assert lengths[10] < 10
    assert lengths[-10] > 100
    assert 60 < sum(bool(article.title) for article in found) < 140
