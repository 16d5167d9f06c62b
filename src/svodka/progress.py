"""Progress of long work, told by a line a minute: fit for a log, where a bar is only noise."""

from collections.abc import Callable, Iterable, Iterator
from time import monotonic
from typing import TypeVar

Item = TypeVar("Item")
Say = Callable[[str], None]

SECONDS = 60.0


class Progress:
    """Says how much is done, how fast, and how long the rest will take, at most once a minute."""

    def __init__(self, say: Say, *, unit: str, total: int = 0, clock: Callable[[], float] = monotonic) -> None:
        """Start the clock.

        Args:
            say: takes a line.
            unit: what is counted, as `articles`.
            total: how many there are; 0 where nobody knows.
            clock: seconds, ever growing.
        """
        self._say, self._unit, self._clock = say, unit, clock
        self._total, self._first = total, 0
        self._started = self._told = clock()

    def begin(self, done: int, total: int) -> None:
        """Start anew from `done`, which somebody did before; it does not count in the speed."""
        self._first, self._total = done, total
        self._started = self._told = self._clock()

    def at(self, done: int, note: str = "") -> None:
        """Tell that so many are done, if a minute has passed; `note` stands at the end of the line."""
        now = self._clock()
        if now - self._told < SECONDS:
            return
        self._told = now
        rate = (done - self._first) / max(now - self._started, 1e-9)
        whole = f" of {self._total:,}" if self._total else ""
        left = f", {_duration((self._total - done) / rate)} left" if rate and self._total else ""
        self._say(f"{done:,}{whole} {self._unit}, {rate:,.2f} a second{left}{note and f', {note}'}")


def reported(items: Iterable[Item], say: Say | None, *, unit: str, total: int = 0) -> Iterator[Item]:
    """The same items, told of by `Progress`; each counts as done when it comes. Nobody is told without `say`."""
    progress = Progress(say, unit=unit, total=total) if say else None
    for done, item in enumerate(items, 1):
        if progress:
            progress.at(done)
        yield item


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
