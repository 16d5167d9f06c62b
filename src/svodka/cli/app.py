"""The app that commands are added to, and what they share.

Everything heavy is loaded inside the command that needs it.
"""

from pathlib import Path
from typing import Annotated

import typer

from svodka.errors import ConfigError

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


def check_extra(extra: str, modules: tuple[str, ...]) -> None:
    """Look whether what an extra brings is there.

    Raises:
        ConfigError: it is not, naming the extra.
    """
    from importlib.util import find_spec

    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise ConfigError(f"{', '.join(missing)} not installed; get what is needed by pip install 'svodka[{extra}]'")
