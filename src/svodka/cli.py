"""The command line: parses, calls, prints. Everything heavy is loaded inside the command that needs it."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from svodka.errors import ConfigError, StoppedError, SvodkaError

if TYPE_CHECKING:
    from svodka.batch.annotate import AnnotateOptions
    from svodka.batch.sources import Inputs

DONE_WITH_REJECTS = 3
SIGNALLED = 128  # plus the signal's number, as shells have it

app = typer.Typer(
    name="svodka",
    help="Topic tags and a short summary for Russian news.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

ConfigPath = Annotated[Path, typer.Argument(help="YAML file; see configs/.")]
Overrides = Annotated[list[str] | None, typer.Argument(help="Settings in place of the file's, as source.path=my.jsonl")]


def main() -> None:
    """Run a command; an error of ours becomes one message and an exit code."""
    try:
        app()
    except StoppedError as error:
        typer.echo(f"svodka: {error}", err=True)
        sys.exit(SIGNALLED + error.signal)
    except SvodkaError as error:
        typer.echo(f"svodka: {error}", err=True)
        sys.exit(2 if isinstance(error, ConfigError) else 1)
    except BrokenPipeError:
        # The reader of our output has gone; there is nobody left to tell.
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        typer.echo(f"svodka: {error}", err=True)
        sys.exit(1)


def _version(asked: bool) -> None:
    if asked:
        from svodka import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _app(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    pass


@app.command()
def prepare(config: ConfigPath, overrides: Overrides = None) -> None:
    """Clean, normalise, divide and store a corpus as CONFIG says."""
    from svodka import terminal
    from svodka.config import load_data_config
    from svodka.data.prepare import prepare as run

    settings = load_data_config(config, overrides or [])
    terminal.show_preparation(run(settings).to_dict(), settings.output)


@app.command()
def pretrain(
    config: ConfigPath,
    overrides: Overrides = None,
    resume: Annotated[bool, typer.Option(help="Go on with the run that lies in the run folder.")] = False,
) -> None:
    """Pretrain a small encoder on the texts of prepared folders, as CONFIG says; `train` can start from it."""
    from svodka.config import load_pretrain_config

    settings = load_pretrain_config(config, overrides or [])
    from svodka.training.pretrain import pretrain as run

    backbone = run(settings, resume=resume, say=typer.echo)
    typer.echo(f"backbone: {backbone}")


@app.command()
def train(
    config: ConfigPath,
    overrides: Overrides = None,
    resume: Annotated[bool, typer.Option(help="Go on with the run that lies in the run folder.")] = False,
) -> None:
    """Train a model as CONFIG says and save it as a bundle; data are prepared first where they are not."""
    from svodka.config import load_run_config

    settings = load_run_config(config, overrides or [])
    from svodka.training.run import train as run

    bundle = run(settings, resume=resume, say=typer.echo)
    typer.echo(f"bundle: {bundle}")


@app.command()
def plan(
    config: ConfigPath,
    overrides: Overrides = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask no hub: shape and sizes are those that CONFIG declares.")
    ] = False,
    timed: Annotated[bool, typer.Option("--time/--no-time", help="Time a few steps of thin models here.")] = True,
) -> None:
    """Tell what a training run needs before it begins: parameters, memory, tokens, what is cut, steps, time."""
    from svodka import terminal
    from svodka.config import load_run_config

    settings = load_run_config(config, overrides or [])
    from svodka.training.plan import plan as run

    terminal.show_plan(settings, run(settings, offline=offline, timed=timed))


@app.command()
def evaluate(
    bundle: Annotated[str, typer.Argument(help="Bundle: a folder or a hub id.")],
    data: Annotated[Path, typer.Argument(help="Folder made by `svodka prepare`.")],
    split: Annotated[str, typer.Option(help="train, validation or test.")] = "test",
    limit: Annotated[int | None, typer.Option(min=1, help="Score only the first articles.")] = None,
    baselines: Annotated[bool, typer.Option(help="Score the baselines beside the model.")] = True,
    rouge: Annotated[str, typer.Option(help="ROUGE tokenisation: plain, gazeta or xlsum.")] = "plain",
    evidence: Annotated[int, typer.Option(min=0, help="Try the tags' evidence on so many of the articles.")] = 0,
    device: Annotated[str | None, typer.Option(help="cpu, cuda, cuda:1, …")] = None,
    output: Annotated[Path | None, typer.Option(help="Write the report as JSON.")] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write the report as one HTML page, with JSON and CSV beside it.")
    ] = None,
    history: Annotated[
        Path | None, typer.Option(help="history.jsonl of the training run, for a bundle without it.")
    ] = None,
    attach: Annotated[bool, typer.Option(help="Write the scores into the bundle's metrics and card.")] = False,
) -> None:
    """Score a bundle on prepared articles, beside its baselines."""
    from svodka import terminal
    from svodka.data.store import PreparedData
    from svodka.evaluation.options import EvaluateOptions
    from svodka.evaluation.report.write import check_report_path, write_report, write_report_json

    options = EvaluateOptions(
        split=split, limit=limit, baselines=baselines, rouge=rouge, evidence=evidence, history=history
    )
    check_report_path(report)
    prepared = PreparedData.open(data)
    # Loaded only now: torch takes seconds, and a wrong path is told at once.
    from svodka.annotator import Annotator
    from svodka.evaluation.attach import attach_report
    from svodka.evaluation.evaluate import evaluate as run
    from svodka.evaluation.verdict import sentence

    annotator = Annotator.load(bundle, device=device)
    found = run(annotator, prepared, options)
    terminal.show_report(found, [sentence(row) for row in found["below"]])
    if output:
        write_report_json(output, found)
    for path in write_report(found, report) if report else []:
        typer.echo(f"written: {path}")
    if attach:
        attach_report(Path(bundle), annotator, prepared, found)


@app.command()
def compare(
    first: Annotated[Path, typer.Argument(help="Report as JSON, by `svodka evaluate --output` or `--report`.")],
    second: Annotated[Path, typer.Argument(help="Report of another model on the same articles.")],
    output: Annotated[Path | None, typer.Option(help="Write the differences as JSON.")] = None,
) -> None:
    """Differences of two models' scores on the same articles, with 95% intervals."""
    from svodka import terminal
    from svodka.evaluation.compare import compare as run
    from svodka.files import read_json, write_json

    found = run(read_json(first), read_json(second))
    terminal.show_comparison(found)
    if output:
        write_json(output, found)


@app.command()
def drift(
    bundle: Annotated[str, typer.Argument(help="Bundle: a folder or a hub id.")],
    inputs: Annotated[
        list[str], typer.Argument(help="New articles: tables, pages, folders, URLs, or - for JSON lines on stdin.")
    ],
    device: Annotated[str | None, typer.Option(help="cpu, cuda, cuda:1, …")] = None,
    output: Annotated[Path | None, typer.Option(help="Write the findings as JSON.")] = None,
) -> None:
    """Tell whether new articles are still like those that a bundle was trained on. Exit code 3 as in `annotate`."""
    from svodka import terminal
    from svodka.batch.articles import read_articles
    from svodka.batch.sources import Inputs
    from svodka.data.reject import Reject
    from svodka.files import write_json

    given = Inputs(tuple(inputs))
    given.check()
    from svodka.annotator import Annotator
    from svodka.evaluation.drift import drift as run

    annotator, refused = Annotator.load(bundle, device=device), list[Reject]()
    found = run(annotator, read_articles(given, annotator.bundle.labels, refused))
    terminal.show_drift(found)
    if output:
        write_json(output, found)
    if refused:
        typer.echo(f"svodka: {len(refused)} input(s) could not be read", err=True)
        raise typer.Exit(DONE_WITH_REJECTS)


@app.command()
def annotate(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(help="Pages, tables (.jsonl, .csv, .parquet), folders, URLs, or - for JSON lines on stdin."),
    ] = None,
    bundle: Annotated[str | None, typer.Option(help="Bundle; by default the one that ships with Svodka.")] = None,
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
    field: Annotated[
        list[str] | None, typer.Option(help="FIELD=COLUMN where a table's names differ, as text=body; may be repeated.")
    ] = None,
    retry: Annotated[list[str] | None, typer.Option(help="Put the rows of a reject file through again.")] = None,
    overwrite: Annotated[bool, typer.Option(help="Replace an output that another run made.")] = False,
    summary: Annotated[str | None, typer.Option(help="faithful, abstractive or extractive.")] = None,
    entities: Annotated[
        bool, typer.Option("--entities", help="List people, organisations and places too (extra `ru`).")
    ] = False,
    engine: Annotated[str, typer.Option(help="How the arithmetic runs: auto or torch; ray: as --runner ray.")] = "auto",
    runner: Annotated[str, typer.Option(help="Where it runs: local or ray.")] = "local",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Models on a Ray cluster; default: as many as fit.")
    ] = None,
    device: Annotated[str | None, typer.Option(help="cpu, cuda, cuda:1, …")] = None,
) -> None:
    """Tag and summarise articles. Exit code 3 says that some could not be read."""
    from svodka.batch.annotate import AnnotateOptions, annotate_to_stream
    from svodka.batch.sources import Inputs

    fields = tuple((name.partition("=")[0], name.partition("=")[2]) for name in field or ())
    given = Inputs(tuple(inputs or ()), tuple(retry or ()), fields)
    options = AnnotateOptions(
        bundle=bundle, summary=summary, engine="auto" if engine == "ray" else engine, device=device,
        entities=entities, runner="ray" if engine == "ray" else runner, workers=workers,
    )  # fmt: skip
    if output:
        refused = _annotate_to_file(given, options, (output, rejects), overwrite=overwrite, as_json=bool(as_json))
    else:
        plain = not sys.stdout.isatty() if as_json is None else as_json
        refused = annotate_to_stream(given, options, rejects=rejects, show=_print_json if plain else _print_card)
        if refused:
            typer.echo(f"svodka: {refused} input(s) could not be read", err=True)
    if refused:
        raise typer.Exit(DONE_WITH_REJECTS)


def _annotate_to_file(
    inputs: "Inputs", options: "AnnotateOptions", paths: tuple[Path, Path | None], *, overwrite: bool, as_json: bool
) -> int:
    from svodka.batch.annotate import FileTarget, annotate_to_file
    from svodka.batch.progress import ProgressBar, told_summary

    target = FileTarget(*paths, overwrite=overwrite)
    done = annotate_to_file(inputs, options, target, monitor=ProgressBar())
    if as_json:
        typer.echo(json.dumps(done.to_dict(), ensure_ascii=False))
    else:
        typer.echo(f"svodka: {told_summary(done)}", err=True)
    return done.rejected


@app.command()
def watch(
    folder: Annotated[Path | None, typer.Argument(help="Folder in which pages and JSONL files arrive.")] = None,
    feed: Annotated[list[str] | None, typer.Option(help="Address of an RSS or Atom feed; may be repeated.")] = None,
    database: Annotated[
        str | None, typer.Option(help="SQLAlchemy URL of SQLite or PostgreSQL; by default sqlite:///svodka.db.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Append JSON lines to this file instead.")] = None,
    rejects: Annotated[Path | None, typer.Option(help="With --output: where rejects go, if not beside it.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Do what is there and end.")] = False,
    settle: Annotated[float, typer.Option(min=0, help="Seconds a file must not have changed to be read.")] = 2.0,
    interval: Annotated[float, typer.Option(min=1, help="Seconds between two looks at a feed.")] = 300.0,
    bundle: Annotated[str | None, typer.Option(help="Bundle; by default the one that ships with Svodka.")] = None,
    summary: Annotated[str | None, typer.Option(help="faithful, abstractive or extractive.")] = None,
    engine: Annotated[str, typer.Option(help="How the arithmetic runs: auto or torch.")] = "auto",
    device: Annotated[str | None, typer.Option(help="cpu, cuda, cuda:1, …")] = None,
) -> None:
    """Annotate what arrives in FOLDER and in feeds, each article once, until Ctrl-C or SIGTERM."""
    _check_extra("watch", ("feedparser", "filelock", "sqlalchemy", "watchfiles"))
    from svodka.batch.watch_options import Target, watch_options

    options = watch_options(folder, feed or [], settle=settle, interval=interval)
    target = Target(database, output, rejects)
    # Loaded only now: torch takes seconds, and a wrong address is told at once.
    from svodka.batch.annotate import AnnotateOptions
    from svodka.batch.watch import model_name, open_sink
    from svodka.batch.watch import watch as run

    sink = open_sink(target, model=model_name(bundle))
    model = AnnotateOptions(bundle=bundle, summary=summary, engine=engine, device=device)
    counts = run(options, model, sink, once=once, say=lambda line: typer.echo(f"svodka: {line}", err=True))
    typer.echo(f"svodka: {counts.annotated} annotated, {counts.rejected} rejected", err=True)
    if once and (counts.rejected or counts.troubles):
        raise typer.Exit(DONE_WITH_REJECTS)


@app.command()
def inspect(path: Annotated[Path, typer.Argument(help="A bundle, or a folder made by `svodka prepare`.")]) -> None:
    """Tell what a bundle or a prepared folder holds and where it comes from, after checking every file."""
    from svodka import terminal

    if (path / "bundle.json").exists():
        from svodka.bundle import BundlePaths, check_bundle
        from svodka.files import read_json

        manifest = check_bundle(path)
        return terminal.show_bundle(manifest, read_json(BundlePaths(path).metrics))
    if (path / "manifest.json").exists():
        from svodka.data.store import PreparedData

        return terminal.show_preparation(PreparedData.open(path).manifest.to_dict(), path)
    raise ConfigError(f"{path} is neither a bundle (bundle.json) nor a prepared folder (manifest.json)")


def _check_extra(extra: str, modules: tuple[str, ...]) -> None:
    from importlib.util import find_spec

    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise ConfigError(f"{', '.join(missing)} not installed; get what is needed by pip install 'svodka[{extra}]'")


def _print_json(lines: Iterator[bytes]) -> None:
    for line in lines:
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()


def _print_card(lines: Iterator[bytes]) -> None:
    from svodka import terminal

    for line in lines:
        terminal.show_annotation(json.loads(line))
