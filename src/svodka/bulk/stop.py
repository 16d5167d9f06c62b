"""SIGTERM and SIGINT end a run between two blocks."""

import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any, TypeVar

from svodka.errors import StoppedError

T = TypeVar("T")


class Stopped(BaseException):
    """Raised in place of a wait; no `except Exception` of a library may take it."""


class StopSignal:
    """Within `with`, a first SIGINT or SIGTERM is noted; a second one acts as if nobody were listening.

    A `Stopped` that leaves the block becomes a `StoppedError`.

    Attributes:
        number: the signal that came, 0 before.
    """

    def __init__(self) -> None:
        self.number = 0
        self._waiting = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "StopSignal":
        # Elsewhere than in the main thread Python lets no one take signals; such a run is stopped by its owner.
        if threading.current_thread() is threading.main_thread():
            self._before = {n: signal.signal(n, self._note) for n in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._give_back()
        if kind is Stopped:
            name = signal.Signals(self.number).name
            raise StoppedError(f"stopped by {name}; the same command goes on where it was", signal=self.number)

    def watched(self, items: Iterator[T]) -> Iterator[T]:
        """The same items; a signal that comes while the next one is waited for raises `Stopped`.

        So a run that waits on a slow pipe, or on a cluster, ends at once.
        """
        while True:
            self._waiting = True
            if self.number:
                raise Stopped
            try:
                item = next(items)
            except StopIteration:
                return
            finally:
                self._waiting = False
            yield item

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.number = number
        self._give_back()
        if self._waiting:
            raise Stopped

    def _give_back(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
