"""What ends a program that runs until it is told to stop."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Stop(threading.Event):
    """Set by a signal, whose number it keeps; 0 before."""

    number = 0


@contextmanager
def stop_on_signals() -> "Iterator[Stop]":
    """An event that SIGINT and SIGTERM set; a second one ends the process as if nobody had listened."""
    stop = Stop()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in numbers}

    def note(number: int, frame: object) -> None:
        stop.number = number
        stop.set()
        for other in numbers:
            signal.signal(other, signal.SIG_DFL)

    for number in numbers:
        signal.signal(number, note)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
