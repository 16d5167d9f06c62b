"""Routes that annotate articles."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, TypeVar

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from svodka.article import Annotation, Article
from svodka.async_annotator import Answer
from svodka.errors import ConfigError, DataError
from svodka.serve.options import ServeOptions
from svodka.serve.problems import RESPONSES, problem
from svodka.serve.schemas import ArticleIn, Asked, Fault, Many, One, OptionsIn, Result, Results
from svodka.serve.service import Service
from svodka.topics import topic_name

Found = TypeVar("Found")


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
            (found,) = await self.answers([body], body.options)
            if isinstance(found, Exception):
                raise found
            return shown(found, body.options)
        most = self._options.limits.articles
        if len(body.articles) > most:
            raise HTTPException(413, f"{len(body.articles)} articles, a request has at most {most}; split it")
        found_all = await self.answers(body.articles, body.options)
        return {
            "results": [
                shown_or_failed(one, asked, body.options) for one, asked in zip(found_all, body.articles, strict=True)
            ]
        }

    async def answers(self, asked: "list[Any] | list[One]", options: OptionsIn) -> list[Answer | Exception]:
        """For each article its answer, or why there is none."""
        wanted = options.wanted()
        read = await asyncio.gather(*map(self._article, asked))
        articles = [one for one in read if isinstance(one, Article)]
        answers = iter(await self._service.answers(articles, wanted) if articles else [])
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
        raise ConfigError("`fetch` is not allowed here; start the service with --allow-fetch")


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


async def within(request: Request, seconds: float, work: Coroutine[Any, Any, Found]) -> Found:
    """The result of `work`, which ends when its time is over or the client has gone.

    Raises:
        TimeoutError: the time is over.
        HTTPException: the client has gone; nobody reads it.
    """
    task, gone = asyncio.ensure_future(work), asyncio.ensure_future(_gone(request))
    try:
        done, _ = await asyncio.wait({task, gone}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if task in done:
            return task.result()
        if gone in done:
            raise HTTPException(499, "the client has gone")
        raise TimeoutError
    finally:
        task.cancel()
        gone.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
