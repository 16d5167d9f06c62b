"""`svodka watch`: annotate what arrives in a folder and in feeds, each thing once across restarts."""

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import yaml

from svodka.batch.annotate import AnnotateOptions
from svodka.batch.fetch import feed_address
from svodka.batch.sinks import DatabaseSink, LinesSink, Sink
from svodka.batch.watcher import Counts, Say, Watch, WatchOptions
from svodka.bundle import BundlePaths, default_bundle
from svodka.errors import ConfigError
from svodka.files import read_json

DEFAULT_DATABASE = "sqlite:///svodka.db"


def watch_options(folder: Path | None, feeds: Sequence[str], *, settle: float, interval: float) -> WatchOptions:
    """Check what is to be watched.

    Raises:
        ConfigError: nothing, no folder there, or no address of a feed.
    """
    if folder is None and not feeds:
        raise ConfigError("nothing to watch; give a FOLDER, a --feed URL, or both")
    if folder is not None and not folder.is_dir():
        raise ConfigError(f"no folder at {folder}; make it first")
    return WatchOptions(folder, [feed_address(feed) for feed in dict.fromkeys(feeds)], settle, interval)


def open_sink(database: str | None, output: Path | None, rejects: Path | None, *, model: str) -> Sink:
    """Where results go: a database, by default one in SQLite in the working folder, or JSON lines.

    Raises:
        ConfigError: both, or rejects without an output.
        DataError: it cannot be written.
    """
    if output is None:
        if rejects is not None:
            raise ConfigError("--rejects goes with --output; a database has a table of rejects, svodka_rejects")
        return DatabaseSink(database or DEFAULT_DATABASE, model=model)
    if database is not None:
        raise ConfigError("results go to --output or to --database, not to both")
    return LinesSink(output, rejects=rejects)


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
            watch = Watch(
                options, sink, annotate=annotator.stream, labels=annotator.bundle.labels, say=say, stop=stop
            )  # fmt: skip
            say("watching; end by Ctrl-C or SIGTERM") if not once else None
            return watch.run_once() if once else watch.run()
    finally:
        sink.close()


def model_name(source: str | None) -> str:
    """What stands beside each result: a bundle's name and the first digits of its weights' sha256, or its hub id."""
    root = default_bundle() if source is None else Path(source)
    paths = BundlePaths(root)
    if not paths.manifest.is_file():
        return str(source)
    weights = read_json(paths.manifest).get("files", {}).get(paths.weights.name, {}).get("sha256", "")
    run = yaml.safe_load(paths.run.read_text(encoding="utf-8")) if paths.run.is_file() else {}
    return f"{run.get('bundle', {}).get('name', root.name)}@{weights[:12]}"


@contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set; a second one ends the process as if nobody had listened."""
    stop = threading.Event()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in numbers}

    def note(number: int, frame: object) -> None:
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
