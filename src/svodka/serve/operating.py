"""Routes for whoever runs the service: its health, its numbers, and its model."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

import svodka
from svodka.serve.gate import Gate
from svodka.serve.metrics import CONTENT_TYPE
from svodka.serve.options import ServeOptions
from svodka.serve.problems import RESPONSES
from svodka.serve.schemas import Language, ModelInfo, Swap, TagInfo, Tags, TopicInfo
from svodka.serve.service import Service
from svodka.topics import TOPICS, topic_name


def health_routes(service: Service) -> APIRouter:
    """What a supervisor asks; anybody may."""
    routes = APIRouter(prefix="/health", tags=["health"])

    @routes.get("/live")
    async def live() -> dict[str, str]:
        """Whether the process answers at all."""
        return {"status": "live"}

    @routes.get("/ready", responses={503: {"description": "no model is loaded yet"}})
    async def ready() -> JSONResponse:
        """Whether articles are annotated."""
        return JSONResponse({"status": "ready" if service.ready else "loading"}, 200 if service.ready else 503)

    return routes


def model_routes(service: Service, options: ServeOptions, gate: Gate) -> APIRouter:
    """The model, what it may give, and the service's numbers."""
    refusals: dict[int | str, dict[str, Any]] = {status: RESPONSES[status] for status in (401, 403, 422, 500, 503)}
    routes = APIRouter(tags=["model"], responses=refusals)

    @routes.get("/v1/tags")
    async def tags(language: Language = "ru") -> Tags:
        """The tags and topics that the model may give; `language` is of the topics' names."""
        labels = service.annotator.bundle.labels
        aliases: dict[str, list[str]] = {}
        for alias, name in labels.aliases.items():
            aliases.setdefault(name, []).append(alias)
        known = TOPICS if service.annotator.bundle.topics is not None else ()
        return Tags(
            model=service.model,
            tags=[
                TagInfo(name=name, aliases=aliases.get(name, [])) for name in labels.names if name not in labels.house
            ],
            topics=[TopicInfo(id=one.id, name=topic_name(one.id, language)) for one in known],
        )

    @routes.get("/v1/model")
    async def model() -> ModelInfo:
        """The model that answers now, and what a request may ask of it."""
        return _info(service, options)

    @routes.post("/v1/model", dependencies=[Depends(gate.admin)], responses=RESPONSES)
    async def swap(body: Swap) -> ModelInfo:
        """Answer with another bundle, or with the same one read anew. No request fails meanwhile."""
        await service.swap(body.bundle)
        return _info(service, options)

    @routes.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def metrics() -> Response:
        """The service's numbers, as Prometheus reads them."""
        return Response(service.metrics.page(), media_type=CONTENT_TYPE)

    return routes


def _info(service: Service, options: ServeOptions) -> ModelInfo:
    annotator = service.annotator
    bundle, config = annotator.bundle, annotator.bundle.model.config
    modes = dict.fromkeys(("written", "abstractive"), config.writes)
    modes |= {"faithful": True, "extractive": config.heads.sentences.weight > 0}
    limits = options.limits
    return ModelInfo(
        model=service.model,
        fingerprint=bundle.fingerprint,
        bundle="" if bundle.folder is None else Path(bundle.folder).name,
        engine=annotator.engine,
        device=annotator.device,
        version=svodka.__version__,
        tags=len(bundle.labels),
        summaries=[*(name for name, can in modes.items() if can), "headline"],
        own_tags=bool(config.heads.tags.weight) and config.heads.tags.named,
        fetch=options.allow_fetch,
        limits={"articles": limits.articles, "bytes": limits.body, "seconds": limits.seconds, "queue": limits.queue},
    )
