"""The app that commands are added to, and what they share.

Everything heavy is loaded inside the command that needs it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from svodka.errors import ConfigError
from svodka.messages import translated
from svodka.visible import tell

if TYPE_CHECKING:
    from svodka.inputs.sources import Inputs

DONE_WITH_REJECTS = 3
DRIFTED = 4
SIGNALLED = 128  # plus the signal's number, as shells have it

app = typer.Typer(
    name="svodka",
    help="Topic tags and a short summary for Russian news.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def found_inputs(paths: Sequence[str], fields: Sequence[str] | None, retry: Sequence[str] | None = None) -> "Inputs":
    """What a command is to read, looked for before any work; what its folders hold beside is said on standard error.

    Args:
        paths: files, folders, URLs, or `-`.
        fields: of `--field`.
        retry: reject files.

    Raises:
        ConfigError: nothing is given, a path that is not there or that cannot be read, or no FIELD=COLUMN.
    """
    from svodka.inputs.sources import Inputs, field_map

    given = Inputs(tuple(paths), tuple(retry or ()), field_map(fields or ()))
    given.check()
    if unread := given.unread():
        tell(unread)
    return given


def code_after(refused: int) -> int:
    """The exit code of a command that read its inputs; how many could not be read is said on standard error."""
    if refused:
        tell(f"{refused} input(s) could not be read")
    return DONE_WITH_REJECTS if refused else 0


def say_with_time(line: str) -> None:
    """A line for the operator of what runs for long, with the time."""
    now = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
    typer.echo(f"{now} svodka: {translated(line)}", err=True)


def summary_mode(summary: str | None, *, headline: bool) -> str | None:
    """The mode that `--summary` and `--headline` ask for.

    Raises:
        ConfigError: two different ones.
    """
    if headline and summary not in (None, "headline"):
        raise ConfigError(f"--headline and --summary {summary} ask for different things; give one of them")
    return "headline" if headline else summary


def translated_help(command: Any) -> Any:
    """A command of click's whose help, and that of all below it, is in the reader's language."""
    for part in (command, *command.params):
        if getattr(part, "help", None):
            part.help = translated(part.help)
    for below in getattr(command, "commands", {}).values():
        translated_help(below)
    return command


def check_written(written: Mapping[str, Path | None], read: Sequence[Path]) -> None:
    """Look, before any work, whether the files that a command is to write can be, and replace none that it reads.

    Args:
        written: file by the option that names it; None: none is written.
        read: files, and folders of which every file is read.

    Raises:
        ConfigError: they cannot, or would.
    """
    from svodka.files import check_apart, check_file

    named = {name: path for name, path in written.items() if path is not None}
    check_apart(named, read)
    for path in named.values():
        check_file(path)
