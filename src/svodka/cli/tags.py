"""Commands about tag sets: check one, or write one that there is."""

from pathlib import Path
from typing import Annotated

import typer

from svodka.cli.app import app
from svodka.cli.options import BundleName, Language

tags_app = typer.Typer(no_args_is_help=True, help="Check a tag set, or print one that there is as a file.")
app.add_typer(tags_app, name="tags")


@tags_app.command()
def check(
    file: Annotated[Path, typer.Argument(help="Tag set: a YAML file.")],
    bundle: BundleName = None,
) -> None:
    """Tell what is wrong with a tag set, and what is doubtful for a bundle that is to give its tags."""
    from svodka.tagsets import read_tag_set

    tags = read_tag_set(file)
    # Loaded only now: torch takes seconds, and a wrong file is told at once.
    from svodka.bundle import default_bundle, load_bundle
    from svodka.bundle.doubts import doubts
    from svodka.bundle.named import trained_positions

    loaded = load_bundle(default_bundle() if bundle is None else bundle, light=True)
    for line in doubts(loaded, tags):
        typer.echo(f"doubtful: {line}")
    learnt = sum(position is not None for position in trained_positions(loaded.labels, tags))
    typer.echo(f"{file}: {len(tags)} tags, {learnt} of them learnt by the model, {len(tags) - learnt} read by name")


@tags_app.command(name="list")
def print_set(
    bundle: BundleName = None,
    iptc: Annotated[bool, typer.Option("--iptc", help="The 17 topics in place of the bundle's tags.")] = False,
    language: Language = "ru",
) -> None:
    """Print a bundle's tags as a tag set, to be edited and used by --tags."""
    from svodka.bundle.files import BundlePaths
    from svodka.bundle.loading import default_bundle
    from svodka.labels import TagVocabulary
    from svodka.tagsets import TagSet
    from svodka.topics import check_language

    check_language(language)
    if iptc:
        typer.echo(TagSet.of_topics(language).to_yaml(), nl=False)
    else:
        folder = default_bundle() if bundle is None else Path(bundle)
        labels = TagVocabulary.load(BundlePaths(folder).labels)
        typer.echo(TagSet.of_vocabulary(labels, name=folder.resolve().name).to_yaml(), nl=False)
