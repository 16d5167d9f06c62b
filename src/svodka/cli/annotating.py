"""Commands that put a model to work: annotate, watch."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from svodka.cli.app import DONE_WITH_REJECTS, SIGNALLED, app, code_after, found_inputs, say_with_time
from svodka.cli.options import Fields, ModelChoice, with_model
from svodka.extras import require
from svodka.visible import escaped_json, tell, visible_values

if TYPE_CHECKING:
    from svodka.bulk.options import AnnotateOptions
    from svodka.inputs.sources import Inputs


@app.command()
@with_model
def annotate(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(help="Pages, tables (.jsonl, .csv, .parquet), folders, URLs, or - for JSON lines on stdin."),
    ] = None,
    as_json: Annotated[
        bool | None,
        typer.Option("--json/--table", help="One JSON object a line, or a table. With --output: the summary as JSON."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Write results to this .jsonl, .jsonl.gz, .jsonl.zst or .parquet; resumable.")
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="Write what could not be annotated here; default: OUTPUT.rejects.jsonl.")
    ] = None,
    field: Fields = None,
    retry: Annotated[list[str] | None, typer.Option(help="Put the rows of a reject file through again.")] = None,
    overwrite: Annotated[bool, typer.Option(help="Replace an output that another run made.")] = False,
    top: Annotated[int | None, typer.Option(min=1, help="At most so many tags, the best.")] = None,
    min_score: Annotated[
        float | None, typer.Option(min=0, max=1, help="Give tags from this score on; default: the model's own levels.")
    ] = None,
    drop_tags: Annotated[list[str] | None, typer.Option(help="Tags never to give, with commas between them.")] = None,
    rename: Annotated[list[str] | None, typer.Option(help="OLD=NEW: another name for a tag; may be repeated.")] = None,
    runner: Annotated[str, typer.Option(help="Where it runs: local or ray; --engine ray asks for it too.")] = "local",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Models on a Ray cluster; default: as many as fit.")
    ] = None,
    *,
    model: ModelChoice,
) -> None:
    """Tag and summarise articles. Exit code 3 says that some could not be read."""
    from svodka.tagsets import TagChoice

    tags = model.tag_set()
    choice = TagChoice.of(top=top, min_score=min_score, drop=drop_tags or (), rename=rename or ())
    # Loaded only now: torch takes seconds, and a wrong tag set is told at once.
    from svodka.bulk.annotate import annotate_to_stream

    given = found_inputs(inputs or (), field, retry)
    if model.engine == "ray":
        model, runner = replace(model, engine="auto"), "ray"
    options = replace(model.options(tags), runner=runner, workers=workers, choice=choice)
    if output:
        refused = _annotate_to_file(given, options, (output, rejects), overwrite=overwrite, as_json=bool(as_json))
        raise typer.Exit(DONE_WITH_REJECTS if refused else 0)
    plain = not sys.stdout.isatty() if as_json is None else as_json
    refused = annotate_to_stream(given, options, rejects=rejects, show=_print_json if plain else _print_card)
    raise typer.Exit(code_after(refused))


def _annotate_to_file(
    inputs: "Inputs", options: "AnnotateOptions", paths: tuple[Path, Path | None], *, overwrite: bool, as_json: bool
) -> int:
    from svodka.bulk.annotate import FileTarget, annotate_to_file
    from svodka.bulk.progress import ProgressBar, told_summary

    target = FileTarget(*paths, overwrite=overwrite)
    done = annotate_to_file(inputs, options, target, monitor=ProgressBar())
    if as_json:
        typer.echo(json.dumps(done.to_dict(), ensure_ascii=False))
    else:
        tell(told_summary(done))
    return done.rejected


@app.command()
@with_model
def watch(
    folder: Annotated[Path | None, typer.Argument(help="Folder in which pages and JSONL files arrive.")] = None,
    feed: Annotated[list[str] | None, typer.Option(help="Address of an RSS or Atom feed; may be repeated.")] = None,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="Host of a feed that may have an address that is not public; repeatable.")
    ] = None,
    database: Annotated[
        str | None, typer.Option(help="SQLAlchemy URL of SQLite or PostgreSQL; by default sqlite:///svodka.db.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Append JSON lines to this file instead.")] = None,
    rejects: Annotated[Path | None, typer.Option(help="With --output: where rejects go, if not beside it.")] = None,
    texts: Annotated[bool, typer.Option(help="Keep the articles' texts in the database, for the desk.")] = True,
    field: Fields = None,
    once: Annotated[bool, typer.Option("--once", help="Do what is there and end.")] = False,
    settle: Annotated[float, typer.Option(min=0, help="Seconds a file must not have changed to be read.")] = 2.0,
    interval: Annotated[float, typer.Option(min=1, help="Seconds between two looks at a feed.")] = 300.0,
    *,
    model: ModelChoice,
) -> None:
    """Annotate what arrives in FOLDER and in feeds, each article once, until Ctrl-C or SIGTERM."""
    require("watch")
    from svodka.watch.options import Target, watch_options

    tags = model.tag_set()
    options = watch_options(
        folder, feed or [], settle=settle, interval=interval, hosts=allow_host or (), fields=field or ()
    )
    target = Target(database, output, rejects, texts)
    target.check(options)
    # Loaded only now: torch takes seconds, and a wrong address is told at once.
    from svodka.bundle.naming import model_name
    from svodka.watch.watch import open_sink
    from svodka.watch.watch import watch as run

    reading = model.options(tags)
    reading.check(to_file=True)
    sink = open_sink(target, model=model_name(model.bundle))
    counts = run(options, reading, sink, once=once, say=say_with_time)
    say_with_time(f"{counts.annotated} annotated, {counts.rejected} rejected")
    if counts.stopped_by:
        raise typer.Exit(SIGNALLED + counts.stopped_by)
    if once and (counts.rejected or counts.troubles):
        raise typer.Exit(DONE_WITH_REJECTS)


def _print_json(lines: Iterator[bytes]) -> None:
    terminal = sys.stdout.isatty()
    for line in lines:
        sys.stdout.buffer.write(escaped_json(line) if terminal else line)
        sys.stdout.buffer.flush()


def _print_card(lines: Iterator[bytes]) -> None:
    from svodka.cli.card import show_annotation

    for line in lines:
        show_annotation(visible_values(json.loads(line)))
