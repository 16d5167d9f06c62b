"""Commands to begin with: init, config."""

import json
import shutil
from pathlib import Path
from typing import Annotated

import typer

from svodka.cli.app import app
from svodka.cli.options import Overrides
from svodka.errors import ConfigError, DataError

_CONFIG, _SAMPLE = "own.yaml", "my_news.jsonl"


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="Folder to write to; made if it is not there.")] = Path()) -> None:
    """Write a training config and a sample of invented articles that it reads; edit both, then train."""
    targets = (folder / _CONFIG, folder / _SAMPLE)
    taken = [str(path) for path in targets if path.exists()]
    if taken:
        raise ConfigError(f"{' and '.join(taken)} already there; move them away, or name another folder")
    sources = (_shipped("configs", _CONFIG), _shipped("data", "news_ru.jsonl"))
    folder.mkdir(parents=True, exist_ok=True)
    for source, target in zip(sources, targets, strict=True):
        shutil.copyfile(source, target)
        typer.echo(f"written: {target}")
    typer.echo(f"next: {'' if folder == Path() else f'cd {folder}; '}svodka train {_CONFIG}")


@app.command()
def config(
    path: Annotated[Path | None, typer.Argument(metavar="CONFIG", help="YAML file to check.")] = None,
    overrides: Overrides = None,
    kind: Annotated[str, typer.Option(help="What it is for: train, data, pretrain or tune.")] = "train",
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of such files, for editors.")] = False,
) -> None:
    """Check a config and print it with every default filled in, or print the JSON Schema of such files."""
    import yaml

    from svodka.config import loading
    from svodka.config.schema import json_schema

    described = json_schema(kind)
    if schema:
        return typer.echo(json.dumps(described, ensure_ascii=False, indent=2))
    if path is None:
        raise ConfigError("name a CONFIG to check, or ask for --schema")
    load = {
        "train": loading.load_run_config,
        "data": loading.load_data_config,
        "pretrain": loading.load_pretrain_config,
        "tune": loading.load_tune_config,
    }[kind]
    body = load(path, overrides or []).model_dump(mode="json")
    return typer.echo(yaml.safe_dump(body, allow_unicode=True, sort_keys=False), nl=False)


def _shipped(folder: str, name: str) -> Path:
    """A file that comes with Svodka: in the installed package, or in a clone's folder."""
    package = Path(__file__).parent.parent
    for path in (package / "starter" / name, package.parents[1] / folder / name):
        if path.is_file():
            return path
    raise DataError(f"{name} is missing from this copy of Svodka; install it again")
