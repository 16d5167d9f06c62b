"""Progress for a person: a bar at a terminal, a line a minute in a log."""

import sys
from time import monotonic
from typing import Any

from svodka.bulk.run import Summary
from svodka.bulk.worker import Outcome
from svodka.inputs.streams import Meter
from svodka.visible import tell, visible

_LOG_SECONDS = 60
_SHOWN_REJECTS = 10


class ProgressBar:
    """Rows done, rows a second, time left, rejects; on standard error. The first rejects are named."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._meter, self._rows, self._rejected = Meter(), 0, 0
        self._fresh, self._named = 0, 0
        self._started = self._told = monotonic()

    def begin(self, meter: Meter, rows: int, rejected: int) -> None:
        """Start the clock; what an earlier run did counts as rows, but not in rows a second."""
        self._meter, self._rows, self._rejected = meter, rows, rejected
        self._started = self._told = monotonic()
        if rows:
            self._say(f"going on after {rows:,} rows")
        if sys.stderr.isatty():
            self._bar = _bar()
            self._bar.start()
            self._task = self._bar.add_task("", total=meter.total or None, completed=meter.done, told="")

    def advance(self, outcome: Outcome) -> None:
        """Count a block, and name its rejects."""
        self._rows += outcome.rows
        self._fresh += outcome.rows
        self._rejected += len(outcome.rejected)
        for _, rejected in outcome.rejected[: max(0, _SHOWN_REJECTS - self._named)]:
            self._say(f"{rejected.reject.where}: {rejected.reject.detail}")
        if self._named < _SHOWN_REJECTS <= self._named + len(outcome.rejected):
            self._say("further rejects are only in the reject file")
        self._named += len(outcome.rejected)
        if self._bar:
            self._bar.update(self._task, completed=self._meter.done, told=self._told_now())
        elif monotonic() - self._told >= _LOG_SECONDS:
            self._told = monotonic()
            self._say(self._told_now())

    def end(self) -> None:
        """Take the bar away."""
        if self._bar:
            self._bar.stop()

    def _told_now(self) -> str:
        rate = self._fresh / max(monotonic() - self._started, 1e-9)
        return f"{self._rows:,} rows, {rate:,.1f} rows/s, {self._rejected:,} rejects"

    def _say(self, text: str) -> None:
        if self._bar:
            self._bar.console.print(f"svodka: {visible(text)}", markup=False, highlight=False)
        else:
            tell(visible(text))


def told_summary(summary: Summary) -> str:
    """A run's summary in words."""
    if summary.already_done:
        done = f"{summary.output} is already there: {summary.rows:,} rows, made by this same command"
    else:
        earlier = f", {summary.resumed_rows:,} of them by an earlier run" if summary.resumed_rows else ""
        rate = f"{summary.rows_per_second:,.1f} rows/s in {summary.seconds:,.1f} s"
        done = f"{summary.output}: {summary.results:,} results of {summary.rows:,} rows{earlier}; {rate}"
    if not summary.rejected:
        return done
    return f"{done}\n{summary.rejected:,} input(s) could not be read, see {summary.rejects}; mend and --retry them"


def _bar() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[told]}"), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True))
