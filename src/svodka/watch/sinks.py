"""Where results go: JSON lines or a database. What a sink has committed is there once, whatever kills the process."""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from filelock import FileLock, Timeout
from sqlalchemy import select
from sqlalchemy.engine import URL
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from svodka.errors import ConfigError, DataError
from svodka.files import check_apart, linked
from svodka.inputs.reject import Reject
from svodka.inputs.storable import storable
from svodka.watch.arrivals import Handled, Mark, key_of
from svodka.watch.database import database_url, upsert
from svodka.watch.ledger import Ledger
from svodka.watch.options import rejects_beside
from svodka.watch.results import save_rejects, save_results, save_texts
from svodka.watch.tables import OUTPUTS, RESULT_TABLES


class DatabaseDownError(DataError):
    """A database that cannot be reached or written just now; the same may work later."""


class Sink(Protocol):
    """Takes results, and knows what it has taken."""

    def digests(self, keys: Sequence[str]) -> dict[str, str]:
        """Digests of those arrivals that have been handled, by key."""

    def states(self, sources: Sequence[str]) -> dict[str, str]:
        """States of those files and feeds that have been read to their end, by key."""

    def commit(self, handled: Sequence[Handled], marks: Sequence[Mark]) -> None:
        """Keep all of these, or none.

        Raises:
            DatabaseDownError: the database cannot be reached or written just now.
            DataError: it refuses.
            OSError: a file cannot be written.
        """

    def close(self) -> None:
        """Let go of files and connections."""


class _WithLedger:
    """What a sink answers from its ledger."""

    _url: URL
    _ledger: Ledger

    def digests(self, keys: Sequence[str]) -> dict[str, str]:
        """See `Sink`."""
        with _told(self._url):
            return self._ledger.digests(keys)

    def states(self, sources: Sequence[str]) -> dict[str, str]:
        """See `Sink`."""
        with _told(self._url):
            return self._ledger.states(sources)


class DatabaseSink(_WithLedger):
    """Results, rejects and ledger in one database, each block in one transaction."""

    def __init__(self, database: str, *, model: str, texts: bool = True) -> None:
        """Connect; tables that are missing are made.

        Args:
            database: SQLAlchemy URL of SQLite or PostgreSQL, or path of a SQLite file.
            model: what makes the annotations.
            texts: keep the articles' bodies too.

        Raises:
            ConfigError: no such URL.
            DatabaseDownError: it cannot be reached.
            DataError: its tables are another version's.
        """
        self._url, self._model, self._texts = database_url(database), model, texts
        with _told(self._url):
            self._ledger = Ledger(self._url, RESULT_TABLES)

    def commit(self, handled: Sequence[Handled], marks: Sequence[Mark]) -> None:
        """See `Sink`."""
        annotated = [(one.result, one.arrival.place) for one in handled if not isinstance(one.result, Reject)]
        with _told(self._url), self._ledger.begin() as connection:
            save_results(
                connection, [row for row, _ in annotated], places=[place for _, place in annotated], model=self._model
            )
            save_texts(connection, handled, keep=self._texts)
            save_rejects(connection, handled)
            self._ledger.note(connection, handled, marks)

    def close(self) -> None:
        """See `Sink`."""
        self._ledger.close()


class LinesSink(_WithLedger):
    """Results appended to one file and rejects to another, with a ledger in SQLite beside them.

    Lines are written first; the ledger then learns of them and of the files' new lengths in one transaction. What
    lies beyond the length that the ledger knows is the rest of a block that was cut off, and is cut away.
    """

    def __init__(self, output: Path, *, rejects: Path | None = None) -> None:
        """Open the ledger, and cut away what a killed process left half done.

        Args:
            output: file for results.
            rejects: file for what could not be annotated; by default beside `output`, named `.rejects.jsonl`.

        Raises:
            ConfigError: a file is there that is not empty, and that the ledger does not know of.
            DataError: another process writes there, or results that the ledger knows of are gone.
        """
        output = linked(output)
        rejects = linked(rejects) if rejects else rejects_beside(output)
        path, lock = output.with_name(f"{output.name}.ledger"), output.with_name(f".{output.name}.lock")
        check_apart({"--output": output, "--rejects": rejects, "the ledger": path, "the lock": lock}, ())
        output.parent.mkdir(parents=True, exist_ok=True)
        # The ledger is of this output alone, but rejects may go to another file the next time.
        elsewhere = rejects != rejects_beside(output)
        named = key_of("rejects", os.path.relpath(rejects, output.parent)) if elsewhere else "rejects"
        self._files = {"results": output, named: rejects}
        self._lock = FileLock(lock)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise DataError(f"another svodka writes to {output}; give this one an --output of its own") from None
        try:
            self._open(path)
        except BaseException:
            self._lock.release()
            raise

    def _open(self, path: Path) -> None:
        if not path.exists():
            self._refuse_foreign(self._files)
        self._url = URL.create("sqlite", database=str(path))
        with _told(self._url):
            self._ledger = Ledger(self._url, (OUTPUTS,))
            with self._ledger.engine.connect() as connection:
                rows = connection.execute(select(OUTPUTS.c.name, OUTPUTS.c.bytes))
                known = {row.name: row.bytes for row in rows}
            fresh = [name for name in self._files if name not in known]
            self._refuse_foreign(fresh)
            self._lengths = {name: known.get(name, 0) for name in self._files}
            with self._ledger.begin() as connection:
                upsert(connection, OUTPUTS, [{"name": name, "bytes": 0} for name in fresh])
        for name, file in self._files.items():
            self._append(file, self._lengths[name], b"")

    def _refuse_foreign(self, names: Iterable[str]) -> None:
        """What the ledger does not know of is somebody's, and would be cut away as the rest of a block."""
        for file in (self._files[name] for name in names):
            if file.exists() and (file.stat().st_size or not file.is_file()):
                raise ConfigError(
                    f"{file} is there already, and no ledger beside the output says that svodka watch wrote it; "
                    f"name another file, or move it away"
                )

    def commit(self, handled: Sequence[Handled], marks: Sequence[Mark]) -> None:
        """See `Sink`."""
        results = [one.result for one in handled if not isinstance(one.result, Reject)]
        lines = (_lines(results), _lines(list(_reject_rows(handled))))
        lengths = {
            name: self._append(file, self._lengths[name], new)
            for (name, file), new in zip(self._files.items(), lines, strict=True)
        }  # fmt: skip
        with _told(self._url), self._ledger.begin() as connection:
            self._ledger.note(connection, handled, marks)
            upsert(connection, OUTPUTS, [{"name": name, "bytes": length} for name, length in lengths.items()])
        self._lengths = lengths

    def close(self) -> None:
        """See `Sink`."""
        self._ledger.close()
        self._lock.release()

    def _append(self, file: Path, length: int, lines: bytes) -> int:
        """Write `lines` after the first `length` bytes; the new length."""
        if not file.exists():
            # Moved away, as when logs are rotated: its results are somebody's by now.
            length = 0
            if not lines:
                return length
        with file.open("r+b" if file.exists() else "x+b") as opened:
            size = opened.seek(0, os.SEEK_END)
            if size < length or not _ends_line(opened, length):
                what = "results are gone from it" if size < length else "it is another file"
                raise DataError(
                    f"{file} has {size} bytes, but {length} were written: {what}. Put it back, or move it away whole "
                    f"to go on in a new one, or move the ledger away with it to do everything again"
                )
            opened.truncate(length)
            opened.seek(length)
            opened.write(lines)
            opened.flush()
            os.fsync(opened.fileno())
            return opened.tell()


def _ends_line(file: BinaryIO, length: int) -> bool:
    file.seek(max(0, length - 1))
    return not length or file.read(1) == b"\n"


def _lines(rows: Sequence[Any]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _reject_rows(handled: Sequence[Handled]) -> Iterator[dict[str, Any]]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    for one in handled:
        if isinstance(one.result, Reject):
            reject = one.result
            row = {"where": reject.where, "reason": reject.reason, "detail": reject.detail, "at": now}
            yield storable(row | ({"raw": one.arrival.raw} if one.arrival.raw else {}))


@contextmanager
def _told(url: URL) -> Iterator[None]:
    """Errors of the database as ours, without the password."""
    where = url.render_as_string(hide_password=True)
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise DatabaseDownError(f"cannot reach or write {where}: {str(error.orig).strip()}") from error
    except SQLAlchemyError as error:
        raise DataError(f"{where} refuses: {str(error).splitlines()[0]}") from error
