"""A run from an input to files, which can be killed at any moment and goes on where it was."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from time import monotonic
from typing import Any, Protocol

from svodka.bulk.blocks import Block, cut_blocks
from svodka.bulk.finish import finish
from svodka.bulk.journal import (
    Journal,
    Progress,
    WorkFiles,
    chained,
    discard,
    disk_errors,
    read_progress,
    write_progress,
)
from svodka.bulk.stop import Stopped, StopSignal
from svodka.bulk.worker import BlockWorker, Outcome
from svodka.errors import ConfigError, DataError
from svodka.inputs.sources import STDIN, Inputs
from svodka.inputs.streams import Meter

Blocks = Iterator[Block]


class Monitor(Protocol):
    """Who watches a run."""

    def begin(self, meter: Meter, rows: int, rejected: int) -> None:
        """Rows begin to come; `rows` of them were done by an earlier run."""

    def advance(self, outcome: Outcome) -> None:
        """A block is done."""

    def end(self) -> None:
        """No more rows come."""


class Runner(Protocol):
    """Who does the work."""

    def outcomes(self, blocks: Blocks, inputs: Inputs, *, stop: StopSignal) -> Iterator[Outcome]:
        """The outcome of each block in order.

        Args:
            blocks: the blocks that are left to do; whoever reads them elsewhere takes only the first.
            inputs: what they come from.
            stop: ends a wait.
        """
        ...


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did.

    Attributes:
        output, rejects: the files; `rejects` is None where there is none.
        rows: input rows, in all; `results` and `rejected` of them.
        resumed_rows: how many of them an earlier run had done.
        seconds, rows_per_second: of this run, reading and computing.
        already_done: whether the output was there before.
    """

    output: str
    rejects: str | None
    rows: int
    results: int
    rejected: int
    resumed_rows: int
    seconds: float
    rows_per_second: float
    already_done: bool

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class RunPlan:
    """One run.

    Attributes:
        inputs: what is read.
        files: what is written.
        identity: everything that decides the results, but for the rows themselves.
        keep_empty_rejects: write a reject file also where there are no rejects.
        sync_seconds: least time between two entries in the journal.
    """

    inputs: Inputs
    files: WorkFiles
    identity: Mapping[str, Any]
    keep_empty_rejects: bool = False
    sync_seconds: float = 1.0


class LocalRunner:
    """Does the work in this process."""

    def __init__(self, worker: BlockWorker) -> None:
        self._worker = worker

    def outcomes(self, blocks: Blocks, inputs: Inputs, *, stop: StopSignal) -> Iterator[Outcome]:
        """As `Runner.outcomes`."""
        return map(self._worker.outcome, stop.watched(blocks))


def run_to_files(plan: RunPlan, runner: Runner, monitor: Monitor, *, overwrite: bool = False) -> Summary:
    """Annotate everything into the output, or go on with a run that was stopped.

    Args:
        plan: the run.
        runner: does the work.
        monitor: is told how far it has come.
        overwrite: forget a run that lies there, and replace its output in the end.

    Raises:
        ConfigError: model, options or input are not those of the run that lies there, or another one is at it.
        DataError: an input that cannot be read to its end, or damaged work files.
        StoppedError: a signal came.
        SvodkaError: the disk is full, or the model fails on every article.
    """
    plan.files.output.parent.mkdir(parents=True, exist_ok=True)
    plan.files.rejects.parent.mkdir(parents=True, exist_ok=True)
    with _locked(plan.files):
        with StopSignal() as stop:
            before, rest = _begin(plan, stop, overwrite=overwrite)
            started = monotonic()
            after = before
            if before.state == "running":
                monitor.begin(rest.meter, before.rows, before.rejected)
                try:
                    after = _annotate(plan, before, runner.outcomes(rest.blocks, plan.inputs, stop=stop), monitor, stop)
                finally:
                    monitor.end()
        if after.state != "finished":
            after = replace(after, state="finished")
            with disk_errors(plan.files):
                finish(plan.files, keep_empty=plan.keep_empty_rejects)
                write_progress(plan.files, plan.identity, after)
    return _summary(plan, before, after, monotonic() - started)


@dataclass(frozen=True, slots=True)
class _Rest:
    """What is left to do, and how much has been read for it."""

    blocks: Blocks
    meter: Meter


def _begin(plan: RunPlan, stop: StopSignal, *, overwrite: bool) -> tuple[Progress, _Rest]:
    """How far the run that lies there has come, if it can go on; with `overwrite` a new one if it cannot."""
    rest = _everything(plan)
    try:
        before = read_progress(plan.files, plan.identity)
        if before.state == "finished" and overwrite:
            raise ConfigError("it is done, and is to be done again")
        _skip(stop.watched(rest.blocks), before)
        return before, rest
    except (ConfigError, DataError):
        if not overwrite:
            raise
    discard(plan.files)
    if rest.meter.done and STDIN in plan.inputs.paths:
        raise ConfigError("standard input is not that of the run before, which is forgotten now; give it once more")
    return Progress(), _everything(plan)


def _everything(plan: RunPlan) -> _Rest:
    meter = Meter(plan.inputs.total())
    return _Rest(cut_blocks(plan.inputs.sources(), meter), meter)


def _annotate(
    plan: RunPlan, before: Progress, outcomes: Iterator[Outcome], monitor: Monitor, stop: StopSignal
) -> Progress:
    """Everything up to the last row, entered in the journal."""
    with Journal(plan.files, plan.identity, before, sync_seconds=plan.sync_seconds) as journal:
        try:
            for outcome in outcomes:
                journal.add(outcome)
                monitor.advance(outcome)
                if stop.number:
                    raise Stopped
        except Stopped:
            journal.enter("running")
            raise
        journal.enter("finishing")
        return journal.progress


def _skip(blocks: Blocks, before: Progress) -> None:
    """Pass over the rows that are done, making sure that they are the same ones, and all where all were done."""
    rows, digest = 0, ""
    while rows < before.rows and (block := next(blocks, None)):
        rows += len(block.rows)
        digest = chained(digest, block.digest())
    if (rows, digest) != (before.rows, before.digest):
        raise ConfigError(
            f"the input changed: its first {before.rows} rows are not those that are already done "
            f"({rows} were read); give the same input, or start afresh by --overwrite"
        )
    if before.state != "running" and next(blocks, None) is not None:
        raise ConfigError(
            f"the input changed: {before.rows} rows were all there was, now more follow; "
            "give the new rows an --output of their own, or start afresh by --overwrite"
        )


@contextmanager
def _locked(files: WorkFiles) -> Iterator[None]:
    from filelock import FileLock, Timeout

    try:
        with FileLock(files.lock, timeout=0):
            yield
            files.lock.unlink(missing_ok=True)
    except Timeout:
        raise ConfigError(
            f"another run is writing {files.output}; wait for its end, or choose another --output"
        ) from None


def _summary(plan: RunPlan, before: Progress, after: Progress, seconds: float) -> Summary:
    fresh = after.rows - before.rows
    return Summary(
        output=str(plan.files.output),
        rejects=str(plan.files.rejects) if plan.files.rejects.exists() else None,
        rows=after.rows,
        results=after.results,
        rejected=after.rejected,
        resumed_rows=before.rows,
        seconds=round(seconds, 3),
        rows_per_second=round(fresh / seconds, 2) if seconds else 0.0,
        already_done=before.state == "finished",
    )
