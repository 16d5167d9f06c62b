"""What one process answers with: the app, and uvicorn's settings."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import uvicorn

from svodka.serve.options import ServeOptions
from svodka.serve.service import Service

if TYPE_CHECKING:
    from fastapi import FastAPI

_IDLE_SECONDS = 75  # for which a connection is kept: longer than the proxies in front of it keep theirs
_START_SECONDS = 120  # in which a worker must have loaded its model


def app_of(service: Service, options: ServeOptions) -> "FastAPI":
    """The app of a service that is loaded meanwhile, in a thread that ends (see `apart`).

    Raises:
        SvodkaError: the model cannot be loaded, or the options not followed.
    """
    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(service.load)
        # Only now: it takes half as long as the model.
        from svodka.serve.app import create_app

        app = create_app(service, options)
        loading.result()
    return app


def settings_of(app: object, options: ServeOptions) -> uvicorn.Config:
    """Settings of uvicorn; `app` is one, or a `partial` that makes it."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        factory=isinstance(app, partial),
        workers=options.workers,
        log_level="info" if options.log_requests else "warning",
        access_log=options.log_requests,
        server_header=False,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=int(options.limits.seconds) + 1,
        timeout_worker_healthcheck=_START_SECONDS,
    )
