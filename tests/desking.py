"""What the tests of the desk share: an article, and a service that finds a bridge in every one, and its client."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from svodka.answer_options import AnswerOptions
from svodka.article import Annotation, Article, Entity, Summary, Tag, Topic
from svodka.async_annotator import Answer
from svodka.serve.desk.routes import Desk, desk_router
from svodka.serve.options import Limits
from svodka.serve.problems import tell_problems

TITLE = "Мост через Ишимку открыли"
BODY = "Мост через Ишимку открыли после ремонта. По нему пошли автобусы.\nРабота стоила 40 млн рублей."
MODEL = "tiny@0123456789ab"


class Service:
    """A model that finds a bridge in every article."""

    model, words, tags, limits = MODEL, 40, ("мост", "хоккей"), Limits(seconds=0.5)

    def __init__(self, summary: str = "По нему пошли автобусы.") -> None:
        self.summary, self.asked = summary, list[AnswerOptions]()

    async def answers(self, articles: Sequence[Article], options: AnswerOptions) -> list[Answer | Exception]:
        self.asked.append(options)
        return [Answer(annotated(article, self.summary), article, MODEL, 10, 0.0) for article in articles]


def annotated(article: Article, summary: str = "") -> Annotation:
    evidence = ("По нему пошли автобусы.", article.title or "чего нет в статье")
    return Annotation(
        article.id,
        topics=(Topic("medtop:04000000", "экономика и бизнес", 0.91, True, evidence[:1]),
                Topic("medtop:14000000", "общество", 0.55, False)),
        tags=(Tag("мост", 0.83, evidence),),
        summary=Summary(summary, "extractive"),
        entities=(Entity("Ишимка", "place", 2),),
    )  # fmt: skip


def app_of(desk: Desk, **guards: Any) -> TestClient:
    async def anybody() -> None:
        """Lets everybody pass."""

    app = FastAPI()
    tell_problems(app)
    app.include_router(desk_router(desk, **({"reader": anybody, "editor": anybody} | guards)))
    return TestClient(app, raise_server_exceptions=False)


def read(client: TestClient, **ask: Any) -> dict[str, Any]:
    answer = client.post("/desk/read", json={"body": BODY, "title": TITLE, **ask})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
