"""Routes that speak as OpenAI's do, as far as tags, summaries and headlines need it."""

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from svodka.answer_options import AnswerOptions
from svodka.async_annotator import Answer
from svodka.errors import ConfigError, DataError
from svodka.serve.chat.prompt import Prompt, read_prompt
from svodka.serve.chat.wanted import Wanted, read_wanted
from svodka.serve.options import ServeOptions
from svodka.serve.problems import RESPONSES
from svodka.serve.service import Service
from svodka.serve.within import within
from svodka.tagsets import TagSet

_EVENTS = "text/event-stream"
_EXAMPLE: Any = {
    "model": "svodka",
    "messages": [
        {"role": "system", "content": "Summarize the article."},
        {"role": "user", "content": "Мост через Волгу открыли после ремонта. Первым по нему проехал автобус."},
    ],
}


class Part(BaseModel):
    """A part of a message; pictures and sounds are passed over."""

    model_config = ConfigDict(extra="ignore")

    type: str
    text: str = ""


class Message(BaseModel):
    """One message."""

    model_config = ConfigDict(extra="ignore")

    role: str
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        """What it says."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text")
        return self.content or ""


class ChatAsked(BaseModel):
    """A chat completion; what is known of it but not here, such as `temperature`, changes nothing."""

    model_config = ConfigDict(extra="ignore", json_schema_extra={"examples": [_EXAMPLE]})

    messages: list[Message] = Field(min_length=1)
    model: str = Field("", description="any; the answer names the one that gave it")
    stream: StrictBool | None = False
    stream_options: dict[str, Any] | None = None
    response_format: dict[str, Any] | None = None


class Choice(BaseModel):
    """The only choice."""

    index: Literal[0] = 0
    message: dict[str, str]
    finish_reason: Literal["stop"] = "stop"


class Completion(BaseModel):
    """The answer, as OpenAI's clients expect it."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: dict[str, int]


class Model(BaseModel):
    """A model that may be named."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: Literal["svodka"] = "svodka"


class Models(BaseModel):
    """The models that may be named: the one that there is."""

    object: Literal["list"] = "list"
    data: list[Model]


def chat_routes(service: Service, options: ServeOptions) -> APIRouter:
    """Chat completions and the list of models."""
    routes = APIRouter(prefix="/v1", tags=["OpenAI-compatible"], responses=RESPONSES)

    @routes.post(
        "/chat/completions", response_model=Completion, responses={200: {"content": {_EVENTS: {}}}},
    )  # fmt: skip
    async def complete(body: ChatAsked, request: Request) -> Response:
        """Tags, a summary or a headline of the article in the last message, in the form that the prompt asks for."""
        completion = await within(request, options.limits.seconds, _completion(service, body))
        if not body.stream:
            return JSONResponse(completion.model_dump())
        usage = bool((body.stream_options or {}).get("include_usage"))
        return Response("".join(_events(completion, usage=usage)), media_type=_EVENTS)

    @routes.get("/models")
    async def models() -> Models:
        """The model that answers."""
        return Models(data=[Model(id=service.model)])

    return routes


async def _completion(service: Service, body: ChatAsked) -> Completion:
    said = [message for message in body.messages if message.role not in ("assistant", "tool", "function")]
    asked = [message.text for message in said if message.role == "user"]
    if not asked or not asked[-1].strip():
        raise DataError("the last message of the role `user` holds no text; put the article there")
    system = "\n".join(message.text for message in said if message.role != "user")
    prompt = read_prompt(system, asked[-1])
    wanted = read_wanted(prompt.orders, body.response_format)
    answer, headline = await _answer(service, prompt, wanted)
    content = wanted.content(answer.annotation, headline)
    written = len(content.split())
    return Completion(
        id=f"chatcmpl-{uuid.uuid4().hex}",
        created=int(time.time()),
        model=answer.model,
        choices=[Choice(message={"role": "assistant", "content": content})],
        usage={"prompt_tokens": answer.tokens, "completion_tokens": written, "total_tokens": answer.tokens + written},
    )


async def _answer(service: Service, prompt: Prompt, wanted: Wanted) -> tuple[Answer, str]:
    """The answer, and a headline where one is wanted."""
    tags = TagSet.of_names(prompt.tags) if prompt.tags and wanted.has("tags") else None
    modes: list[str | None] = [None] if wanted.has("summary") or not wanted.has("headline") else []
    modes += ["headline"] if wanted.has("headline") else []
    found = [await _answered(service, prompt, _options(wanted, mode, tags)) for mode in modes]
    while len({answer.model for answer in found}) > 1:  # the model was changed in between
        found = [await _answered(service, prompt, _options(wanted, mode, tags)) for mode in modes]
    if wanted.has("summary") and not found[0].annotation.summary:
        raise ConfigError("this model makes no summaries; ask it for tags")
    return found[0], found[-1].annotation.summary.text if wanted.has("headline") else ""


def _options(wanted: Wanted, mode: str | None, tags: TagSet | None) -> AnswerOptions:
    words = wanted.words if mode or not wanted.has("headline") else None
    return AnswerOptions(summary=mode, words=words, tags=tags)


async def _answered(service: Service, prompt: Prompt, options: AnswerOptions) -> Answer:
    (answer,) = await service.answers([prompt.article], options)
    if isinstance(answer, Exception):
        raise answer
    return answer


def _events(completion: Completion, *, usage: bool) -> Iterator[str]:
    """The completion as it is streamed: nothing is known of it before it is whole."""
    head = {
        "id": completion.id, "object": "chat.completion.chunk", "created": completion.created,
        "model": completion.model,
    }  # fmt: skip
    for delta, reason in ((completion.choices[0].message, None), ({}, "stop")):
        yield _event(head | {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})
    if usage:
        yield _event(head | {"choices": [], "usage": completion.usage})
    yield "data: [DONE]\n\n"


def _event(body: dict[str, Any]) -> str:
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n"
