"""The processes that answer: one, or several behind one socket that share nothing but files."""

import asyncio
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.supervisors import Multiprocess

from svodka.bulk.options import AnnotateOptions
from svodka.errors import ConfigError, SvodkaError
from svodka.serve.metrics import SEVERAL
from svodka.serve.options import ServeOptions
from svodka.serve.service import Service
from svodka.signals import stop_on_signals
from svodka.visible import tell

if TYPE_CHECKING:
    from fastapi import FastAPI

Say = Callable[[str], None]
_IDLE_SECONDS = 75  # for which a connection is kept: longer than the proxies in front of it keep theirs
_START_SECONDS = 120  # in which a worker must have loaded its model
_NOT_STARTED = 3  # exit code by which a worker says that another try would end as this one did


def run(options: ServeOptions, model: AnnotateOptions, *, say: Say) -> int:
    """Answer until SIGINT or SIGTERM; what has begun is answered before the end.

    SIGHUP reads the bundle anew, and no request fails meanwhile.

    Args:
        options: how the service is reached, and by whom.
        model: how to load the bundle.
        say: takes a line for the operator.

    Returns:
        Number of the signal that ended it.

    Raises:
        ConfigError: the address cannot be listened on.
        SvodkaError: no such bundle, or a damaged one.
    """
    options.check()
    with _bound(options.host, options.port) as listener, stop_on_signals() as stop:
        address = _address(listener)
        if options.workers > 1:
            say(f"starting {options.workers} workers at {address}; end by Ctrl-C or SIGTERM")
            return _run_several(options, model, listener)
        service = Service(model, options.limits)
        config = _config(_app_of(service, options), options)
        started = f"serving {service.model} at {address}; end by Ctrl-C or SIGTERM"
        server = _Server(config, service, partial(say, started))
        server.should_exit = stop.is_set()
        server.run([listener])
    return stop.number


class _Server(uvicorn.Server):
    """Says when it answers, and reads the bundle anew on SIGHUP."""

    def __init__(self, config: uvicorn.Config, service: Service, say_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._service, self._say_started = service, say_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        if hasattr(signal, "SIGHUP"):
            _swap_on_hangup(self._service)
        await super().startup(sockets)
        self._say_started()


def _app_of(service: Service, options: ServeOptions) -> "FastAPI":
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


def _swap_on_hangup(service: Service) -> None:
    tasks = set[asyncio.Task[None]]()

    def begin() -> None:
        task = asyncio.ensure_future(_swap(service))
        tasks.add(task)  # the loop itself holds no task
        task.add_done_callback(tasks.discard)

    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, begin)


async def _swap(service: Service) -> None:
    try:
        tell(f"answering with {await service.swap()}")
    except SvodkaError as error:
        tell(f"the bundle was not changed: {error}")


@dataclass(frozen=True)
class Shared:
    """What the workers share: a folder.

    Attributes:
        folder: holds their numbers, and the bundle that one of them was told to change to.
        supervisor: id of the process that starts them.
    """

    folder: Path
    supervisor: int

    def changed(self, model: AnnotateOptions) -> AnnotateOptions:
        """The model that is to answer now."""
        named = self.folder / "bundle"
        return replace(model, bundle=named.read_text(encoding="utf-8")) if named.exists() else model

    def change(self, bundle: str | None) -> None:
        """Have all workers answer with another bundle, or read theirs anew, one after the other."""
        if bundle is not None:
            (self.folder / "bundle").write_text(bundle, encoding="utf-8")
        os.kill(self.supervisor, signal.SIGHUP)


class _Supervisor(Multiprocess):
    """Keeps which signal ended it."""

    ended_by = signal.SIGTERM

    def handle_int(self) -> None:
        self.ended_by = signal.SIGINT
        super().handle_int()


def _run_several(options: ServeOptions, model: AnnotateOptions, listener: socket.socket) -> int:
    # More threads than cores would wait for each other.
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // options.workers)))
    with tempfile.TemporaryDirectory(prefix="svodka-serve-") as folder:
        os.environ[SEVERAL] = folder
        app = partial(_worker_app, options, model, Shared(Path(folder), os.getpid()))
        supervisor = _Supervisor(_config(app, options), [listener])
        supervisor.run()
    if any(process.exitcode == _NOT_STARTED for process in supervisor.processes):
        raise SvodkaError("a worker could not start; it says above why")
    return supervisor.ended_by


def _worker_app(options: ServeOptions, model: AnnotateOptions, shared: Shared) -> "FastAPI":
    service = Service(shared.changed(model), options.limits, on_swap=shared.change)
    try:
        app = _app_of(service, options)
    except SvodkaError as error:
        tell(str(error))
        sys.exit(_NOT_STARTED)
    tell(f"worker {os.getpid()} answers with {service.model}")
    return app


def _config(app: object, options: ServeOptions) -> uvicorn.Config:
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


@contextmanager
def _bound(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that is bound before the model is loaded, so that a port in use is told at once."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.set_inheritable(True)
    except OSError as error:
        raise ConfigError(f"cannot listen on {host}:{port}: {error.strerror}; name another --host or --port") from error
    with listener:
        yield listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
