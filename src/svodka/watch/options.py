"""What `svodka watch` is asked to do, checked before anything heavy is loaded."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from svodka.errors import ConfigError
from svodka.files import check_apart, check_file
from svodka.inputs.sources import field_map
from svodka.watch.database import database_url
from svodka.watch.fetch import FeedAddress, feed_address

DEFAULT_DATABASE = "sqlite:///svodka.db"


@dataclass(frozen=True)
class WatchOptions:
    """What to watch.

    Attributes:
        folder: where files arrive; None for feeds alone.
        feeds: addresses of feeds.
        settle: seconds for which a file must not have changed to be read.
        interval: seconds between two looks at a feed.
        hosts: names and addresses of hosts that feeds may be on though they are not public.
        fields: field of an article, column that holds it, where a table's names differ.
    """

    folder: Path | None = None
    feeds: Sequence[FeedAddress] = ()
    settle: float = 2.0
    interval: float = 300.0
    hosts: Sequence[str] = ()
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Target:
    """Where results go: to a database, by default one in SQLite in the working folder, or to JSON lines.

    Attributes:
        database: SQLAlchemy URL of SQLite or PostgreSQL, or path of a SQLite file.
        output: file for JSON lines, in place of a database.
        rejects: file for what cannot be annotated, with `output`; by default beside it.
        texts: keep the articles' bodies in the database, where the desk of `svodka serve` finds them.

    Raises:
        ConfigError: both a database and an output, rejects without an output, or no such URL.
    """

    database: str | None = None
    output: Path | None = None
    rejects: Path | None = None
    texts: bool = True

    def __post_init__(self) -> None:
        if self.output is None and self.rejects is not None:
            raise ConfigError("--rejects goes with --output; a database has a table of rejects, svodka_rejects")
        if self.output is not None and self.database is not None:
            raise ConfigError("results go to --output or to --database, not to both")
        if self.output is None:
            database_url(self.database or DEFAULT_DATABASE)

    def check(self, options: WatchOptions) -> None:
        """Look whether what is written would arrive itself.

        Raises:
            ConfigError: a file lies in the watched folder, or cannot be written.
        """
        if self.output is not None:
            files = {"--output": self.output, "--rejects": self.rejects or rejects_beside(self.output)}
            check_apart(files, [options.folder] if options.folder else [])
            for path in files.values():
                check_file(path)


def rejects_beside(output: Path) -> Path:
    """Where rejects go if no place is named."""
    return output.with_suffix(".rejects.jsonl")


def watch_options(
    folder: Path | None,
    feeds: Sequence[str],
    *,
    settle: float,
    interval: float,
    hosts: Sequence[str] = (),
    fields: Sequence[str] = (),
) -> WatchOptions:
    """Check what is to be watched.

    Raises:
        ConfigError: nothing, no folder there, no address of a feed, or a field that no article has.
    """
    if folder is None and not feeds:
        raise ConfigError("nothing to watch; give a FOLDER, a --feed URL, or both")
    if folder is not None and not folder.is_dir():
        raise ConfigError(f"no folder at {folder}; make it first")
    addresses = [feed_address(feed) for feed in dict.fromkeys(feeds)]
    return WatchOptions(folder, addresses, settle, interval, hosts, field_map(fields))
