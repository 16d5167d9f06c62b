"""Commands that lead to a model and give it away: prepare, pretrain, plan, train, tune, compact, publish."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from svodka.cli.app import app, code_after, found_inputs
from svodka.cli.options import ConfigPath, Fields, Overrides
from svodka.errors import ConfigError
from svodka.extras import require

if TYPE_CHECKING:
    from svodka.compact.corpus import Corpus


@app.command()
def prepare(config: ConfigPath, overrides: Overrides = None, field: Fields = None) -> None:
    """Clean, normalise, divide and store a corpus as CONFIG says."""
    require("prepare")
    from svodka.cli.folders import show_preparation
    from svodka.config.loading import load_data_config
    from svodka.data.prepare import prepare as run
    from svodka.inputs.sources import field_map

    fields = [f"source.fields.{name}={column}" for name, column in field_map(field or ())]
    settings = load_data_config(config, [*(overrides or []), *fields])
    show_preparation(run(settings), settings.output)


@app.command()
def pretrain(
    config: ConfigPath,
    overrides: Overrides = None,
    resume: Annotated[bool, typer.Option(help="Go on with the run that lies in the run folder.")] = False,
) -> None:
    """Pretrain a small encoder on the texts of prepared folders, as CONFIG says; `train` can start from it."""
    require("pretrain")
    from svodka.config.loading import load_pretrain_config

    settings = load_pretrain_config(config, overrides or [])
    from svodka.training.pretrain import pretrain as run

    run(settings, resume=resume, say=typer.echo)


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
    require("plan")
    from svodka.cli.plans import show_plan
    from svodka.config.loading import load_run_config

    settings = load_run_config(config, overrides or [])
    from svodka.training.plan import plan as run

    show_plan(settings, run(settings, offline=offline, timed=timed))


@app.command()
def train(
    config: ConfigPath,
    overrides: Overrides = None,
    resume: Annotated[bool, typer.Option(help="Go on with the run that lies in the run folder.")] = False,
) -> None:
    """Train a model as CONFIG says and save it as a bundle; data are prepared first where they are not."""
    require("train")
    from svodka.config.loading import load_run_config

    settings = load_run_config(config, overrides or [])
    if settings.adapts:
        from svodka.adapt.adapt import adapt

        adapt(settings, resume=resume, say=typer.echo)
    else:
        from svodka.training.run import train as run

        run(settings, resume=resume, say=typer.echo)


@app.command()
def tune(config: ConfigPath, overrides: Overrides = None) -> None:
    """Search the fields of a training config that CONFIG names; run again, it goes on."""
    require("tune")
    from svodka.config.loading import load_tune_config

    settings = load_tune_config(config, overrides or [])
    from svodka.training.tune import tune as run

    typer.echo(f"train by it: svodka train {run(settings, say=typer.echo)}")


@app.command()
def compact(
    bundle: Annotated[Path, typer.Argument(help="Bundle: a folder.")],
    data: Annotated[
        str, typer.Argument(help="Articles as it will read: a folder made by `svodka prepare`, a table, pages.")
    ],
    output: Annotated[Path, typer.Option(help="Folder of the new bundle; must not be there yet.")],
    min_count: Annotated[int, typer.Option(min=1, help="Keep tokens that the articles use at least so often.")] = 1,
    held_out: Annotated[
        float | None,
        typer.Option(min=0, max=0.9, help="Share of a table's articles to measure the loss on; default 0.1."),
    ] = None,
    field: Fields = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Cut a bundle's vocabulary to the tokens that DATA use; text that needs no other gets the same answers.

    Of a prepared folder the train split is counted, and validation and test tell how many tokens of new text are lost.
    Exit code 3 says that some articles could not be read.
    """
    import json

    from svodka.bundle.files import check_bundle
    from svodka.cli.folders import show_cut
    from svodka.files import check_absent

    check_absent(output)
    check_bundle(bundle, hashes=False)
    corpus, refused = _corpus(bundle, data, held_out, fields=field or ())
    from svodka.compact.compact import compact as run

    report = run(bundle, corpus, output, min_count=min_count)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
    else:
        show_cut(report, output)
    raise typer.Exit(code_after(refused))


def _corpus(bundle: Path, data: str, held_out: float | None, *, fields: Sequence[str]) -> "tuple[Corpus, int]":
    """The articles to cut by, and how many inputs could not be read."""
    from svodka.data.store import PreparedData

    if (Path(data) / "manifest.json").is_file():
        if held_out is not None:
            raise ConfigError("--held-out is for a table; of a prepared folder validation and test are held out")
        prepared = PreparedData.open(Path(data))
        from svodka.compact.corpus import Corpus

        return Corpus.prepared(prepared), 0
    given = found_inputs([data], fields)
    from svodka.bundle.files import BundlePaths
    from svodka.compact.corpus import Corpus
    from svodka.inputs.articles import read_articles
    from svodka.inputs.reject import Reject
    from svodka.labels import TagVocabulary

    refused: list[Reject] = []
    articles = read_articles(given, TagVocabulary.load(BundlePaths(bundle).labels), refused)
    return Corpus.divided(articles, 0.1 if held_out is None else held_out), len(refused)


@app.command()
def publish(
    bundle: Annotated[Path, typer.Argument(help="Bundle: a folder.")],
    repo: Annotated[str, typer.Argument(help="Hub id, as me/my-tags; made if it is not there.")],
    private: Annotated[bool, typer.Option("--private", help="Make the repository private.")] = False,
    revision: Annotated[str | None, typer.Option(help="Branch; made if it is not there.")] = None,
) -> None:
    """Upload a bundle to the Hugging Face hub; one that is no better than a trivial baseline is refused."""
    from svodka.publish import publish as run

    typer.echo(f"published: {run(bundle, repo, private=private, revision=revision)}")
