"""A folder that files arrive in: which of them are there, and which of them nobody writes any more."""

import os
import stat
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from svodka.inputs.pages import PAGE_SUFFIXES
from svodka.inputs.sources import kind_of
from svodka.watch.arrivals import key_of

LINE_SUFFIXES = (".jsonl", ".ndjson")

_OLD = 60.0  # seconds
_GROWING = 5  # settle times after which the whole lines of a file that still grows are read


@dataclass(frozen=True, slots=True)
class ArrivedFile:
    """A file to read.

    Attributes:
        signature: size, time of change and inode, as they were when it was found at rest.
        settled: False for a JSONL file that still grows, whose last line may be half written.
    """

    path: Path
    signature: str
    settled: bool = True

    @property
    def key(self) -> str:
        """Its name in the ledger."""
        return key_of("file", str(self.path))

    @property
    def has_lines(self) -> bool:
        """A file of one article a line, which may grow."""
        return self.path.suffix.lower() in LINE_SUFFIXES

    @property
    def kind(self) -> str:
        """How it is read, as `inputs.sources.kind_of` tells."""
        return str(kind_of(self.path.name))


@dataclass(slots=True)
class _Pending:
    signature: str
    since: float
    first: float


class Folder:
    """Pages and tables under a folder, handed out once they have come to rest.

    Hidden files and folders, links, and whatever is no regular file are left alone.

    Attributes:
        passed_over: names of files that nothing here reads, by suffix.
    """

    def __init__(
        self, root: Path, *, settle: float = 2.0,
        clock: Callable[[], float] = time.monotonic, now: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        """Look at nothing yet.

        Args:
            root: the folder.
            settle: seconds for which size and time of change must stay as they are.
            clock: seconds that only grow.
            now: the time by which files are dated.
        """
        self.root = root.resolve()
        self._settle, self._clock, self._now = settle, clock, now
        self._pending: dict[Path, _Pending] = {}
        self.passed_over: defaultdict[str, set[str]] = defaultdict(set)

    @property
    def waiting(self) -> bool:
        """Some files have been seen, and not handed out."""
        return bool(self._pending)

    def scan(self) -> None:
        """See everything that is there now.

        Raises:
            OSError: the folder itself cannot be read.
        """
        next(os.scandir(self.root), None)
        self.note([self.root])

    def note(self, paths: Iterable[Path]) -> None:
        """See some files, and what lies in some folders."""
        for path in paths:
            for found in self._files(path) if path.is_dir() and not path.is_symlink() else [path]:
                if self._is_wanted(found) and found not in self._pending:
                    self._pending[found] = _Pending("", self._clock(), self._clock())

    def ready(self, most: int) -> list[ArrivedFile]:
        """At most `most` files that have come to rest; each is handed out once for each time it was seen."""
        found: list[ArrivedFile] = []
        for path, pending in list(self._pending.items()):
            if len(found) == most:
                break
            current = signature(path)
            if current is None:
                del self._pending[path]
            elif self._at_rest(path, pending, current):
                del self._pending[path]
                found.append(ArrivedFile(path, current))
            elif self._grows(path, pending):
                pending.first = self._clock()
                found.append(ArrivedFile(path, current, settled=False))
        return found

    def name(self, path: Path) -> str:
        """A file's path within the folder; bytes of a file name that are no UTF-8 are written as \\xNN."""
        return shown(path.relative_to(self.root))

    def page_name(self, path: Path) -> str:
        """The id of a page: its path within the folder, with the suffix where another page there has the same stem."""
        # Asked for by name: to list a folder of a hundred thousand pages for each of them would take days.
        forms = (form for suffix in PAGE_SUFFIXES for form in (suffix, suffix.upper(), suffix.title()))
        others = map(path.with_suffix, forms)
        clash = any(one.is_file() and not (path.exists() and one.samefile(path)) for one in others)
        return self.name(path if clash else path.with_suffix(""))

    def _at_rest(self, path: Path, pending: _Pending, current: str) -> bool:
        now = self._clock()
        if pending.signature != current:
            pending.signature, pending.since = current, now
        # A file that was moved in, or lay there before, need not wait; but clocks of network disks may go wrong a bit.
        age = self._now() - int(current.split(":")[1]) / 1e9
        return now - pending.since >= self._settle or age >= max(self._settle, _OLD)

    def _grows(self, path: Path, pending: _Pending) -> bool:
        return path.suffix.lower() in LINE_SUFFIXES and self._clock() - pending.first >= _GROWING * self._settle

    def _is_wanted(self, path: Path) -> bool:
        inside = path.is_relative_to(self.root) and path != self.root
        hidden = inside and any(part.startswith(".") for part in path.relative_to(self.root).parts)
        if inside and not hidden and kind_of(path.name) is None and path.is_file():
            self.passed_over[path.suffix.lower() or "no suffix"].add(self.name(path))
        return inside and not hidden and kind_of(path.name) is not None

    def _files(self, folder: Path) -> Iterator[Path]:
        for parent, folders, names in os.walk(folder):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            yield from (Path(parent) / name for name in sorted(names))


def signature(path: Path) -> str | None:
    """What changes when a file's content does; None if there is no regular file."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return f"{found.st_size}:{found.st_mtime_ns}:{found.st_ino}" if stat.S_ISREG(found.st_mode) else None


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file for reading: no link, and no pipe that nobody writes, may have taken its place meanwhile.

    Raises:
        OSError: it is none, or cannot be opened.
    """
    flags = (getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
    number = os.open(path, os.O_RDONLY | sum(flags))
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise OSError(f"{path.name} is no regular file")
    return os.fdopen(number, "rb")


def shown(path: Path) -> str:
    """A path as text that can be stored and printed."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")
