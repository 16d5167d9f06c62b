"""Routes that annotate articles."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from svodka.article import Annotation, Article
from svodka.async_annotator import Answer
from svodka.errors import ConfigError, DataError, QueueFullError
from svodka.serve.fetching import fetched
from svodka.serve.lines import MEDIA_TYPE, LinesResponse
from svodka.serve.options import ServeOptions
from svodka.serve.problems import RESPONSES, problem
from svodka.serve.schemas import ArticleIn, Asked, Fault, Many, One, OptionsIn, Result, Results, told
from svodka.serve.service import Service
from svodka.serve.within import within
from svodka.topics import topic_name

_LINES = {
    "required": False,
    "content": {MEDIA_TYPE: {"schema": {"type": "string"}, "example": '{"id": "17", "text": "Мост открыли."}\n'}},
}


def annotating_routes(service: Service, options: ServeOptions) -> APIRouter:
    """What gives annotations."""
    routes = APIRouter(prefix="/v1", tags=["articles"], responses=RESPONSES)
    reader = Reader(service, options)

    @routes.post("/annotate", response_model=Result | Results)
    async def annotate(body: Asked, request: Request) -> JSONResponse:
        """Topics, tags and a summary of one article, or of several that are read together.

        Of several, one that is no article fails alone: its place in the results holds its error.
        """
        found = await within(request, options.limits.seconds, reader.answered(body))
        return JSONResponse(found)

    @routes.post(
        "/annotate/stream", response_class=Response, openapi_extra={"requestBody": _LINES},
        responses={200: {"content": {MEDIA_TYPE: {}}}},
    )  # fmt: skip
    async def stream() -> Response:
        """Any number of articles as JSON lines, each as in `/v1/annotate`; a line of the answer for each, in order.

        Answers come while articles arrive: read while you send.
        """
        limits = options.limits
        return LinesResponse(reader.line, line_bytes=limits.body, seconds=limits.seconds)

    return routes


class Reader:
    """From what was asked to what is answered."""

    def __init__(self, service: Service, options: ServeOptions) -> None:
        """Take the model and the limits."""
        self._service, self._options = service, options

    async def answered(self, body: One | Many) -> dict[str, Any]:
        """The answer to a request.

        Raises:
            SvodkaError: of a single article, or of the options.
            HTTPException: more articles than a request may have.
        """
        if isinstance(body, One):
            (only,) = await self.answers([body], body.options)
            if isinstance(only, Exception):
                raise only
            return shown(only, body.options)
        most = self._options.limits.articles
        if len(body.articles) > most:
            raise HTTPException(413, f"{len(body.articles)} articles, a request has at most {most}; split it")
        found = await self.answers(body.articles, body.options)
        pairs = zip(found, body.articles, strict=True)
        return {"results": [shown_or_failed(one, asked, body.options) for one, asked in pairs]}

    async def line(self, raw: bytes) -> dict[str, Any]:
        """The answer to one line of a stream: an article with its options, or a text. It waits where others fail."""
        asked: Any = None
        try:
            given = json.loads(raw)
            asked = One(text=given) if isinstance(given, str) else One.model_validate(given)
            async with asyncio.timeout(self._options.limits.seconds):
                (found,) = await self._patiently(asked)
            return shown_or_failed(found, asked, asked.options)
        except ValidationError as error:
            return shown_or_failed(DataError(told(error.errors())), asked, OptionsIn())
        except (ValueError, RecursionError) as error:
            return shown_or_failed(DataError(f"a line must be JSON: {error}"), asked, OptionsIn())
        except Exception as error:
            return shown_or_failed(error, asked, OptionsIn())

    async def _patiently(self, asked: One) -> list[Answer | Exception]:
        while True:
            try:
                return await self.answers([asked], asked.options)
            except QueueFullError as error:
                await asyncio.sleep(min(error.seconds, 0.1))

    async def answers(self, asked: Sequence[ArticleIn | str | Fault], options: OptionsIn) -> list[Answer | Exception]:
        """For each article its answer, or why there is none.

        Raises:
            ConfigError: the model cannot answer so.
            QueueFullError: so many more cannot wait.
        """
        wanted = options.wanted()
        read = await asyncio.gather(*map(self._article, asked))
        articles = [one for one in read if isinstance(one, Article)]
        found = await self._service.answers(articles, wanted) if articles else []
        for one in found:
            if isinstance(one, ConfigError):
                raise one
        answers = iter(found)
        return [next(answers) if isinstance(one, Article) else one for one in read]

    async def _article(self, asked: ArticleIn | str | Fault) -> Article | Exception:
        try:
            return await self._read(asked)
        except Exception as error:
            return error

    async def _read(self, asked: ArticleIn | str | Fault) -> Article:
        if isinstance(asked, Fault):
            raise DataError(asked.message)
        if isinstance(asked, str):
            return Article(asked)
        facts = asked.facts()
        if asked.text is not None:
            return Article.from_dict({"text": asked.text, **facts})
        if asked.page is not None:
            return _with_facts(await asyncio.to_thread(Article.from_page, asked.page), facts)
        if asked.html is not None:
            return _with_facts(await asyncio.to_thread(Article.from_html, asked.html), facts)
        if not self._options.allow_fetch:
            raise DataError(
                "`fetch` is not allowed here; give the page in `html`, or start the service with --allow-fetch"
            )
        return _with_facts(await asyncio.to_thread(fetched, asked.fetch or ""), facts)


def _with_facts(article: Article, facts: dict[str, Any]) -> Article:
    """The article of a page; what the request says of it goes before what the page says."""
    given = Article.from_dict({"text": article.text, **facts})
    known = {name: getattr(given, name) for name in facts if hasattr(given, name)}
    return replace(article, **known, extra={**article.extra, **given.extra})


def shown(answer: Answer, options: OptionsIn) -> dict[str, Any]:
    """The JSON form of an answer."""
    annotation = answer.annotation if options.language is None else _in_language(answer.annotation, options.language)
    result = annotation.to_dict()
    # A key means the same in every answer: what was carried under one of ours stands under `input`.
    own = {"model": answer.model}
    if options.article:
        own["article"] = {"title": answer.article.title, "text": answer.article.text}  # type: ignore[assignment]
    hidden = {name: result[name] for name in own if name in result}
    if hidden:
        result["input"] = {**result.get("input", {}), **hidden}
    return {"id": result.pop("id"), "model": answer.model} | result | own


def shown_or_failed(answer: Answer | Exception, asked: Any, options: OptionsIn) -> dict[str, Any]:
    """As `shown`; in place of an answer that is none its error."""
    if not isinstance(answer, Exception):
        return shown(answer, options)
    number = getattr(asked, "id", None)
    known = {} if number is None else {"id": str(number)}
    return known | {"error": problem(answer)[1].model_dump()}


def _in_language(annotation: Annotation, language: str) -> Annotation:
    topics = tuple(replace(topic, name=topic_name(topic.id, language)) for topic in annotation.topics)
    return replace(annotation, topics=topics)
