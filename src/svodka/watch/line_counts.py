"""How often each line of a file stands in it, kept on disk: a file may have more lines than memory holds."""

import errno
import sqlite3
import weakref


class LineCounts:
    """Lines counted by their digests, in a nameless file of SQLite's own that goes with this object."""

    def __init__(self) -> None:
        # Whichever thread lets go of it last, closes it.
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self._database.close)
        self._database.execute("PRAGMA journal_mode=OFF")  # nothing of it is ever taken back
        self._database.execute("CREATE TABLE lines (digest TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID")
        self._database.execute("BEGIN")  # one that never ends: nothing need outlive this object

    def add(self, digest: str) -> int:
        """Count a line; how many equal ones came before it.

        Raises:
            OSError: no room for temporary files.
        """
        before = self.get(digest, 0)
        try:
            self._database.execute("INSERT OR REPLACE INTO lines VALUES (?, ?)", (digest, before + 1))
        except sqlite3.Error as error:
            raise OSError(errno.ENOSPC, f"its lines cannot be counted in a temporary file: {error}") from error
        return before

    def get(self, digest: str, default: int, /) -> int:
        """How many lines with this digest there are, `default` if there are none."""
        found = self._database.execute("SELECT n FROM lines WHERE digest = ?", (digest,)).fetchone()
        return int(found[0]) if found else default
