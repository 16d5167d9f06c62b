"""Options that several commands have: each is described once."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from svodka.cli.app import summary_mode

if TYPE_CHECKING:
    from svodka.bulk.options import AnnotateOptions
    from svodka.tagsets import TagSet

ConfigPath = Annotated[Path, typer.Argument(help="YAML file; see configs/.")]
Fields = Annotated[
    list[str] | None,
    typer.Option("--field", help="FIELD=COLUMN where a table's names differ, as text=body; may be repeated."),
]
Overrides = Annotated[list[str] | None, typer.Argument(help="Settings in place of the file's, as source.path=my.jsonl")]
BundleName = Annotated[str | None, typer.Option(help="Bundle; by default the one that ships with Svodka.")]
Tags = Annotated[
    str | None, typer.Option("--tags", help="Tags of your own: a YAML file, or names with commas between them.")
]
Language = Annotated[str, typer.Option(help="Language of the topics' names: ru, kk, uk or en.")]
Device = Annotated[str | None, typer.Option(help="cpu, cuda, cuda:1, …")]


@dataclass(frozen=True)
class ModelChoice:
    """Which bundle answers, what is asked of it, how it runs: options of `annotate`, `watch` and `serve`."""

    bundle: BundleName = None
    tags: Tags = None
    summary: Annotated[str | None, typer.Option(help="faithful, written, abstractive, extractive or headline.")] = None
    headline: Annotated[bool, typer.Option("--headline", help="A headline in place of a summary.")] = False
    words: Annotated[int | None, typer.Option(min=1, help="Most words of a summary (40) or a headline (12).")] = None
    characters: Annotated[int | None, typer.Option(min=20, help="Most characters of a summary or headline.")] = None
    entities: Annotated[
        bool, typer.Option("--entities", help="List people, organisations and places too (extra `ru`).")
    ] = False
    language: Language = "ru"
    engine: Annotated[str, typer.Option(help="How the arithmetic runs: auto, torch, fast, bf16 or int8.")] = "auto"
    device: Device = None

    def tag_set(self) -> "TagSet | None":
        """Read the tags of `--tags`, without torch: a wrong file is told at once.

        Raises:
            ConfigError: they cannot be read.
        """
        from svodka.tagsets import read_tag_set

        return None if self.tags is None else read_tag_set(self.tags)

    def options(self, tags: "TagSet | None") -> "AnnotateOptions":
        """The choice with its tag set, as bulk runs, `watch` and `serve` take it.

        Raises:
            ConfigError: `--headline` and another `--summary`.
        """
        from svodka.bulk.options import AnnotateOptions

        return AnnotateOptions(
            bundle=self.bundle, summary=summary_mode(self.summary, headline=self.headline), words=self.words,
            characters=self.characters, engine=self.engine, device=self.device, entities=self.entities,
            language=self.language, tags=tags,
        )  # fmt: skip


def with_model(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command, besides its own options, those of `ModelChoice`, which it takes as its argument `model`."""
    own, shared = inspect.signature(command), inspect.signature(ModelChoice)

    @wraps(command)
    def run(**given: Any) -> None:
        model = ModelChoice(**{name: given.pop(name) for name in shared.parameters})
        command(**given, model=model)

    parameters = [one for one in own.parameters.values() if one.name != "model"]
    run.__signature__ = own.replace(parameters=[*parameters, *shared.parameters.values()])  # type: ignore[attr-defined]
    return run
