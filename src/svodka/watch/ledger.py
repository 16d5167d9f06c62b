"""What has been done, in the same database as the results or beside them.

The ledger knows an arrival by its key and its digest, and a file or feed by the state in which it was last read to its
end. Whoever writes results does it in the transaction in which the ledger learns of them.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Column, Connection, Table, delete, insert, select
from sqlalchemy.engine import URL

from svodka.errors import DataError
from svodka.watch.arrivals import Counted, Handled, Mark
from svodka.watch.database import add_columns, open_engine, upsert
from svodka.watch.tables import FORMAT, LEDGER, LEDGER_FORMAT, LEDGER_TABLES, METADATA, SOURCES

_AT_ONCE = 500  # names in one question


class Ledger:
    """The ledger in one database."""

    def __init__(self, url: URL, also: Sequence[Table]) -> None:
        """Connect; tables and columns that are missing are made.

        Args:
            url: of a SQLite or PostgreSQL database.
            also: tables besides the ledger's own.

        Raises:
            DataError: the tables there are another version's.
        """
        self.engine = open_engine(url)
        METADATA.create_all(self.engine, tables=[*LEDGER_TABLES, *also])
        self._file = Path(str(url.database)) if self.engine.dialect.name == "sqlite" else None
        self._inode = self._present()
        with self.engine.begin() as connection:
            number = connection.scalar(select(FORMAT.c.number))
            if number is None:
                connection.execute(insert(FORMAT), {"number": LEDGER_FORMAT})
            elif number != LEDGER_FORMAT:
                raise DataError(
                    f"the tables in {url.render_as_string()} have format {number}, but this version of svodka reads "
                    f"{LEDGER_FORMAT}; use the version that made them, or another database"
                )
            add_columns(connection, also)

    def digests(self, keys: Iterable[str]) -> dict[str, str]:
        """Digests of those arrivals that have been handled, by key."""
        return self._lookup(LEDGER, LEDGER.c.digest, keys)

    def states(self, sources: Iterable[str]) -> dict[str, str]:
        """States of those files and feeds that have been read to their end, by key."""
        return self._lookup(SOURCES, SOURCES.c.state, sources)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction.

        Raises:
            DataError: the file of the database was taken away or replaced.
        """
        self._check_place()
        with self.engine.begin() as connection:
            yield connection

    def note(self, connection: Connection, handled: Sequence[Handled], marks: Sequence[Mark]) -> None:
        """Within a transaction: these have been handled, and these files and feeds read to their end."""
        arrivals = [one.arrival for one in handled]
        rows = [{"key": a.key, "digest": a.digest, "source": a.source, "nth": a.nth} for a in arrivals]
        upsert(connection, LEDGER, rows)
        now = datetime.now(UTC)
        upsert(
            connection, SOURCES, [{"key": m.source, "place": m.place, "state": m.state, "read_at": now} for m in marks]
        )
        for mark in marks:
            if mark.lines is not None:
                _forget_lines(connection, mark.source, mark.lines)

    def close(self) -> None:
        """Let go of the connections."""
        self.engine.dispose()

    def _lookup(self, table: Table, value: Column[str], keys: Iterable[str]) -> dict[str, str]:
        self._check_place()
        found: dict[str, str] = {}
        wanted = list(keys)
        with self.engine.connect() as connection:
            for start in range(0, len(wanted), _AT_ONCE):
                query = select(table.c.key, value).where(table.c.key.in_(wanted[start : start + _AT_ONCE]))
                found.update((row[0], row[1]) for row in connection.execute(query))
        return found

    def _present(self) -> tuple[int, int] | None:
        try:
            found = self._file.stat() if self._file else None
        except OSError:
            return None
        return (found.st_dev, found.st_ino) if found else None

    def _check_place(self) -> None:
        # SQLite would go on writing into a file that has no name any more.
        if self._present() != self._inode:
            raise DataError(
                f"{self._file} was taken away or replaced while svodka wrote to it; put it back and start again, or "
                f"start again to begin a new one"
            )


def _forget_lines(connection: Connection, source: str, lines: Counted) -> None:
    """Lines that their file no longer holds: if they come back one day, they are new."""
    query = select(LEDGER.c.key, LEDGER.c.digest, LEDGER.c.nth).where(LEDGER.c.source == source)
    query = query.execution_options(yield_per=_AT_ONCE)  # a driver may else hold all of them
    gone = [row.key for row in connection.execute(query) if row.nth >= lines.get(row.digest, 0)]
    for start in range(0, len(gone), _AT_ONCE):
        connection.execute(delete(LEDGER).where(LEDGER.c.key.in_(gone[start : start + _AT_ONCE])))
