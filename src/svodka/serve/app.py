"""The app: what is answered under which address."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware

import svodka
from svodka.serve.annotating import annotating_routes
from svodka.serve.chat.routes import chat_routes
from svodka.serve.desk.routes import desk_of, desk_router
from svodka.serve.gate import Gate
from svodka.serve.limits import Bounded
from svodka.serve.operating import health_routes, model_routes
from svodka.serve.options import ServeOptions, read_tokens
from svodka.serve.problems import tell_problems
from svodka.serve.service import Service

_ABOUT = "Topics, tags and short summaries for Russian news. Texts go to no other service."


def create_app(service: Service, options: ServeOptions | None = None) -> FastAPI:
    """The app of a service; it loads the model when it starts and answers what waits when it ends.

    Args:
        service: the model, not started yet.
        options: how the service is reached, and by whom.

    Raises:
        ConfigError: tokens, corrections or a database that cannot be used.
    """
    options = options or ServeOptions()
    gate = Gate(() if options.token_file is None else read_tokens(options.token_file))
    app = FastAPI(
        title="Svodka", version=svodka.__version__, description=_ABOUT, lifespan=_running(service),
        docs_url=None, redoc_url=None,  # their pages load scripts from elsewhere
    )  # fmt: skip
    app.state.service, app.state.origins = service, options.origins
    tell_problems(app)
    app.include_router(health_routes(service))
    ours = (annotating_routes(service, options), chat_routes(service, options), model_routes(service, options, gate))
    for routes in ours:
        app.include_router(routes, dependencies=[Depends(gate)])
    app.include_router(desk_router(desk_of(service, options), reader=gate, editor=gate.admin))
    app.add_middleware(Bounded, options.limits, service.metrics.request, frozenset({"/v1/annotate/stream"}))
    if options.origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=options.origins, allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type"],
        )  # fmt: skip
    return app


def _running(service: Service) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        await service.start()
        try:
            yield
        finally:
            await service.stop()

    return running
