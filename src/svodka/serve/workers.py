"""Several processes behind one socket: each has its model, and they change it together."""

import asyncio
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import Timeout
from prometheus_client.multiprocess import mark_process_dead
from uvicorn import Config
from uvicorn.supervisors import Multiprocess

from svodka.bulk.options import AnnotateOptions
from svodka.errors import SvodkaError
from svodka.serve.metrics import SEVERAL
from svodka.serve.options import Limits, ServeOptions
from svodka.serve.service import Service
from svodka.serve.shared import Shared
from svodka.serve.starting import app_of, settings_of
from svodka.signals import Stop
from svodka.visible import tell

if TYPE_CHECKING:
    from fastapi import FastAPI

_NOT_STARTED = 3  # exit code by which a worker says that another try would end as this one did
_LOOK_SECONDS = 0.2  # between two looks at what the others do
_CHANGE_SECONDS = 120  # in which all workers must have changed their model


def run_several(options: ServeOptions, model: AnnotateOptions, listener: socket.socket, stop: Stop) -> int:
    """Answer by several processes until SIGINT or SIGTERM; SIGHUP has each read its bundle anew, one after the other.

    Args:
        options: how the service is reached.
        model: how to load the bundle.
        listener: bound.
        stop: set if it is to end before it has begun.

    Returns:
        Number of the signal that ended it.

    Raises:
        SvodkaError: a worker cannot begin.
    """
    # More threads than cores would wait for each other.
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // options.workers)))
    with tempfile.TemporaryDirectory(prefix="svodka-serve-") as folder:
        os.environ[SEVERAL] = folder
        app = partial(_worker_app, options, model, Path(folder))
        supervisor = _Supervisor(settings_of(app, options), listener, Shared(Path(folder)))
        if stop.is_set():
            return stop.number
        # Whoever comes before a worker answers waits for it, and so does who comes while one takes another's place.
        listener.listen(supervisor.config.backlog)
        supervisor.run()
    if any(process.exitcode == _NOT_STARTED for process in supervisor.processes):
        raise SvodkaError("a worker could not start; it says above why")
    return supervisor.ended_by


class _Supervisor(Multiprocess):
    """Starts the workers, has them change their model on SIGHUP, and keeps which signal ended it."""

    ended_by = signal.SIGTERM

    def __init__(self, config: Config, listener: socket.socket, shared: Shared) -> None:
        super().__init__(config, [listener])
        self._shared = shared

    def handle_int(self) -> None:
        self.ended_by = signal.SIGINT
        super().handle_int()

    def handle_hup(self) -> None:
        # Not uvicorn's way, new processes: those would lose the desk's articles, and connections that are kept.
        self._shared.change(None)

    def keep_subprocess_alive(self) -> None:
        super().keep_subprocess_alive()
        for process in self._shared.forget_all_but({process.pid for process in self.processes}):
            mark_process_dead(process)  # type: ignore[no-untyped-call]

    def terminate_all(self) -> None:
        for listener in self.sockets:  # or it would take connections that nobody answers
            listener.close()
        super().terminate_all()


def _worker_app(options: ServeOptions, model: AnnotateOptions, folder: Path) -> "FastAPI":
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # whoever sends it to all sends it to the supervisor too
    service = _WorkerService(model, options.limits, Shared(folder))
    try:
        app = app_of(service, options)
    except SvodkaError as error:
        tell(str(error))
        sys.exit(_NOT_STARTED)
    service.say_model()
    return app


class _WorkerService(Service):
    """The model of one of several workers."""

    def __init__(self, model: AnnotateOptions, limits: Limits, shared: Shared) -> None:
        """Load nothing yet; from here on the others wait for it where they change their model."""
        self._shared = shared
        shared.made(-1)
        wanted = shared.wanted()
        super().__init__(model if wanted.bundle is None else replace(model, bundle=wanted.bundle), limits)
        self._made = wanted.number
        self._changing = asyncio.Lock()
        self._following: asyncio.Task[None] | None = None

    def say_model(self) -> None:
        """Tell the operator what this worker answers with."""
        tell(f"worker {os.getpid()} answers with {self.model}")

    async def start(self) -> None:
        """As of any service; from then on what another worker is told to change is changed here too."""
        await super().start()
        self._shared.made(self._made)
        self._following = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """As of any service."""
        if self._following is not None:
            self._following.cancel()
        self._shared.left()
        await super().stop()
        if _is_orphan():
            self._shared.remove_if_last()

    async def swap(self, bundle: str | None = None) -> str:
        """As of any service; it is over when all workers answer with that bundle.

        Raises:
            SvodkaError: as of any service, and nothing is changed; or another worker has not changed in time.
        """
        async with self._changing:
            name = await super().swap(bundle)
            change = self._shared.change(None if bundle is None else self.options.bundle)
            self._note(change.number)
        try:
            async with asyncio.timeout(_CHANGE_SECONDS):
                while not self._shared.all_have_made(change.number):
                    await asyncio.sleep(_LOOK_SECONDS)
        except TimeoutError:
            raise SvodkaError("not all workers answer with this bundle yet; ask for the model later") from None
        return name

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            if _is_orphan():
                signal.raise_signal(signal.SIGTERM)  # nobody else would ever end it
                return
            if self._shared.wanted().number != self._made:
                with suppress(Timeout), self._shared.turn():
                    await self._catch_up()

    async def _catch_up(self) -> None:
        async with self._changing:
            wanted = self._shared.wanted()
            if wanted.number == self._made:
                return
            try:
                await super().swap(wanted.bundle)
            except Exception as error:  # the model at hand goes on answering, and the others need not wait
                tell(f"the bundle was not changed: {error}")
            self._note(wanted.number)

    def _note(self, number: int) -> None:
        self._made = number
        self._shared.made(number)
        self.say_model()


def _is_orphan() -> bool:
    """Whether the supervisor of this worker was killed."""
    supervisor = multiprocessing.parent_process()
    return supervisor is not None and not supervisor.is_alive()
