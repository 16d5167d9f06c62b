"""The command line: parses, calls, prints. Everything heavy is loaded inside the command that needs it."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from svodka.errors import ConfigError, SvodkaError

DONE_WITH_REJECTS = 3

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
    rouge: Annotated[str, typer.Option(help="ROUGE tokenisation: plain or gazeta.")] = "plain",
    device: Annotated[str | None, typer.Option(help="cpu, cuda, cuda:1, …")] = None,
    output: Annotated[Path | None, typer.Option(help="Write the report as JSON.")] = None,
    attach: Annotated[bool, typer.Option(help="Write the scores into the bundle's metrics and card.")] = False,
) -> None:
    """Score a bundle on prepared articles, beside its baselines."""
    from svodka import terminal
    from svodka.data.store import PreparedData
    from svodka.evaluation.options import check_options
    from svodka.files import write_json

    check_options(split=split, rouge=rouge)
    prepared = PreparedData.open(data)
    # Loaded only now: torch takes seconds, and a wrong path is told at once.
    from svodka.annotator import Annotator
    from svodka.evaluation.evaluate import attach_report
    from svodka.evaluation.evaluate import evaluate as run

    annotator = Annotator.load(bundle, device=device)
    report = run(annotator, prepared, split, limit=limit, baselines=baselines, rouge=rouge)
    terminal.show_report(report)
    if output:
        write_json(output, report)
    if attach:
        attach_report(Path(bundle), annotator.bundle, report)


@app.command()
def annotate(
    inputs: Annotated[list[str], typer.Argument(help="Pages (.txt, .html), .jsonl files, folders, or - for stdin.")],
    bundle: Annotated[str | None, typer.Option(help="Bundle; by default the one that ships with Svodka.")] = None,
    as_json: Annotated[
        bool | None, typer.Option("--json/--table", help="One JSON object a line, as into a pipe; or a table.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Write JSON lines to this file.")] = None,
    rejects: Annotated[Path | None, typer.Option(help="Write what could not be read to this file.")] = None,
    summary: Annotated[str | None, typer.Option(help="faithful, abstractive or extractive.")] = None,
    engine: Annotated[str, typer.Option(help="How the arithmetic runs: auto or torch.")] = "auto",
    device: Annotated[str | None, typer.Option(help="cpu, cuda, cuda:1, …")] = None,
) -> None:
    """Tag and summarise articles. Exit code 3 says that some could not be read."""
    from svodka.batch.annotate import AnnotateOptions, annotate_inputs

    options = AnnotateOptions(bundle=bundle, summary=summary, engine=engine, device=device)
    plain = not sys.stdout.isatty() if as_json is None else as_json
    refused = annotate_inputs(
        inputs, options, output=output, rejects=rejects, show=_print_json if plain else _print_card
    )
    if refused:
        typer.echo(f"svodka: {refused} input(s) could not be read", err=True)
        raise typer.Exit(DONE_WITH_REJECTS)


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


def _print_json(rows: Iterator[dict[str, Any]]) -> None:
    for row in rows:
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
        sys.stdout.flush()


def _print_card(rows: Iterator[dict[str, Any]]) -> None:
    from svodka import terminal

    for row in rows:
        terminal.show_annotation(row)
