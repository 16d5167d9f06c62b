"""Requests of readers and bookmark managers, as their clients send them, answered over HTTP in OpenAI's form."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from serving import app_of, client_of
from svodka import Annotator, Article
from svodka.serve.options import ServeOptions
from svodka.tagsets import TagSet
from test_serve_chat import ANALYST, ARCHIVE, BODY, BOOKMARKS_SUMMARY, BOOKMARKS_TAGS, READER

SECRET, READERS_SITE = "reader-0123456789abcdef", "https://reader.example"
STRICT_TAGS = {
    "name": "schema", "strict": True,
    "schema": {
        "$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "additionalProperties": False,
        "properties": {"tags": {"type": "array", "items": {"type": "string"}}}, "required": ["tags"],
    },
}  # fmt: skip


def said(role: str, content: Any) -> dict[str, Any]:
    return {"role": role, "content": content}


@dataclass(frozen=True)
class Recorded:
    """A request as a client sends it, and what its answer must be: of which article, in which form."""

    body: dict[str, Any]
    headers: dict[str, str]
    article: Article
    tags: tuple[str, ...] = ()
    words: int | None = None
    keys: tuple[str, ...] = ()


BOOKMARKS = {"User-Agent": "OpenAI/JS 4.86.1", "X-Stainless-Lang": "js", "X-Stainless-Retry-Count": "0"}
RECORDED = {
    # From the reader's browser, whose page is another site's.
    "reader": Recorded(
        {"model": "gpt-4o-mini", "max_tokens": 2048, "temperature": 0.7, "n": 1,
         "messages": [said("system", "Дай краткое содержание в 25 словах."), said("user", READER)]},
        {"Origin": READERS_SITE, "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"},
        Article(f"Мост\n\n{BODY}", title="Мост открыт"), words=25,
    ),
    "bookmarks' tags": Recorded(
        {"messages": [said("user", BOOKMARKS_TAGS)], "model": "gpt-4.1-mini", "max_completion_tokens": 2048,
         "response_format": {"type": "json_schema", "json_schema": STRICT_TAGS}},
        BOOKMARKS, Article(BODY), keys=("tags",),
    ),
    "bookmarks' tags without a schema": Recorded(
        {"messages": [said("user", BOOKMARKS_TAGS)], "model": "llama3.1", "max_tokens": 2048,
         "response_format": {"type": "json_object"}},
        BOOKMARKS, Article(BODY), keys=("tags",),
    ),
    "bookmarks' summary": Recorded(
        {"messages": [said("user", BOOKMARKS_SUMMARY)], "model": "gpt-4.1-mini", "max_completion_tokens": 2048},
        BOOKMARKS, Article(BODY),
    ),
    "archive's own tags": Recorded(
        {"model": "gpt-4o", "messages": [said("user", [{"type": "text", "text": ARCHIVE}])], "temperature": 1},
        {"User-Agent": "Go-http-client/1.1", "Accept-Encoding": "gzip"},
        Article(BODY), tags=("мосты", "транспорт", "спорт"),
    ),
    "archive's analyst": Recorded(
        {"model": "gpt-4o-mini", "messages": [said("system", ANALYST), said("user", BODY)], "temperature": 0.3},
        {"User-Agent": "OpenAI/JS 4.104.0"}, Article(BODY),
        keys=("title", "correspondent", "tags", "document_date", "language"),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def bundle(topical: Path) -> Path:
    return topical / "run" / "bundle"


@pytest.fixture(scope="module")
def client(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    tokens = tmp_path_factory.mktemp("tokens") / "tokens"
    tokens.write_text(f"{SECRET}\n", encoding="utf-8")
    with client_of(app_of(bundle, ServeOptions(token_file=tokens, origins=(READERS_SITE,)))) as found:
        yield found


@pytest.fixture(scope="module")
def annotator(bundle: Path) -> Annotator:
    return Annotator.load(bundle, device="cpu")


def posted(client: TestClient, recorded: Recorded, **more: Any) -> Any:
    """The answer to the bytes that the client sends."""
    headers = {"Authorization": f"Bearer {SECRET}", "Content-Type": "application/json"} | recorded.headers
    body = json.dumps(recorded.body | more, ensure_ascii=False).encode()
    answer = client.post("/v1/chat/completions", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


def content_of(completion: Any) -> str:
    """What a completion says, after a look whether it has OpenAI's form."""
    assert {name: type(value) for name, value in completion.items()} == {
        "id": str, "object": str, "created": int, "model": str, "choices": list, "usage": dict,
    }  # fmt: skip
    assert completion["object"] == "chat.completion"
    (choice,) = completion["choices"]
    assert (choice["index"], choice["finish_reason"], choice["message"]["role"]) == (0, "stop", "assistant")
    usage = completion["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"] > 0
    return str(choice["message"]["content"])


def content_of_chunks(text: str) -> str:
    """What a streamed completion says, after a look whether its events have OpenAI's form."""
    *events, end, rest = text.split("\n\n")
    assert (end, rest) == ("data: [DONE]", "")
    chunks = [json.loads(event.removeprefix("data: ")) for event in events]
    assert len({(chunk["id"], chunk["created"], chunk["model"], chunk["object"]) for chunk in chunks}) == 1
    assert chunks[0]["object"] == "chat.completion.chunk"
    choices = [choice for chunk in chunks for choice in chunk["choices"]]
    assert [choice["finish_reason"] for choice in choices] == [None] * (len(choices) - 1) + ["stop"]
    assert choices[0]["delta"]["role"] == "assistant"
    assert {choice["index"] for choice in choices} == {0}
    return "".join(choice["delta"].get("content", "") for choice in choices)


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_request_is_answered_in_openais_form(client: TestClient, annotator: Annotator, name: str) -> None:
    recorded = RECORDED[name]
    if recorded.tags:
        annotator = annotator.with_tags(TagSet.of_names(recorded.tags))
    found = annotator.with_summary(words=recorded.words)(recorded.article)
    names = [tag.name for tag in found.tags] or [topic.name for topic in found.topics if topic.sure]
    headline = annotator.with_summary("headline")(recorded.article).summary.text

    answer = posted(client, recorded)
    content = content_of(answer.json())
    if recorded.keys:
        own = {"tags": names, "title": headline}
        assert json.loads(content) == {key: own.get(key, "") for key in recorded.keys}
    else:
        assert content == (", ".join(names) if recorded.tags else found.summary.text)
        assert content

    streamed = posted(client, recorded, stream=True)
    assert streamed.headers["Content-Type"].startswith("text/event-stream")
    assert content_of_chunks(streamed.text) == content
    for one in (answer, streamed):
        assert one.headers.get("Access-Control-Allow-Origin") == recorded.headers.get("Origin")


def test_a_readers_page_asks_first_whether_it_may(client: TestClient) -> None:
    asked = {
        "Origin": READERS_SITE, "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }  # fmt: skip
    answer = client.options("/v1/chat/completions", headers=asked)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, READERS_SITE)


def test_the_parts_of_an_answer_are_of_one_model(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    service = client.app.state.service  # type: ignore[attr-defined]
    answers, asked, name = service.answers, [], service.model

    async def changed_after_the_first(articles: Any, options: Any) -> Any:
        found = await answers(articles, options)
        asked.append(options.summary)
        service.batches.swap(service.annotator, "other@0123456789ab")
        return found

    monkeypatch.setattr(service, "answers", changed_after_the_first)
    wanted = 'Answer in JSON with "title" and "summary".'
    answer = posted(client, RECORDED["reader"], messages=[said("system", wanted), said("user", BODY)]).json()
    service.batches.swap(service.annotator, name)
    assert (answer["model"], asked) == ("other@0123456789ab", [None, "headline"] * 2)
