"""Commands that lead to a model and give it away: prepare, pretrain, plan, train, tune, publish."""

from pathlib import Path
from typing import Annotated

import typer

from svodka.cli.app import ConfigPath, Overrides, app, check_extra


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
    from svodka import terminal
    from svodka.config import load_run_config

    settings = load_run_config(config, overrides or [])
    from svodka.training.plan import plan as run

    terminal.show_plan(settings, run(settings, offline=offline, timed=timed))


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

    run(settings, resume=resume, say=typer.echo)


@app.command()
def tune(config: ConfigPath, overrides: Overrides = None) -> None:
    """Search the fields of a training config that CONFIG names; run again, it goes on."""
    check_extra("tune", ("optuna", "matplotlib"))
    from svodka.config import load_tune_config

    settings = load_tune_config(config, overrides or [])
    from svodka.training.tune import tune as run

    typer.echo(f"train by it: svodka train {run(settings, say=typer.echo)}")


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
