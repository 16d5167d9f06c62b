"""A line now and then that says how far `svodka watch` has come, and that it is alive."""

import time
from collections.abc import Callable

_AFTER_WORK = 60.0  # seconds between two lines while there is work
_AT_REST = 600.0


class Pulse:
    """Tells when the next line is due: a minute after something was done, ten where nothing was."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """The first line is due a minute from now at the earliest."""
        self._clock, self._told_at, self._told = clock, clock(), (0, 0)

    def line(self, annotated: int, rejected: int) -> str:
        """The line that is due, "" if none is.

        Args:
            annotated, rejected: how many there have been since the start.
        """
        now, done = self._clock(), (annotated, rejected)
        if now - self._told_at < (_AT_REST if done == self._told else _AFTER_WORK):
            return ""
        self._told_at, self._told = now, done
        return f"{annotated:,} annotated, {rejected:,} rejected since the start"
