"""The desk over HTTP: the page, and what its script asks. None of it is part of the public API."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from svodka.answer_options import AnswerOptions
from svodka.async_annotator import Answer
from svodka.serve.desk.articles import Articles, Filters, as_csv, as_json_lines, exported, tags_now
from svodka.serve.desk.corrections import Correction, Corrections
from svodka.serve.desk.language import InPagesLanguage
from svodka.serve.desk.lessons import Lessons
from svodka.serve.desk.page import HEADERS, asset
from svodka.serve.desk.shown import Form, Origin, Shown, parsed, shown
from svodka.serve.options import ServeOptions
from svodka.serve.service import Service, can_find_entities
from svodka.topics import TOPICS

_NO_CORRECTIONS = "no corrections are kept here; start the service with --corrections FILE"
Guard = Callable[..., Awaitable[None]]
Listed = Annotated[Filters, Depends()]


@dataclass(frozen=True)
class Desk:
    """What one desk works with.

    Attributes:
        service: reads the articles.
        articles: the last hundred.
        corrections: where an editor's corrections go; None where none are taken.
        learn: has the model learn them; None where none are taken.
    """

    service: Service
    articles: Articles
    corrections: Corrections | None = None
    learn: Lessons | None = None


class Ask(BaseModel):
    """An article to read.

    Attributes:
        body: what was pasted or dropped.
        form: what it is.
        title: headline, where `body` is a plain text without it.
        name: of the file that was dropped.
        words: most words of the summary.
        listed: whether it is one of the last hundred from now on.
    """

    model_config = ConfigDict(extra="forbid")

    body: str
    form: Form = "text"
    title: str = ""
    name: str = Field("", max_length=2_000)
    words: int | None = Field(None, ge=5, le=200)
    listed: bool = True


def desk_of(service: Service, options: ServeOptions) -> Desk:
    """The desk of a service.

    Raises:
        ConfigError: a file of corrections or a database that cannot be used.
    """
    archive = None
    if options.database is not None:
        # Needs the extra `watch`, which whoever has such a database has.
        from svodka.serve.desk.archive import Archive

        archive = Archive(options.database)
    articles = Articles(archive)
    if options.corrections is None:
        return Desk(service, articles)
    corrections = Corrections(options.corrections)
    return Desk(service, articles, corrections, Lessons(service, corrections, articles))


def desk_router(desk: Desk, *, reader: Guard, editor: Guard) -> APIRouter:
    """The desk's routes. The page itself and its files are for anybody.

    Args:
        desk: what it works with.
        reader: a dependency of FastAPI that lets those pass who may read and correct.
        editor: one that lets those pass who may change the model.
    """
    handlers = _Handlers(desk)
    inner = APIRouter(prefix="/desk", route_class=InPagesLanguage, dependencies=[Depends(reader)])
    for path in ("state", "articles", "article", "export"):
        # The handlers give plain JSON; a second check of each answer would only cost time.
        inner.add_api_route(f"/{path}", getattr(handlers, path), methods=["GET"], response_model=None)
    for path in ("read", "corrections"):
        inner.add_api_route(f"/{path}", getattr(handlers, path), methods=["POST"], response_model=None)
    inner.add_api_route("/learn", handlers.learn, methods=["POST"], dependencies=[Depends(editor)])
    routes = APIRouter(include_in_schema=False)
    routes.add_api_route("/", _page, methods=["GET"])
    routes.add_api_route("/desk/files/{name}", _file, methods=["GET"])
    routes.include_router(inner)
    return routes


def _page() -> Response:
    return _file("desk.html")


def _file(name: str) -> Response:
    found = asset(name)
    if found is None:
        raise HTTPException(404, "no such file of the desk")
    return found


class _Handlers:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def state(self) -> dict[str, Any]:
        """What the page must know before anything is read."""
        desk = self._desk
        return {
            "model": desk.service.model,
            "words": desk.service.words,
            "tags": list(desk.service.tags),
            "topics": [{"id": topic.id, "names": dict(topic.names)} for topic in TOPICS],
            "corrections": None if desk.corrections is None else len(desk.corrections.by_article()),
            "can_learn": desk.learn is not None and desk.learn.possible,
            "has_archive": desk.articles.archive is not None,
        }

    async def read(self, ask: Ask) -> dict[str, Any]:
        """Read an article."""
        article = await run_in_threadpool(parsed, ask.body, ask.form, title=ask.title, name=ask.name)
        options = AnswerOptions(words=ask.words, entities=can_find_entities())
        async with asyncio.timeout(self._desk.service.limits.seconds):
            (answer,) = await self._desk.service.answers([article], options)
        if not isinstance(answer, Answer):
            raise answer
        found = await run_in_threadpool(shown, answer)
        if ask.listed:
            self._desk.articles.add(found)
        return self._whole(found)

    def articles(self, filters: Listed) -> list[dict[str, Any]]:
        """The last hundred, in short."""
        return [self._short(one) for one in self._listed(filters)]

    def article(self, origin: Origin, article: Annotated[str, Query(alias="id")]) -> dict[str, Any]:
        """One of the last hundred, whole."""
        found = self._desk.articles.find(origin, article)
        if found is None:
            raise HTTPException(404, "this article is no longer among the last hundred; paste it again")
        return self._whole(found)

    def corrections(self, correction: Correction) -> dict[str, Any]:
        """Keep a correction."""
        kept = self._desk.corrections
        if kept is None:
            raise HTTPException(404, _NO_CORRECTIONS)
        kept.append(correction)
        return {"corrections": len(kept.by_article())}

    async def learn(self) -> dict[str, Any]:
        """Have the model learn what was corrected."""
        if self._desk.learn is None:
            raise HTTPException(404, _NO_CORRECTIONS)
        return {"model": await self._desk.learn()}

    def export(self, filters: Listed, form: Literal["jsonl", "csv"] = "jsonl") -> Response:
        """The listed articles as a file."""
        rows = exported(self._listed(filters), self._corrected())
        text, kind = (as_csv(rows), "text/csv") if form == "csv" else (as_json_lines(rows), "application/x-ndjson")
        name = {"Content-Disposition": f'attachment; filename="svodka.{form}"'}
        return Response(text.encode("utf-8"), media_type=f"{kind}; charset=utf-8", headers=HEADERS | name)

    def _listed(self, filters: Filters) -> list[Shown]:
        corrected = self._corrected()
        return [one for one in self._desk.articles.latest() if filters.match(one, corrected.get(one.id))]

    def _corrected(self) -> dict[str, Any]:
        return {} if self._desk.corrections is None else dict(self._desk.corrections.by_article())

    def _whole(self, one: Shown) -> dict[str, Any]:
        return asdict(one) | {"correction": self._corrected().get(one.id)}

    def _short(self, one: Shown) -> dict[str, Any]:
        """What the table shows of an article."""
        correction = self._corrected().get(one.id)
        known = {name: getattr(one, name) for name in ("id", "origin", "at", "title", "date", "source", "topics")}
        title = one.title or next(iter(one.sentences[1:]), "")
        return known | {"title": title, "tags": tags_now(one, correction), "corrected": correction is not None}
