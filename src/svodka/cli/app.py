"""The app that commands are added to, and what they share.

Everything heavy is loaded inside the command that needs it.
"""

from pathlib import Path
from typing import Annotated

import typer

DONE_WITH_REJECTS = 3
SIGNALLED = 128  # plus the signal's number, as shells have it

app = typer.Typer(
    name="svodka",
    help="Topic tags and a short summary for Russian news.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

ConfigPath = Annotated[Path, typer.Argument(help="YAML file; see configs/.")]
Overrides = Annotated[list[str] | None, typer.Argument(help="Settings in place of the file's, as source.path=my.jsonl")]
