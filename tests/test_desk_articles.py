"""The last hundred articles of the desk: held, read from the database of `watch`, filtered and exported."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from desking import BODY, MODEL, TITLE, Service, annotated, app_of, read
from svodka.article import Article
from svodka.async_annotator import Answer
from svodka.serve.desk.archive import Archive
from svodka.serve.desk.articles import MOST, Articles
from svodka.serve.desk.corrections import Corrections
from svodka.serve.desk.routes import Desk
from svodka.serve.desk.shown import Shown, shown
from svodka.watch.arrivals import Arrival, Handled
from svodka.watch.database import database_url, open_engine
from svodka.watch.results import save_results, save_texts
from svodka.watch.tables import ARTICLES, LISTS, METADATA, TEXTS


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    return app_of(Desk(Service(), Articles(), Corrections(tmp_path / "corrections.jsonl")))  # type: ignore[arg-type]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """What `svodka watch` leaves of two articles."""
    path = tmp_path / "watched.db"
    articles = [
        Article(BODY, id="w1", title=TITLE, source="Вестник", date="2026-11-20"),
        Article("Снег идёт. По нему пошли автобусы.", id="w2", title="Снег"),
    ]
    engine = open_engine(database_url(str(path)))
    METADATA.create_all(engine)
    with engine.begin() as connection:
        rows = [annotated(article, "По нему пошли автобусы.").to_dict() | {"title": article.title, "date": article.date,
                "source": article.source} for article in articles]  # fmt: skip
        save_results(connection, rows, places=["in/a.txt", "in/b.txt"], model=MODEL)
        connection.execute(update(ARTICLES).where(ARTICLES.c.id == "w1").values(lang="ru"))
    engine.dispose()
    return path


def test_articles_of_watch_are_shown_with_the_sentences_that_are_known(database: Path) -> None:
    client = app_of(Desk(Service(), Articles(Archive(str(database)))))  # type: ignore[arg-type]
    assert {row["id"] for row in client.get("/desk/articles").json()} == {"w1", "w2"}
    found = client.get("/desk/article", params={"origin": "watch", "id": "w1"}).json()
    assert (found["whole"], found["paragraphs"]) == (False, [["По нему пошли автобусы."]])
    assert found["tags"] == [{"name": "мост", "score": 0.83, "evidence": [1, 0]}]
    assert [topic["sure"] for topic in found["topics"]] == [True, False]
    assert (found["date"], found["source"], found["at"][-6:]) == ("2026-11-20", "Вестник", "+00:00")


def keep(database: Path, text: str) -> None:
    """The body of article w1, as `svodka watch` keeps it."""
    arrival = Arrival("", "", "", "in/a.txt", lambda: Article(text))
    engine = open_engine(database_url(str(database)))
    with engine.begin() as connection:
        save_texts(connection, [Handled(arrival, {"id": "w1"}, text)], keep=True)
    engine.dispose()


def test_an_article_of_watch_whose_text_is_kept_is_shown_whole(database: Path) -> None:
    # As the file had it: the headline again, an insert and a wrapped line.
    keep(database, f"{TITLE}\n\n{BODY}\n\nПодпишитесь на наш телеграм-канал!")
    client = app_of(Desk(Service(), Articles(Archive(str(database)))))  # type: ignore[arg-type]
    found = client.get("/desk/article", params={"origin": "watch", "id": "w1"}).json()
    pasted = read(client)
    for name in ("title", "paragraphs", "tags", "topics", "unsupported", "whole"):
        assert found[name] == pasted[name], name
    other = client.get("/desk/article", params={"origin": "watch", "id": "w2"}).json()
    assert (other["whole"], other["unsupported"]) == (False, None)


def test_a_text_that_would_be_no_article_today_is_left_out(database: Path) -> None:
    keep(database, "Ð¡Ð½ÐµÐ³ Ð¸Ð´ÑÑ. " * 20)
    found = Archive(str(database)).find("w1")
    assert found is not None
    assert not found.whole


def test_a_database_from_before_texts_and_evidence_of_topics_is_shown_as_it_is(database: Path) -> None:
    engine = open_engine(database_url(str(database)))
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP TABLE {TEXTS.name}")
        connection.exec_driver_sql(f"ALTER TABLE {LISTS['topics'].name} DROP COLUMN evidence")
    engine.dispose()
    found = Archive(str(database)).find("w1")
    assert found is not None
    assert [topic["evidence"] for topic in found.topics] == [[], []]
    assert found.tags[0]["evidence"] == [1, 0]


def test_the_database_of_watch_is_only_read(database: Path) -> None:
    before = database.read_bytes()
    archive = Archive(str(database))
    assert len(archive.latest(5)) == 2
    assert archive.find("w1") is not None
    assert archive.find("w3") is None
    assert database.read_bytes() == before


def test_a_database_that_watch_has_not_made_yet_holds_no_articles(tmp_path: Path) -> None:
    assert Archive(str(tmp_path / "later.db")).latest(5) == []
    assert not (tmp_path / "later.db").exists()


def test_a_database_that_is_none_is_told_without_its_address(tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_bytes(b"no database at all " * 100)
    client = app_of(Desk(Service(), Articles(Archive(str(tmp_path / "broken.db")))))  # type: ignore[arg-type]
    answer = client.get("/desk/articles")
    assert answer.status_code == 503
    assert (
        answer.json()["error"]["message"] == "--database cannot be read: DatabaseError; is it up, and may it be read?"
    )


def test_an_article_that_is_gone_is_told(client: TestClient) -> None:
    answer = client.get("/desk/article", params={"origin": "desk", "id": "none"})
    assert (answer.status_code, answer.json()["error"]["message"]) == (
        404,
        "this article is no longer among the last hundred; paste it again",
    )


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        ({}, ["Ёлка зажглась на площади", TITLE]),
        ({"words": "елка ПЛОЩАДИ"}, ["Ёлка зажглась на площади"]),
        ({"words": "мост елка"}, ["Ёлка зажглась на площади"]),  # the tag stands in both, the tree in one
        ({"topic": "medtop:04000000"}, ["Ёлка зажглась на площади", TITLE]),
        ({"topic": "medtop:15000000"}, []),
        ({"tag": "Мост"}, ["Ёлка зажглась на площади", TITLE]),
        ({"tag": "мос"}, []),
        ({"only": "untagged"}, []),
        ({"only": "unsure"}, ["Ёлка зажглась на площади", TITLE]),
        ({"only": "corrected"}, [TITLE]),
    ],
)
def test_the_table_shows_what_the_filters_ask(client: TestClient, filters: dict[str, str], titles: list[str]) -> None:
    article = read(client)["id"]
    client.post("/desk/corrections", json={"id": article, "missing": ["реки"]})
    read(client, title="Ёлка зажглась на площади")
    rows = client.get("/desk/articles", params=filters).json()
    assert sorted(row["title"] for row in rows) == sorted(titles)


def test_the_table_shows_and_finds_the_tags_that_an_editor_has_left(client: TestClient) -> None:
    article = read(client)["id"]
    client.post("/desk/corrections", json={"id": article, "wrong": ["мост"], "missing": ["Мосты", "ремонт"]})
    rows = [client.get("/desk/articles", params={"tag": tag}).json() for tag in ("мост", "мосты")]
    assert [[row["tags"] for row in found] for found in rows] == [[], [["Мосты", "ремонт"]]]


def test_an_export_holds_the_listed_articles_with_their_corrections(client: TestClient) -> None:
    article = read(client)["id"]
    read(client, title="Ёлка зажглась на площади")
    client.post("/desk/corrections", json={"id": article, "wrong": ["мост"], "missing": ["реки", "ремонт"]})
    answer = client.get("/desk/export", params={"form": "jsonl", "only": "corrected"})
    (row,) = map(json.loads, answer.text.splitlines())
    assert (row["id"], row["wrong"], row["missing"]) == (article, ["мост"], ["реки", "ремонт"])
    assert row["tags"][0]["evidence"] == ["По нему пошли автобусы.", TITLE]
    table = client.get("/desk/export", params={"form": "csv", "only": "corrected"})
    assert 'filename="svodka.csv"' in table.headers["content-disposition"]
    (cells,) = csv.DictReader(io.StringIO(table.content.decode("utf-8-sig")))
    assert (cells["title"], cells["tags"], cells["missing"]) == (TITLE, "мост", "реки; ремонт")


def test_no_cell_of_an_export_is_a_formula(client: TestClient) -> None:
    read(client, title="=HYPERLINK(0)&A1 открыли мост")
    (cells,) = csv.DictReader(io.StringIO(client.get("/desk/export?form=csv").content.decode("utf-8-sig")))
    assert cells["title"] == "'=HYPERLINK(0)&A1 открыли мост"


@pytest.fixture(scope="module")
def some() -> Shown:
    article = Article(BODY, id="x", title=TITLE)
    return shown(Answer(annotated(article), article, MODEL, 10, 0.0))


def test_a_hundred_articles_are_held_and_the_oldest_go_first(some: Shown) -> None:
    articles = Articles()
    for number in range(MOST + 2):
        articles.add(replace(some, id=str(number)))
    articles.add(replace(some, id="50"))
    held = {one.id for one in articles.latest()}
    assert len(held) == MOST
    assert {"0", "1"} & held == set()


def test_long_articles_are_held_up_to_a_limit_of_all_together(some: Shown) -> None:
    articles = Articles()
    for number in range(4):
        articles.add(replace(some, id=str(number), paragraphs=(("ы" * 2_000_000,),)))
    assert sorted(one.id for one in articles.latest()) == ["2", "3"]
