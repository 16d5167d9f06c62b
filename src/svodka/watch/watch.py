"""`svodka watch`: annotate what arrives in a folder and in feeds, each thing once across restarts."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from svodka.bulk.options import AnnotateOptions
from svodka.bundle import default_bundle
from svodka.bundle.card import name_and_about
from svodka.bundle.files import BundlePaths, check_bundle, fingerprint
from svodka.watch.options import DEFAULT_DATABASE, Target, WatchOptions
from svodka.watch.sinks import DatabaseSink, LinesSink, Sink
from svodka.watch.watcher import Counts, Say, Watch


def open_sink(target: Target, *, model: str) -> Sink:
    """Open what results go to.

    Args:
        target: a database or a file.
        model: what stands beside each result in a database.

    Raises:
        DataError: it cannot be written, or another process writes there.
    """
    if target.output is not None:
        return LinesSink(target.output, rejects=target.rejects)
    return DatabaseSink(target.database or DEFAULT_DATABASE, model=model)


def watch(options: WatchOptions, model: AnnotateOptions, sink: Sink, *, once: bool, say: Say) -> Counts:
    """Annotate what is there and, unless `once`, what arrives until SIGINT or SIGTERM.

    Args:
        options: what to watch.
        model: how to load the model.
        sink: takes the results; it is closed at the end.
        once: end when all that is there is done.
        say: takes a line for the operator.

    Raises:
        DataError: the sink fails for good, or with `once` for the moment.
    """
    try:
        with stop_on_signals() as stop:
            annotator = model.load()
            watcher = Watch(
                options, sink, annotate=annotator.stream, labels=annotator.bundle.labels, say=say, stop=stop
            )  # fmt: skip
            if not once:
                say("watching; end by Ctrl-C or SIGTERM")
            counts = watcher.run_once() if once else watcher.run()
            counts.stopped_by = stop.number
            return counts
    finally:
        sink.close()


def model_name(source: str | None) -> str:
    """What stands beside each result: a bundle's name and the first digits of its fingerprint, or its hub id."""
    root = default_bundle() if source is None else Path(source)
    paths = BundlePaths(root)
    if not paths.manifest.is_file():
        return str(source)
    from svodka.bundle.checks import read_run  # loads torch

    # Not of its weights alone: what it has learned from corrections lies beside them.
    found = fingerprint(check_bundle(root, hashes=False), paths)
    return f"{name_and_about(read_run(paths.run), otherwise=root.name)[0]}@{found[:12]}"


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
