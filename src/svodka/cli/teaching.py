"""Commands by which a newsroom's tags grow: suggest, export-labels, learn."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from svodka.cli.app import app, check_written, code_after, found_inputs
from svodka.cli.options import BundleName, Fields, Tags
from svodka.errors import ConfigError
from svodka.visible import tell, visible

if TYPE_CHECKING:
    from svodka.article import Article
    from svodka.bundle.learned import StepStory
    from svodka.inputs.reject import Reject
    from svodka.inputs.sources import Inputs
    from svodka.labels import TagVocabulary

FEW = 30  # articles without corrections


@app.command()
def learn(
    corrections: Annotated[
        Path | None,
        typer.Argument(help="JSON lines with tags that were right, wrong or missing; or Label Studio's JSON."),
    ] = None,
    bundle: BundleName = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder of the taught bundle; it may be that of --bundle.")
    ] = None,
    articles: Annotated[
        list[str] | None,
        typer.Option(help="Articles whose ids the corrections name, and others like those to tag; may be repeated."),
    ] = None,
    field: Fields = None,
    tags: Annotated[
        str | None, typer.Option(help="Tag set: descriptions and aliases of new tags, and examples to learn from.")
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take the last lesson of --bundle back.")] = False,
) -> None:
    """Teach a bundle's tags by corrections; no other tag changes. Exit code 3: some articles could not be read."""
    if undo:
        return _undo(bundle, output, corrections)
    if corrections is None and tags is None:
        raise ConfigError("nothing to learn from: name a file of corrections, or --tags with `examples`")
    if output is None:
        raise ConfigError("name the folder of the taught bundle by --output; it may be that of --bundle")
    _check_output(output)
    from svodka.learning.corrections import load_corrections
    from svodka.learning.examples import example_rows
    from svodka.tagsets import read_tag_set

    named = None if tags is None else read_tag_set(tags)
    rows = [] if corrections is None else load_corrections(corrections)
    rows += [] if named is None else example_rows(named)
    given = found_inputs(articles, field) if articles else None
    # Loaded only now: torch takes seconds, and a wrong file is told at once.
    from svodka.bundle import default_bundle, load_bundle
    from svodka.learning.learn import taught

    loaded = load_bundle(default_bundle() if bundle is None else bundle, light=True)
    refused: list[Reject] = []
    beside = _articles(given, loaded.labels, refused) if given else []
    if len(beside) < FEW:
        tell(f"{len(beside)} articles by --articles: from {FEW} on a tag learns better where it does not belong")
    found = taught(loaded, rows, beside, tags=named, output=output)
    _show(found.learned[-1].story)
    typer.echo(f"written: {output}")
    raise typer.Exit(code_after(len(refused)))


def _undo(bundle: str | None, output: Path | None, corrections: Path | None) -> None:
    if corrections is not None:
        raise ConfigError("--undo takes the last lesson back and reads no corrections; leave one of them out")
    if bundle is None:
        raise ConfigError("name the bundle whose last lesson is to be taken back by --bundle")
    target = Path(bundle) if output is None else output
    _check_output(target)
    from svodka.bundle.learned import taken_back

    story = taken_back(Path(bundle), target)
    typer.echo(f"taken back: {story.corrections} correction(s) of {story.date}")
    typer.echo(f"written: {target}")


def _check_output(output: Path) -> None:
    from svodka.files import check_folder

    check_folder(output)
    if output.exists() and not (output / "bundle.json").is_file() and any(output.iterdir()):
        raise ConfigError(f"{output} is there already and is no bundle; name another --output")


def _show(story: "StepStory") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("tag", "was", "has it", "has it not", title=f"{story.corrections} corrections", title_justify="left")
    for tag in story.tags:
        table.add_row(Text(visible(tag.name)), tag.was, str(tag.positive), str(tag.negative))
    Console().print(table)


@app.command(name="export-labels")
def export_labels(
    inputs: Annotated[list[str], typer.Argument(help="Articles: tables, pages, folders, URLs, or - for JSON lines.")],
    output: Annotated[Path, typer.Option(help="Write Label Studio's tasks to this .json file.")],
    bundle: BundleName = None,
    interface: Annotated[
        Path | None, typer.Option(help="Write the labelling interface to this .xml file, for the project's settings.")
    ] = None,
    field: Fields = None,
    tags: Tags = None,
) -> None:
    """Write articles with the model's tags for people to correct in Label Studio; `svodka learn` reads its export."""
    from svodka.tagsets import TagSet, read_tag_set

    named = None if tags is None else read_tag_set(tags)
    given = found_inputs(inputs, field)
    check_written({"--output": output, "--interface": interface}, given.local())
    from svodka.annotator import Annotator
    from svodka.files import write_text
    from svodka.learning.label_studio import interface as xml
    from svodka.learning.label_studio import task

    annotator = Annotator.load(bundle).with_tags(named)
    refused: list[Reject] = []
    articles = _articles(given, annotator.bundle.labels, refused)
    version = f"svodka {annotator.bundle.fingerprint[:12]}"
    tasks = [task(*pair, version=version) for pair in zip(articles, annotator(articles), strict=True)]
    write_text(output, json.dumps(tasks, ensure_ascii=False, indent=1) + "\n")
    typer.echo(f"written: {output}, {len(tasks)} task(s)")
    if interface:
        own = annotator.bundle.tag_set or TagSet.of_vocabulary(annotator.bundle.labels)
        write_text(interface, xml([tag.name for tag in own.tags if not tag.manual]))
        typer.echo(f"written: {interface}")
    raise typer.Exit(code_after(len(refused)))


@app.command()
def suggest(
    inputs: Annotated[list[str], typer.Argument(help="Articles: tables, pages, folders, URLs, or - for JSON lines.")],
    bundle: BundleName = None,
    top: Annotated[int, typer.Option(min=1, help="At most so many suggestions.")] = 20,
    min_count: Annotated[int, typer.Option(min=2, help="Articles that a name or subject must recur in.")] = 3,
    field: Fields = None,
) -> None:
    """Print, as a tag set to edit, names and subjects that recur in articles and that no tag of a bundle covers."""
    given = found_inputs(inputs, field)
    # Loaded only now: torch takes seconds, and a wrong path is told at once.
    from svodka.bundle import default_bundle, load_bundle
    from svodka.facts import tagger
    from svodka.suggest.suggest import suggest as run
    from svodka.suggest.suggest import tag_file

    loaded = load_bundle(default_bundle() if bundle is None else bundle, light=True)
    refused: list[Reject] = []
    articles = _articles(given, loaded.labels, refused)
    if not tagger.available():
        tell("names are left out: they need the extra `ru`; get it by pip install 'svodka[ru]'")
    typer.echo(tag_file(run(loaded, articles, most=top, least=min_count)), nl=False)
    raise typer.Exit(code_after(len(refused)))


def _articles(given: "Inputs", labels: "TagVocabulary", refused: "list[Reject]") -> "list[Article]":
    from svodka.inputs.articles import read_articles

    return list(read_articles(given, labels, refused))
