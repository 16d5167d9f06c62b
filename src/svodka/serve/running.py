"""The processes that answer: one, or several behind one socket that share nothing but files."""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import uvicorn

from svodka.bulk.options import AnnotateOptions
from svodka.errors import ConfigError, SvodkaError
from svodka.serve.options import ServeOptions
from svodka.serve.service import Service
from svodka.serve.starting import app_of, settings_of
from svodka.signals import stop_on_signals
from svodka.visible import tell

Say = Callable[[str], None]


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
        SvodkaError: no such bundle, or a damaged one; a worker that cannot begin.
    """
    options.check()
    with _bound(options.host, options.port) as listener, stop_on_signals() as stop:
        address = _address(listener)
        if options.workers > 1:
            say(f"starting {options.workers} workers at {address}; end by Ctrl-C or SIGTERM")
            from svodka.serve.workers import run_several

            return run_several(options, model, listener, stop)
        service = Service(model, options.limits)
        config = settings_of(app_of(service, options), options)
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
