"""`svodka watch`: annotate what arrives in a folder and in feeds, each thing once across restarts."""

from svodka.bulk.options import AnnotateOptions
from svodka.signals import stop_on_signals
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
    return DatabaseSink(target.database or DEFAULT_DATABASE, model=model, texts=target.texts)


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
                options, sink, annotate=lambda articles: [found.annotation for found in annotator.scored(articles)],
                labels=annotator.bundle.labels, say=say, stop=stop,
            )  # fmt: skip
            if not once:
                say("watching; end by Ctrl-C or SIGTERM")
            counts = watcher.run_once() if once else watcher.run()
            counts.stopped_by = stop.number
            return counts
    finally:
        sink.close()
