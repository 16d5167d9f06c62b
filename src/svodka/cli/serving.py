"""The command that answers over HTTP: serve."""

from pathlib import Path
from typing import Annotated

import typer

from svodka.cli.app import SIGNALLED, app, say_with_time
from svodka.cli.options import ModelChoice, with_model
from svodka.extras import require


@app.command()
@with_model
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; any but this machine's own needs --token-file.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0: any that is free.")] = 8000,
    token_file: Annotated[
        Path | None, typer.Option(help="File with a token a line; `admin` before one lets it change the model.")
    ] = None,
    allow_origin: Annotated[
        list[str] | None, typer.Option(help="Origin of another site's pages that may ask; may be repeated.")
    ] = None,
    allow_fetch: Annotated[
        bool, typer.Option("--allow-fetch", help="Let requests name a page on the public internet to fetch.")
    ] = False,
    workers: Annotated[int, typer.Option(min=1, help="Processes behind one socket, each with its model.")] = 1,
    queue: Annotated[int, typer.Option(min=1, help="Most articles that wait; the next are answered by 429.")] = 256,
    articles: Annotated[int, typer.Option(min=1, help="Most articles of a request.")] = 64,
    megabytes: Annotated[int, typer.Option(min=1, help="Most megabytes of a request.")] = 8,
    seconds: Annotated[float, typer.Option(min=0.1, help="Seconds after which a request is given up.")] = 30.0,
    corrections: Annotated[
        Path | None, typer.Option(help="File to which the desk appends an editor's corrections.")
    ] = None,
    database: Annotated[
        str | None, typer.Option(help="Database of `svodka watch` whose articles the desk shows.")
    ] = None,
    log_requests: Annotated[bool, typer.Option("--log-requests", help="A line on standard error a request.")] = False,
    *,
    model: ModelChoice,
) -> None:
    """Answer over HTTP, and show editors a desk, until Ctrl-C or SIGTERM."""
    require("serve")
    from svodka.serve.options import Limits, ServeOptions

    tags = model.tag_set()
    options = ServeOptions(
        host=host, port=port, token_file=token_file, origins=tuple(allow_origin or ()), allow_fetch=allow_fetch,
        workers=workers, limits=Limits(megabytes * 2**20, articles, seconds, queue), corrections=corrections,
        database=database, log_requests=log_requests,
    )  # fmt: skip
    options.check()
    # Loaded only now: torch takes seconds, and a wrong option is told at once.
    from svodka.serve.running import run

    reading = model.options(tags)
    reading.check(to_file=True)
    ended_by = run(options, reading, say=say_with_time)
    if ended_by:
        raise typer.Exit(SIGNALLED + ended_by)
