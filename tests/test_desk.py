"""The desk: what the page gets of articles, what becomes of corrections, and what a browser may do with it."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fastapi import HTTPException, Request
from fastapi.testclient import TestClient

from desking import BODY, MODEL, TITLE, Service, app_of, read
from svodka.answer_options import AnswerOptions
from svodka.article import Article
from svodka.async_annotator import Answer
from svodka.errors import ConfigError, DataError
from svodka.serve.desk.articles import Articles
from svodka.serve.desk.corrections import Correction, Corrections
from svodka.serve.desk.routes import Desk
from svodka.serve.desk.shown import parsed


@pytest.fixture
def corrections(tmp_path: Path) -> Corrections:
    return Corrections(tmp_path / "corrections.jsonl")


@pytest.fixture
def client(corrections: Corrections) -> TestClient:
    return app_of(Desk(Service(), Articles(), corrections))  # type: ignore[arg-type]


def correct(client: TestClient, **lists: list[str]) -> Any:
    return client.post("/desk/corrections", json={"id": "a", "text": BODY, **lists})


def test_an_article_comes_back_in_sentences_and_its_tags_with_their_numbers(client: TestClient) -> None:
    found = read(client)
    assert found["title"] == TITLE
    assert found["paragraphs"] == [
        ["Мост через Ишимку открыли после ремонта.", "По нему пошли автобусы."],
        ["Работа стоила 40 млн рублей."],
    ]
    assert found["tags"] == [{"name": "мост", "score": 0.83, "evidence": [2, 0]}]
    assert [(topic["name"], topic["sure"], topic["evidence"]) for topic in found["topics"]] == [
        ("экономика и бизнес", True, [2]),
        ("общество", False, []),
    ]
    assert found["entities"] == [{"name": "Ишимка", "kind": "place", "count": 2}]
    assert (found["model"], found["whole"], found["origin"]) == (MODEL, True, "desk")


def test_a_sentence_that_is_not_in_the_text_is_no_evidence(client: TestClient) -> None:
    assert read(client, title="")["tags"][0]["evidence"] == [2]


def test_the_slider_asks_for_a_summary_of_so_many_words() -> None:
    service = Service()
    read(app_of(Desk(service, Articles())), words=25)  # type: ignore[arg-type]
    assert service.asked[0].words == 25


@pytest.mark.parametrize(
    ("summary", "unsupported"),
    [
        ("Работа стоила 40 миллионов рублей.", []),
        ("Работа стоила 70 млн рублей.", [{"kind": "number", "text": "70 млн"}]),
    ],
)
def test_what_a_summary_names_and_the_article_does_not_is_told(summary: str, unsupported: list[Any]) -> None:
    assert read(app_of(Desk(Service(summary), Articles())))["unsupported"] == unsupported  # type: ignore[arg-type]


def test_an_article_that_is_read_again_for_its_summary_alone_is_not_listed(client: TestClient) -> None:
    assert read(client, listed=False)["summary"]
    assert client.get("/desk/articles").json() == []


def test_a_page_of_html_is_read_without_its_markup(client: TestClient) -> None:
    paragraphs = "".join(f"<p>{line} Это видели все жители города и гости из области.</p>" for line in BODY.split("\n"))
    page = (
        f"<html><head><title>{TITLE}</title></head><body><article><h1>{TITLE}</h1>{paragraphs}</article></body></html>"
    )
    found = read(client, body=page, title="", form="html", name="most.html")
    assert (found["id"], found["title"]) == ("most.html", TITLE)
    assert "<p>" not in json.dumps(found["paragraphs"])


def test_the_same_text_is_the_same_article() -> None:
    one, again, other = (parsed(text, "text", title=TITLE).id for text in (BODY, f"\n{BODY}  ", f"{BODY} Конец."))
    assert one == again != other


@pytest.mark.parametrize(
    ("ask", "status", "said"),
    [
        ({"body": " \n"}, 422, "nothing was pasted; paste the text of an article"),
        ({"body": "<html><body></body></html>", "form": "html"}, 422, "no article was found in this page"),
        ({"body": BODY, "form": "docx"}, 422, "form: Input should be 'text', 'page' or 'html'"),
        ({"body": BODY, "words": 4}, 422, "words: Input should be greater than or equal to 5"),
    ],
)
def test_what_is_no_article_is_told(client: TestClient, ask: dict[str, Any], status: int, said: str) -> None:
    answer = client.post("/desk/read", json=ask)
    assert answer.status_code == status
    assert said in answer.json()["error"]["message"]


def test_a_correction_is_one_line_that_says_what_is_right_wrong_and_missing(
    client: TestClient, corrections: Corrections
) -> None:
    answer = correct(client, right=["мост"], wrong=["хоккей"], missing=["ремонт дорог"])
    assert answer.json() == {"corrections": 1}
    (line,) = corrections.path.read_text(encoding="utf-8").splitlines()
    row = json.loads(line)
    assert row.pop("at").endswith("+00:00")
    assert row == {"id": "a", "text": BODY, "right": ["мост"], "wrong": ["хоккей"], "missing": ["ремонт дорог"]}


def test_a_later_correction_of_an_article_counts_and_the_page_shows_it(
    client: TestClient, corrections: Corrections
) -> None:
    article = read(client)["id"]
    for missing in (["реки"], ["мосты"]):
        answer = client.post("/desk/corrections", json={"id": article, "text": BODY, "missing": missing})
    assert answer.json() == {"corrections": 1}
    assert read(client)["correction"]["missing"] == ["мосты"]
    assert len(corrections.path.read_text(encoding="utf-8").splitlines()) == 2


@pytest.mark.parametrize(
    ("lists", "said"),
    [
        ({}, "a correction names no tag; keep, add or take away one at least"),
        ({"right": ["Мост"], "wrong": ["мост "]}, "tag 'мост ' is named twice, as right and as wrong; name it once"),
        ({"missing": ["…"]}, "tag '…' cannot be used; a name has a letter, and at most 200 characters"),
        ({"missing": ["ы" * 201]}, f"tag '{'ы' * 60}' cannot be used; a name has a letter, and at most 200 characters"),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused_and_not_written(
    client: TestClient, corrections: Corrections, lists: dict[str, list[str]], said: str
) -> None:
    answer = correct(client, **lists)
    assert (answer.status_code, answer.json()["error"]["message"]) == (422, said)
    assert not corrections.path.exists()


def test_a_line_that_a_crash_cut_off_takes_no_other_with_it(corrections: Corrections) -> None:
    corrections.append(Correction(id="a", right=["мост"]))
    with corrections.path.open("ab") as file:
        file.write(b'{"id": "b", "wr')
    corrections.append(Correction(id="c", wrong=["мост"]))
    assert set(Corrections(corrections.path).by_article()) == {"a", "c"}


def test_corrections_of_another_worker_are_seen(corrections: Corrections) -> None:
    assert not corrections.by_article()
    Corrections(corrections.path).append(Correction(id="a", right=["мост"]))
    assert set(corrections.by_article()) == {"a"}


def test_a_file_that_holds_something_else_is_not_written_to(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    path.write_text('{"text": "Снег."}\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="holds no corrections; name another file, or one that is not there yet"):
        Corrections(path)


def test_without_a_file_no_corrections_are_taken() -> None:
    client = app_of(Desk(Service(), Articles()))  # type: ignore[arg-type]
    assert client.get("/desk/state").json()["corrections"] is None
    answer = correct(client, right=["мост"])
    assert answer.status_code == 404
    assert "start the service with --corrections FILE" in answer.json()["error"]["message"]


def test_the_page_is_for_anybody_and_what_it_asks_needs_the_token(corrections: Corrections) -> None:
    async def token(request: Request) -> None:
        if request.headers.get("authorization") != "Bearer right":
            raise HTTPException(401, "give a token")

    client = app_of(Desk(Service(), Articles(), corrections), reader=token)  # type: ignore[arg-type]
    assert client.get("/").status_code == client.get("/desk/files/main.js").status_code == 200
    for method, path in (("GET", "state"), ("GET", "articles"), ("GET", "article"), ("GET", "export"),
                         ("POST", "read"), ("POST", "corrections"), ("POST", "learn")):  # fmt: skip
        assert client.request(method, f"/desk/{path}").status_code == 401, path
    assert client.get("/desk/state", headers={"Authorization": "Bearer right"}).status_code == 200


def test_only_an_editor_has_the_model_learn(corrections: Corrections) -> None:
    async def nobody() -> None:
        raise HTTPException(403, "may not change the model")

    class Learning:
        possible = True

        async def __call__(self) -> str:
            return "tiny@learned"

    desk = Desk(Service(), Articles(), corrections, Learning())  # type: ignore[arg-type]
    assert app_of(desk).get("/desk/state").json()["can_learn"]
    assert app_of(desk, editor=nobody).post("/desk/learn", json={}).status_code == 403
    assert app_of(desk).post("/desk/learn", json={}).json() == {"model": "tiny@learned"}


def test_an_unreadable_article_that_the_model_refuses_is_told_as_such() -> None:
    class Refusing(Service):
        async def answers(self, articles: Sequence[Article], options: AnswerOptions) -> list[Answer | Exception]:
            return [DataError("article 'x' cannot be read: mojibake")]

    answer = app_of(Desk(Refusing(), Articles())).post("/desk/read", json={"body": BODY})  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["error"]["message"]) == (422, "article 'x' cannot be read: mojibake")


def test_a_model_that_does_not_answer_in_time_is_given_up() -> None:
    class Sleeping(Service):
        async def answers(self, articles: Sequence[Article], options: AnswerOptions) -> list[Answer | Exception]:
            return await asyncio.Future()

    answer = app_of(Desk(Sleeping(), Articles())).post("/desk/read", json={"body": BODY})  # type: ignore[arg-type]
    assert answer.status_code == 504


def test_errors_are_told_in_the_language_that_the_page_speaks(client: TestClient) -> None:
    def told(language: str) -> str:
        answer = client.post("/desk/read", json={"body": " "}, headers={"Accept-Language": language})
        said: str = answer.json()["error"]["message"]
        return said

    assert told("ru") == told("ru-RU,ru;q=0.9,en;q=0.8") == "ничего не вставлено; вставьте текст статьи"
    assert told("en") == told("kk") == told("../..") == "nothing was pasted; paste the text of an article"
