"""Options that several commands have: each is described once."""

from pathlib import Path
from typing import Annotated

import typer

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
SummaryMode = Annotated[str | None, typer.Option(help="faithful, written, abstractive, extractive or headline.")]
Headline = Annotated[bool, typer.Option("--headline", help="A headline in place of a summary.")]
Words = Annotated[int | None, typer.Option(min=1, help="Most words of a summary (40) or a headline (12).")]
Characters = Annotated[int | None, typer.Option(min=20, help="Most characters of a summary or headline.")]
Entities = Annotated[bool, typer.Option("--entities", help="List people, organisations and places too (extra `ru`).")]
Language = Annotated[str, typer.Option(help="Language of the topics' names: ru, kk, uk or en.")]
Engine = Annotated[str, typer.Option(help="How the arithmetic runs: auto, torch, fast, bf16 or int8.")]
Device = Annotated[str | None, typer.Option(help="cpu, cuda, cuda:1, …")]
