"""What a run has done, on disk: results and rejects so far, and a journal that says how much of them is valid.

A block's bytes are appended and synced first, and only then the journal is replaced in one step. Whatever moment a
run dies at, the journal on disk names lengths that are on disk too; what lies beyond them is cut off by the next run.
"""

import errno
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any

from svodka.bulk.worker import Outcome
from svodka.errors import ConfigError, DataError, SvodkaError
from svodka.files import read_json, temporary_name, write_durably
from svodka.inputs.rows import encode_line

JOURNAL_FORMAT = 1


@dataclass(frozen=True, slots=True)
class WorkFiles:
    """Where a run keeps what it has done.

    Attributes:
        output: the finished results.
        rejects: the finished rejects.
    """

    output: Path
    rejects: Path

    @property
    def results_partial(self) -> Path:
        """Results so far, always JSON lines."""
        return _beside(self.output, ".partial")

    @property
    def rejects_partial(self) -> Path:
        """Rejects so far."""
        return _beside(self.rejects, ".partial")

    @property
    def journal(self) -> Path:
        """The journal; after the end, the record of the run."""
        return _beside(self.output, ".journal.json")

    @property
    def lock(self) -> Path:
        """Held while a run writes."""
        return _beside(self.output, ".lock")

    def by_name(self) -> dict[str, Path]:
        """Every file that a run writes, also for a while, by what it is called in a message."""
        named = {"--output": self.output, "--rejects": self.rejects}
        work = (self.results_partial, self.rejects_partial, self.journal, self.lock)
        passing = map(temporary_name, (self.output, self.journal))
        return named | {f"the work file {path.name}": path for path in (*work, *passing)}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come.

    Attributes:
        state: `running`; `finishing` once every row is done; `finished` once the output is in its place.
        rows: input rows done.
        results, rejected: what became of them.
        results_bytes, rejects_bytes: valid length of the two partial files.
        digest: sha256 over the digests of all blocks so far, hex.
    """

    state: str = "running"
    rows: int = 0
    results: int = 0
    rejected: int = 0
    results_bytes: int = 0
    rejects_bytes: int = 0
    digest: str = ""

    def after(self, outcome: Outcome) -> "Progress":
        """The progress with one block more, its bytes not counted."""
        return replace(
            self,
            rows=self.rows + outcome.rows,
            results=self.results + outcome.results,
            rejected=self.rejected + len(outcome.rejected),
            digest=chained(self.digest, outcome.digest),
        )


def chained(digest: str, block: bytes) -> str:
    """The digest of all blocks up to and with one, from that of those before it."""
    return hashlib.sha256(bytes.fromhex(digest) + block).hexdigest()


def read_progress(files: WorkFiles, identity: Mapping[str, Any]) -> Progress:
    """How far the run that lies there has come; the beginning if none does.

    Raises:
        ConfigError: it was another run, or the output is one that no run of this kind made.
        DataError: the journal is damaged, or a file is shorter than it says.
    """
    if not files.journal.exists():
        if files.output.exists():
            raise ConfigError(f"{files.output} is already there, without a journal; --overwrite replaces it")
        return Progress()
    try:
        told = read_json(files.journal)
        if told["format"] != JOURNAL_FORMAT:
            raise ConfigError(f"{files.journal}: format {told['format']}, but this version reads {JOURNAL_FORMAT}")
        progress, before = Progress(**told["progress"]), told["identity"]
    except (DataError, KeyError, TypeError) as error:
        raise DataError(f"{files.journal} is damaged: {error}; --overwrite starts afresh") from error
    if progress.state == "finished" and not files.output.exists():
        return Progress()
    _check_identity(before, identity, files)
    if progress.state == "running":
        _check_length(files.results_partial, progress.results_bytes)
        _check_length(files.rejects_partial, progress.rejects_bytes)
    return progress


def _check_length(path: Path, length: int) -> None:
    found = path.stat().st_size if path.exists() else 0
    if found < length:
        raise DataError(f"{path} has {found} bytes, but its journal says {length}; start afresh by --overwrite")


def _check_identity(before: Mapping[str, Any], now: Mapping[str, Any], files: WorkFiles) -> None:
    changed = [
        f"{name}: was {json.dumps(before.get(name), ensure_ascii=False)}, "
        f"now {json.dumps(now.get(name), ensure_ascii=False)}"
        for name in dict.fromkeys((*before, *now))
        if before.get(name) != now.get(name)
    ]
    if changed:
        raise ConfigError(
            f"{files.journal} belongs to another run; changed since:\n  " + "\n  ".join(changed) + "\nrun the command "
            "as it was, choose another --output, or start afresh by --overwrite"
        )


def discard(files: WorkFiles) -> None:
    """Forget the run that lies there; its finished output stays until a new one takes its place."""
    for path in (files.journal, files.results_partial, files.rejects_partial):
        path.unlink(missing_ok=True)


class Journal:
    """The open work files of a run that goes on; use it in a `with`."""

    def __init__(
        self, files: WorkFiles, identity: Mapping[str, Any], progress: Progress, *, sync_seconds: float = 1.0
    ) -> None:
        """Open the files and cut off what the journal does not know of.

        Args:
            files: where.
            identity: everything that decides the results, but for the rows themselves.
            progress: how far the run has come.
            sync_seconds: least time between two entries; 0 makes one for each block.

        Raises:
            SvodkaError: the disk is full, or fails.
        """
        self.files, self.progress = files, progress
        self._identity, self._sync_seconds, self._synced_at = dict(identity), sync_seconds, monotonic()
        with disk_errors(files):
            self._results = _Appended(files.results_partial, progress.results_bytes)
            self._rejects = _Appended(files.rejects_partial, progress.rejects_bytes)
        self.enter("running")

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._results.close()
        self._rejects.close()

    def add(self, outcome: Outcome) -> None:
        """Append a block's results and rejects.

        Raises:
            SvodkaError: the disk is full, or fails; what was entered before is safe.
        """
        rejects = [rejected.to_dict(self.progress.rows + i) for i, rejected in outcome.rejected]
        with disk_errors(self.files):
            self._results.append(outcome.lines)
            self._rejects.append(b"".join(map(encode_line, rejects)))
        self.progress = replace(
            self.progress.after(outcome), results_bytes=self._results.length, rejects_bytes=self._rejects.length
        )
        if monotonic() - self._synced_at >= self._sync_seconds:
            self.enter("running")

    def enter(self, state: str) -> None:
        """Make sure that everything so far outlives a kill and a loss of power, and enter it.

        Raises:
            SvodkaError: the disk is full, or fails.
        """
        with disk_errors(self.files):
            self._results.sync()
            self._rejects.sync()
            self.progress = replace(self.progress, state=state)
            write_progress(self.files, self._identity, self.progress)
        self._synced_at = monotonic()


def write_progress(files: WorkFiles, identity: Mapping[str, Any], progress: Progress) -> None:
    """Replace the journal."""
    body = {"format": JOURNAL_FORMAT, "identity": dict(identity), "progress": asdict(progress)}
    write_durably(files.journal, json.dumps(body, ensure_ascii=False, indent=1).encode("utf-8"))


class _Appended:
    """A file that grows at its end. Every byte goes to the system at once, so that no buffer can fail later."""

    def __init__(self, path: Path, length: int) -> None:
        self.length = length
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
        os.ftruncate(self._file, length)
        os.lseek(self._file, length, os.SEEK_SET)

    def append(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._file, rest) :]
        self.length += len(data)

    def sync(self) -> None:
        os.fsync(self._file)

    def close(self) -> None:
        os.close(self._file)


@contextmanager
def disk_errors(files: WorkFiles) -> Iterator[None]:
    """What the system says about a file of a run becomes an error that says how to go on."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise SvodkaError(
            f"cannot write beside {files.output}: {error.strerror}; "
            f"{'make room' if full else 'mend that'} and run the same command again: it goes on where it was"
        ) from error


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
