"""The service over HTTP: what it answers, refuses and counts."""

import asyncio
import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from serving import JSON_LINES, TEXT, app_of, client_of, json_lines, limited, read_lines
from svodka import Annotator, Article
from svodka.async_annotator import AsyncAnnotator
from svodka.errors import ConfigError
from svodka.serve.apart import apart
from svodka.serve.options import Limits, ServeOptions, read_tokens

PAGE = f"Мост открыли\n\nЛид о том же самом мосте, одной фразой.\n{TEXT}\n\nИ второй абзац, чтобы было что читать.\n"
HTML = f"<html><head><title>Мост открыли</title></head><body><h1>Мост открыли</h1><p>{TEXT * 4}</p></body></html>"


@pytest.fixture(scope="module")
def bundle(topical: Path) -> Path:
    return topical / "run" / "bundle"


@pytest.fixture(scope="module")
def client(bundle: Path) -> Iterator[TestClient]:
    with client_of(app_of(bundle)) as found:
        yield found


@pytest.fixture(scope="module")
def annotator(bundle: Path) -> Annotator:
    return Annotator.load(bundle, device="cpu")


def ask(client: TestClient, **body: Any) -> Any:
    """The body of a good answer."""
    answer = client.post("/v1/annotate", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(answer: Any) -> tuple[int, str]:
    """Status and message of an answer that is none."""
    assert set(answer.json()["error"]) == {"type", "message"}
    return answer.status_code, answer.json()["error"]["message"]


def test_one_article_is_answered_as_the_library_answers_it(client: TestClient, annotator: Annotator) -> None:
    found = ask(client, text=TEXT, id=17, title="Мост открыт", rubric="город")
    model = client.get("/v1/model").json()["model"]
    row = {"text": TEXT, "id": 17, "title": "Мост открыт", "rubric": "город"}
    assert found == annotator(Article.from_dict(row)).to_dict() | {"model": model}
    assert model.startswith("tiny@")


def test_a_list_is_answered_in_its_order_and_a_bad_one_fails_alone(client: TestClient) -> None:
    articles = [
        {"id": "a", "text": TEXT},
        {"id": "b", "text": " "},
        {"id": 3, "page": PAGE, "text": TEXT},
        {"text": 5},
        TEXT,
    ]
    results = ask(client, articles=articles)["results"]
    assert [row.get("id") for row in results] == ["a", "b", None, None, ""]
    assert [row["error"]["type"] if "error" in row else "" for row in results] == ["", *["unusable_article"] * 3, ""]
    assert results[1]["error"]["message"] == "article 'b' has no text; give the body in 'text'"
    assert results[2]["error"]["message"] == (
        "an article needs exactly one of text, page, html, fetch; given: text, page"
    )
    assert results[0]["summary"] == results[4]["summary"]


def test_pages_and_html_are_read_as_the_library_reads_them(client: TestClient, annotator: Annotator) -> None:
    of_page = ask(client, page=PAGE, id="p", title="Другой заголовок", options={"article": True})
    assert of_page["article"] == {"title": "Другой заголовок", "text": Article.from_page(PAGE).text}
    of_html = ask(client, html=HTML)
    assert of_html["tags"] == annotator(Article.from_html(HTML)).to_dict()["tags"]
    assert of_html["title"] == "Мост открыли"


def test_options_are_those_of_the_library(client: TestClient, annotator: Annotator) -> None:
    own = {"tags": ["мост", "хоккей"], "min_score": 0, "top": 1, "rename": {"мост": "переправа", "хоккей": "лёд"}}
    found = ask(client, text=TEXT, options=own | {"summary": "headline", "words": 3, "language": "kk"})
    assert len(found["tags"]) == 1
    assert found["tags"][0]["name"] in ("переправа", "лёд")
    assert found["summary"] == {
        "kind": "headline",
        "text": annotator.with_summary("headline", words=3)(TEXT).summary.text,
    }
    assert (
        found["topics"][0]["name"]
        == Annotator.load(annotator.bundle.folder, language="kk", device="cpu")(TEXT).topics[0].name
    )
    whole = {"name": "мосты", "kind": "one", "tags": [{"name": "мост", "aliases": ["переправа"]}, "хоккей"]}
    assert len(ask(client, text=TEXT, options={"tags": whole})["tags"]) == 1


def test_what_was_carried_under_a_key_of_ours_stands_under_input(client: TestClient) -> None:
    found = ask(client, text=TEXT, model="чужая", tags=["дороги"], options={"article": True})
    assert found["input"] == {"model": "чужая", "tags": ["дороги"]}
    assert found["model"].startswith("tiny@")


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"text": ""}, 422, "input 0 has no text; give the body in 'text'"),
        ({"txt": TEXT}, 422, "an article needs exactly one of text, page, html, fetch; given: none"),
        ({"text": 5}, 422, "text: Input should be a valid string"),
        ([], 422, "Input should be a valid dictionary or object to extract fields from"),
        ({"articles": []}, 422, "articles: List should have at least 1 item after validation, not 0"),
        ({"articles": [TEXT], "text": TEXT}, 422, "text: Extra inputs are not permitted"),
        ({"articles": [TEXT] * 65}, 413, "65 articles, a request has at most 64; split it"),
        ({"text": TEXT, "options": {"word": 5}}, 422, "options.word: Extra inputs are not permitted"),
        ({"text": TEXT, "options": {"top": "5"}}, 422, "options.top: Input should be a valid integer"),
        ({"text": TEXT, "options": {"tags": []}}, 400,
         "the tag set has 1 error(s):\n  tags: the set is empty; name at least one tag"),
        ({"text": TEXT, "options": {"tags": ["а"] * 501}}, 422,
         "options: 501 tags, at most 500 are read for one request; start with --tags FILE"),
        ({"articles": [TEXT] * 2, "options": {"drop_tags": ["нет такого"]}}, 400,
         "--drop-tags: no tag 'нет такого'; `svodka tags list` prints them all"),
        ({"fetch": "https://news.example/1"}, 422,
         "`fetch` is not allowed here; give the page in `html`, or start the service with --allow-fetch"),
        ({"html": "<p>нет"}, 422, "no article was found in this page; it needs a body of text"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_told(client: TestClient, body: Any, status: int, message: str) -> None:
    assert refused(client.post("/v1/annotate", json=body)) == (status, message)


def test_a_body_that_is_no_json_is_told(client: TestClient) -> None:
    answer = client.post("/v1/annotate", content=b'{"text": ', headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "no_json"
    assert refused(client.post("/v1/annotate", content=b"text=a", headers={"Content-Type": "text/plain"}))[0] == 422


def test_unknown_addresses_and_methods_are_told_in_the_same_form(client: TestClient) -> None:
    assert refused(client.get("/v1/nowhere")) == (404, "Not Found")
    assert refused(client.get("/v1/annotate")) == (405, "Method Not Allowed")


def test_a_fault_of_ours_shows_nothing_of_itself(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("/secret/place")

    monkeypatch.setattr(AsyncAnnotator, "answers", fails)
    with client_of(app_of(bundle)) as client:
        assert refused(client.post("/v1/annotate", json={"text": TEXT})) == (
            500,
            "the service failed; its log says more",
        )


def test_more_bytes_than_allowed_are_refused_however_they_come(bundle: Path) -> None:
    with client_of(app_of(bundle, limited(body=1000))) as client:
        body = json.dumps({"text": "а" * 2000}).encode()
        told = (413, "a request has at most 1000 bytes; send fewer articles at once")
        headers = {"Content-Type": "application/json"}
        assert refused(client.post("/v1/annotate", content=body, headers=headers)) == told
        in_pieces = (body[i : i + 100] for i in range(0, len(body), 100))
        assert refused(client.post("/v1/annotate", content=in_pieces, headers=headers)) == told
        assert ask(client, text=TEXT)


def test_what_takes_too_long_or_finds_no_place_is_told(bundle: Path) -> None:
    with client_of(app_of(bundle, limited(queue=2, articles=2, seconds=1e-6))) as client:
        answer = client.post("/v1/annotate", json={"text": TEXT})
        assert refused(answer) == (504, "not answered within the time limit; ask for less at once")
    with pytest.raises(ConfigError, match="--articles 3 is more than --queue 2: no such request could ever wait"):
        Limits(articles=3, queue=2)


def test_a_full_queue_is_told_with_the_seconds_to_wait(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with client_of(app_of(bundle, limited(queue=2, articles=2))) as client:
        monkeypatch.setattr(client.app.state.service.batches, "queue", 0)  # type: ignore[attr-defined]
        answer = client.post("/v1/annotate", json={"text": TEXT})
        assert refused(answer) == (429, "0 articles wait and 1 more came; at most 0 may wait, ask again later")
        assert int(answer.headers["Retry-After"]) >= 1


def test_lines_are_answered_in_their_order(client: TestClient) -> None:
    rows = [
        TEXT,
        {"id": "a", "text": TEXT, "options": {"summary": "headline"}},
        {"id": "b", "text": ""},
        {"id": "c"},
        [TEXT],
    ]
    body = json_lines(*rows) + b"{broken\n\n" + json_lines(TEXT).rstrip()
    answer = client.post("/v1/annotate/stream", content=body, headers=JSON_LINES)
    assert answer.headers["Content-Type"] == JSON_LINES["Content-Type"]
    found = read_lines(answer.text)
    assert [row.get("id") for row in found] == ["", "a", "b", None, None, None, ""]
    assert ["error" in row for row in found] == [False, False, True, True, True, True, False]
    assert found[1]["summary"]["kind"] == "headline"
    assert found[5]["error"]["message"].startswith("a line must be JSON: ")


def test_more_lines_than_may_wait_are_all_answered(bundle: Path) -> None:
    with client_of(app_of(bundle, limited(queue=2, articles=2))) as client:
        answer = client.post("/v1/annotate/stream", content=json_lines(*[TEXT] * 20), headers=JSON_LINES)
        assert [row["model"][:5] for row in read_lines(answer.text)] == ["tiny@"] * 20


def test_a_line_that_is_too_long_ends_the_answer(bundle: Path) -> None:
    with client_of(app_of(bundle, limited(body=1000))) as client:
        answer = client.post("/v1/annotate/stream", content=json_lines(TEXT) + b"x" * 5000, headers=JSON_LINES)
        first, last = read_lines(answer.text)
        assert first["summary"]
        assert last["error"]["message"] == "a line has more than 1000 bytes; the lines before it are answered"


def test_the_model_tells_its_tags_and_what_it_can_do(client: TestClient, annotator: Annotator) -> None:
    tags = client.get("/v1/tags", params={"language": "en"}).json()
    assert [tag["name"] for tag in tags["tags"]] == [
        name for name in annotator.bundle.labels.names if name not in annotator.bundle.labels.house
    ]
    assert tags["topics"][0] == {"id": "medtop:01000000", "name": "arts, culture and media"}
    other = client.get("/v1/tags", params={"language": "de"})
    assert refused(other) == (422, "query.language: Input should be 'ru', 'kk', 'uk' or 'en'")
    model = client.get("/v1/model").json()
    assert model["fingerprint"] == annotator.bundle.fingerprint
    assert model["summaries"] == ["faithful", "extractive", "headline"]
    assert model["limits"]["articles"] == 64
    assert (model["own_tags"], model["fetch"]) == (True, False)


def test_a_bundle_takes_the_place_of_another(bundle: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(bundle, tmp_path / "other"))
    with client_of(app_of(bundle)) as client:
        before = ask(client, text=TEXT)
        swapped = client.post("/v1/model", json={"bundle": str(other)})
        assert swapped.json()["bundle"] == "other"
        assert ask(client, text=TEXT) == before
        absent = client.post("/v1/model", json={"bundle": str(tmp_path / "absent")})
        assert refused(absent) == (400, f"no bundle at {tmp_path / 'absent'}: it must be a folder on the server")
        (other / "labels.json").write_text("{}", encoding="utf-8")
        status, message = refused(client.post("/v1/model", json={}))
        assert (status, "labels.json" in message) == (422, True)
        assert ask(client, text=TEXT) == before


def test_what_happens_is_counted(bundle: Path) -> None:
    with client_of(app_of(bundle)) as client:
        ask(client, articles=[TEXT, "", TEXT])
        client.get("/v1/nowhere")
        numbers = dict(line.rsplit(" ", 1) for line in client.get("/metrics").text.splitlines() if line[0] != "#")
        assert numbers['svodka_articles_total{outcome="annotated"}'] == "2.0"
        assert numbers['svodka_articles_total{outcome="rejected"}'] == "1.0"
        assert numbers['svodka_requests_total{route="/v1/annotate",status="200"}'] == "1.0"
        assert numbers['svodka_requests_total{route="other",status="404"}'] == "1.0"
        assert float(numbers["svodka_tokens_total"]) > 10
        assert float(numbers["svodka_articles_without_tag_total"]) in (0, 2)
        assert numbers['svodka_batch_articles_bucket{le="4.0"}'] == "1.0"
        assert numbers["svodka_queue_articles"] == "0.0"


SECRET, ADMIN = "reader-0123456789", "admin-0123456789"


@pytest.fixture
def guarded(bundle: Path, tmp_path: Path) -> Iterator[TestClient]:
    tokens = tmp_path / "tokens"
    tokens.write_text(f"# those of the newsroom\n{SECRET}\n\nadmin {ADMIN}\n", encoding="utf-8")
    with client_of(app_of(bundle, ServeOptions(host="0.0.0.0", token_file=tokens))) as client:
        yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_without_a_token_nothing_but_health_is_answered(guarded: TestClient) -> None:
    for given in ({}, bearer("wrong"), bearer(""), bearer(f"admin {ADMIN}"), {"Authorization": SECRET}, bearer("é")):
        answer = guarded.get("/v1/model", headers={name: value.encode() for name, value in given.items()})
        assert refused(answer) == (401, "give a token of the service as `Authorization: Bearer TOKEN`")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    for path in ("/v1/tags", "/v1/models", "/metrics", "/desk/state"):
        assert guarded.get(path).status_code == 401
    for path in ("/v1/annotate", "/v1/annotate/stream", "/v1/chat/completions", "/v1/model", "/desk/read"):
        assert guarded.post(path, json={}).status_code in (401, 422)
    assert [guarded.get(f"/health/{word}").status_code for word in ("live", "ready")] == [200, 200]
    assert guarded.get("/v1/model", headers=bearer(SECRET)).status_code == 200


def test_only_an_admins_token_changes_the_model(guarded: TestClient) -> None:
    assert refused(guarded.post("/v1/model", json={}, headers=bearer(SECRET))) == (
        403, "this token may not change the model; it needs `admin` before it in the token file",
    )  # fmt: skip
    assert guarded.post("/v1/model", json={}, headers=bearer(ADMIN)).status_code == 200


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# nobody\n", "holds no token; write one a line, as `openssl rand -hex 32` makes them"),
        ("short\n", "token 1 must be one word of at least 16 ASCII characters, with `admin` before it or nothing"),
        (f"{SECRET}\nroot {ADMIN}\n", "token 2 must be one word of at least 16 ASCII characters"),
    ],
)
def test_a_token_file_that_guards_nothing_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "tokens").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        read_tokens(tmp_path / "tokens")


def test_without_tokens_other_machines_and_other_sites_pages_are_refused(client: TestClient) -> None:
    status, message = refused(client.get("/v1/model", headers={"Host": "news.example"}))
    assert (status, message) == (
        403,
        "without tokens only localhost is answered, not 'news.example'; give --token-file",
    )
    status, message = refused(
        client.post("/v1/annotate", json={"text": TEXT}, headers={"Origin": "https://news.example"})
    )
    assert (status, message) == (403, "a page of https://news.example may not ask; allow it by --allow-origin")
    for host in ("127.0.0.1:8000", "[::1]:8000", "localhost"):
        assert client.get("/v1/model", headers={"Host": host}).status_code == 200
    with pytest.raises(
        ConfigError, match=r"--host 0\.0\.0\.0 can be reached from other machines; name those who may ask"
    ):
        ServeOptions(host="0.0.0.0").check()


def test_pages_of_other_sites_may_ask_only_where_they_are_allowed(bundle: Path) -> None:
    asked = {"Origin": "https://news.example", "Access-Control-Request-Method": "POST"}
    with client_of(app_of(bundle, ServeOptions(origins=("https://news.example",)))) as client:
        assert client.options("/v1/annotate", headers=asked).headers["Access-Control-Allow-Origin"] == asked["Origin"]
        answer = client.post("/v1/annotate", json={"text": TEXT}, headers={"Origin": "https://news.example"})
        assert answer.headers["Access-Control-Allow-Origin"] == "https://news.example"
        other = {**asked, "Origin": "https://other.example"}
        assert "Access-Control-Allow-Origin" not in client.options("/v1/annotate", headers=other).headers
    with pytest.raises(ConfigError, match=r"--allow-origin 'news\.example' is no origin"):
        ServeOptions(origins=("news.example",)).check()


@pytest.mark.enable_socket
def test_no_page_is_fetched_from_a_private_network(bundle: Path) -> None:
    with client_of(app_of(bundle, ServeOptions(allow_fetch=True))) as client:
        for address in ("http://127.0.0.1:9/", "http://[::1]/", "http://169.254.169.254/latest"):
            status, message = refused(client.post("/v1/annotate", json={"fetch": address}))
            assert (status, "which is not public" in message) == (422, True), message
        status, message = refused(client.post("/v1/annotate", json={"fetch": "file:///etc/passwd"}))
        assert message == "'file:///etc/passwd' is no address of a page; give one that begins with https:// or http://"


def chat(client: TestClient, user: str, **body: Any) -> Any:
    messages = [{"role": "system", "content": "You help readers."}, {"role": "user", "content": user}]
    return client.post("/v1/chat/completions", json={"model": "gpt-4o-mini", "messages": messages} | body)


def test_a_chat_completion_holds_what_was_asked(client: TestClient, annotator: Annotator) -> None:
    found = chat(client, f"Summarize the text.\n\n{TEXT}", temperature=0.7, max_tokens=2048, n=1).json()
    assert found["choices"][0]["message"] == {"role": "assistant", "content": annotator(TEXT).summary.text}
    assert found["choices"][0]["finish_reason"] == "stop"
    assert found["usage"]["total_tokens"] == sum(found["usage"][f"{part}_tokens"] for part in ("prompt", "completion"))
    assert found["model"] == client.get("/v1/models").json()["data"][0]["id"]
    asked = f'Answer in JSON with "title", "tags" and "summary".\n<text>{TEXT}</text>'
    content = json.loads(
        chat(client, asked, response_format={"type": "json_object"}).json()["choices"][0]["message"]["content"]
    )
    assert content["title"] == annotator.with_summary("headline")(TEXT).summary.text
    assert content["summary"] == annotator(TEXT).summary.text
    assert isinstance(content["tags"], list)


def test_a_streamed_completion_ends_as_clients_expect(client: TestClient, annotator: Annotator) -> None:
    answer = chat(client, f"Summarize the text.\n\n{TEXT}", stream=True, stream_options={"include_usage": True})
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    *events, end = answer.text.removesuffix("\n\n").split("\n\n")
    assert end == "data: [DONE]"
    chunks = [json.loads(event.removeprefix("data: ")) for event in events]
    deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
    assert "".join(delta.get("content", "") for delta in deltas) == annotator(TEXT).summary.text
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"
    assert chunks[-1]["usage"]["prompt_tokens"] > 0


def test_a_chat_without_an_article_is_told(client: TestClient) -> None:
    assert refused(chat(client, " ")) == (
        422,
        "the last message of the role `user` holds no text; put the article there",
    )
    parts = [{"type": "image_url", "image_url": {"url": "data:"}}, {"type": "text", "text": f"Summarize:\n{TEXT}"}]
    answer = client.post("/v1/chat/completions", json={"messages": [{"role": "user", "content": parts}]})
    assert answer.status_code == 200
    assert refused(client.post("/v1/chat/completions", json={"messages": []}))[0] == 422


def test_the_description_holds_every_route_with_its_errors(client: TestClient) -> None:
    described = client.get("/openapi.json").json()["paths"]
    assert {
        "/v1/annotate",
        "/v1/annotate/stream",
        "/v1/tags",
        "/v1/model",
        "/v1/chat/completions",
        "/health/ready",
    } <= set(described)
    assert not any(path.startswith("/desk") for path in described)
    for path in ("/v1/annotate", "/v1/chat/completions"):
        assert {"200", "413", "422", "429", "504"} <= set(described[path]["post"]["responses"])
    routes = [route for path in described.values() for route in path.values()]
    for answer in [route["responses"]["422"] for route in routes if "422" in route["responses"]]:
        assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Failed"}


def test_the_description_says_that_an_article_has_one_form_and_a_chat_may_be_streamed() -> None:
    described = app_of(Path("no-bundle")).openapi()
    for name in ("One", "ArticleIn"):
        forms = described["components"]["schemas"][name]["oneOf"]
        assert [form["required"] for form in forms] == [["text"], ["page"], ["html"], ["fetch"]]
    answered = described["paths"]["/v1/chat/completions"]["post"]["responses"]["200"]["content"]
    assert set(answered) == {"application/json", "text/event-stream"}


def test_a_thread_that_loads_a_model_ends_with_it() -> None:
    thread = asyncio.run(apart(threading.current_thread))
    thread.join(60)
    assert not thread.is_alive()
