"""When to ask for each feed."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from svodka.watch.fetch import FeedAddress

_FIRST_WAIT = 30.0  # seconds until a feed that is down is asked again; doubled each time
_LONGEST_WAIT = 3600.0
_MOST_ASKED = 86400.0  # seconds that a server may ask to wait


@dataclass(slots=True)
class _Schedule:
    next: float
    failures: int = 0
    asked: float | None = None


class Timetable:
    """When to ask for each feed: at once, then at an interval, and after a failure at growing ones."""

    def __init__(
        self, feeds: Sequence[FeedAddress], *, interval: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Every feed is due now; `interval` is in seconds."""
        self._interval, self._clock = interval, clock
        self._schedules = {feed: _Schedule(clock()) for feed in feeds}

    def due(self) -> list[FeedAddress]:
        """Feeds to ask for now; each is due again only after `answered`."""
        now = self._clock()
        found = [feed for feed, s in self._schedules.items() if s.asked is None and s.next <= now]
        for feed in found:
            self._schedules[feed].asked = now
        return found

    def unanswered(self, seconds: float) -> list[FeedAddress]:
        """Feeds that were asked for so many seconds ago, and have not answered."""
        asked = {feed: s.asked for feed, s in self._schedules.items() if s.asked is not None}
        return [feed for feed, then in asked.items() if self._clock() - then >= seconds]

    def answered(self, feed: FeedAddress, *, trouble: bool, wait: float = 0.0) -> float:
        """Note an answer; seconds until the feed is due again.

        Args:
            feed: the feed.
            trouble: it could not be read.
            wait: seconds that its server asks to wait.
        """
        schedule = self._schedules[feed]
        schedule.failures = schedule.failures + 1 if trouble else 0
        longest = max(_LONGEST_WAIT, self._interval)
        backoff = min(_FIRST_WAIT * 2.0 ** min(schedule.failures - 1, 20), longest)
        seconds = max(backoff if trouble else self._interval, min(wait, _MOST_ASKED))
        schedule.next, schedule.asked = self._clock() + seconds, None
        return seconds
