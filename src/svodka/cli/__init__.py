"""The command line: parses, calls, prints."""

import atexit
import gc
import os
import sys
from typing import Annotated

import typer

# Each brings its commands into the app.
from svodka.cli import annotating, judging, making, serving, starting, tags, teaching  # noqa: F401
from svodka.cli.app import SIGNALLED, app, translated_help
from svodka.errors import ConfigError, StoppedError, SvodkaError
from svodka.extras import explain
from svodka.messages import use_language
from svodka.visible import tell

COLLECT_AFTER = 50_000  # new objects; Python's own 700 searches all of torch and transformers again and again


def main() -> None:
    """Run a command; an error of ours becomes one message and an exit code."""
    gc.set_threshold(COLLECT_AFTER)
    # What is left at the end goes with the process: a last search through it takes half a second.
    atexit.register(gc.freeze)
    if not sys.stderr.isatty():  # in a log, a bar is noise; tqdm looks here, whichever library draws one
        os.environ.setdefault("TQDM_DISABLE", "1")
    use_language()
    try:
        translated_help(typer.main.get_command(app))()
    except StoppedError as error:
        tell(str(error))
        sys.exit(SIGNALLED + error.signal)
    except SvodkaError as error:
        tell(str(error))
        sys.exit(2 if isinstance(error, ConfigError) else 1)
    except ModuleNotFoundError as error:
        missing = explain(error)
        if missing is None:
            raise
        tell(str(missing))
        sys.exit(2)
    except BrokenPipeError:
        # The reader of our output has gone; there is nobody left to tell.
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        tell(str(error))
        sys.exit(1)
    except MemoryError:
        tell("not enough memory; allow more of it, or give less at once")
        sys.exit(1)


def _version(asked: bool) -> None:
    if asked:
        from svodka import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _app(
    version: Annotated[
        bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    pass
