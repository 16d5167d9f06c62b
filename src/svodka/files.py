"""Files and folders written whole or not at all."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

from svodka.errors import ConfigError, DataError
from svodka.exchange import exchanged


@contextmanager
def written_beside(target: Path) -> Iterator[Path]:
    """A new folder that takes the place of `target` if the block ends well, and vanishes if not.

    A link to a folder stays, and the folder that it names is replaced. A mount point and the working folder cannot be
    renamed: what they hold is replaced, one entry after the other.

    Raises:
        ConfigError: a folder cannot be written there, see `check_folder`.
    """
    target = check_folder(target)
    inside = _stays(target)
    home = target if inside else target.parent
    home.mkdir(parents=True, exist_ok=True)
    fresh, old = (home / f".{target.name}.{uuid4().hex[:8]}.{kind}" for kind in ("new", "old"))
    fresh.mkdir()
    try:
        yield fresh
        if inside:
            _swap_entries(target, fresh, old)
        else:
            _swap(target, fresh, old)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _swap(target: Path, fresh: Path, old: Path) -> None:
    """Put `fresh` in the place of `target`; if that fails, the older one is back in its place."""
    if target.exists() and exchanged(fresh, target):
        return
    try:
        if target.exists():
            target.replace(old)
        fresh.replace(target)
    except BaseException:
        if old.exists() and not target.exists():
            old.replace(target)
        raise


def _swap_entries(target: Path, fresh: Path, old: Path) -> None:
    """Put what `fresh` holds into `target`, whose own entries go into `old`; if that fails, they are put back."""
    old.mkdir()
    before = [path for path in target.iterdir() if path not in (fresh, old)]
    try:
        for source, goal in ((before, old), (list(fresh.iterdir()), target)):
            for path in source:
                path.replace(goal / path.name)
    except BaseException:
        for path in before:
            if (old / path.name).exists():
                _remove(path)
                (old / path.name).replace(path)
        raise


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _stays(folder: Path) -> bool:
    """A folder that cannot be renamed, or whose renaming would pull the ground from under this process."""
    return folder.is_dir() and (os.path.ismount(folder) or Path.cwd().is_relative_to(folder))


def check_folder(target: Path) -> Path:
    """Look whether a folder can be written, before any work is done for it.

    Returns:
        The folder itself, where `target` is a link.

    Raises:
        ConfigError: a file lies there, or it cannot be made or written.
    """
    found = _resolved(target)
    if found.exists() and not found.is_dir():
        raise ConfigError(f"{target} is a file; name another folder, or remove it")
    if found == found.parent:
        raise ConfigError(f"{target} is the root of the disk; name a folder in it")
    _check_writable(found if _stays(found) else found.parent, target)
    return found


def check_file(target: Path) -> Path:
    """Look whether a file can be written, before any work is done for it.

    Returns:
        The file itself, where `target` is a link.

    Raises:
        ConfigError: a folder lies there, or it cannot be made or written.
    """
    found = _resolved(target)
    if found.is_dir():
        raise ConfigError(f"{target} is a folder; name a file in it")
    if not _is_written_in_place(found):
        _check_writable(found.parent, target)
    return found


def _resolved(target: Path) -> Path:
    try:
        return target.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise ConfigError(f"{str(target)!r} cannot be written: {error}; name another place") from error


def _check_writable(folder: Path, target: Path) -> None:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir():
        raise ConfigError(f"{target} cannot be written: {there} is a file; name another place")
    if not os.access(there, os.W_OK | os.X_OK):
        raise ConfigError(f"{target} cannot be written: no right to write in {there}; name another place")


def check_absent(target: Path) -> None:
    """Look whether an output can be written without replacing anything.

    Raises:
        ConfigError: `target` is there already, or a folder cannot be written there.
    """
    if target.exists():
        raise ConfigError(f"{target} is there already; name another --output, or remove it")
    check_folder(target)


def check_apart(written: Mapping[str, Path], read: Iterable[Path]) -> None:
    """Look whether every file that is to be written is one of its own, and none of those that are read.

    Args:
        written: file by what it is called in a message, as `--output`.
        read: files, and folders of which every file is read.

    Raises:
        ConfigError: two of `written` are one file, or one is read or lies in a folder that is.
    """
    names = list(written)
    for i, name in enumerate(names):
        path = written[name]
        for other in names[:i]:
            if _is_same(path, written[other]):
                raise ConfigError(f"{other} and {name} are both {path}; give each a file of its own")
        for source in read:
            if _is_same(path, source):
                raise ConfigError(f"{name} {path} is the input {source} and would replace it; name another file")
            if source.is_dir() and path.resolve().is_relative_to(source.resolve()):
                raise ConfigError(
                    f"{name} {path} lies in the input {source} and would be read as one; put it elsewhere"
                )


def _is_same(one: Path, other: Path) -> bool:
    # Two names may also be hard links, or differ in letters that the disk takes for the same.
    return one.resolve() == other.resolve() or (one.exists() and other.exists() and one.samefile(other))


def linked(path: Path) -> Path:
    """The file itself, where `path` is a link; else `path` as it is."""
    return _resolved(path) if path.is_symlink() else path


def temporary_name(path: Path, part: str = "") -> Path:
    """What is written before it is renamed to `path`."""
    return path.with_name(f".{path.name}{part}.new")


def write_text(path: Path, text: str) -> None:
    """Write a text file beside `path` and rename it into place; a link to a file stays, and its file is replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _replaced(path, f".{uuid4().hex[:8]}") as file:
        file.write(text.encode("utf-8"))


def write_durably(path: Path, data: bytes) -> None:
    """Write a file beside `path` and rename it into place; when this returns, it outlives a loss of power."""
    with synced(path) as file:
        file.write(data)


@contextmanager
def synced(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of `path` if the block ends well; it then outlives a loss of power."""
    with _replaced(path, "", durable=True) as file:
        yield file


@contextmanager
def _replaced(path: Path, part: str, *, durable: bool = False) -> Iterator[BinaryIO]:
    target = _resolved(path)
    if _is_written_in_place(target):
        with target.open("wb") as file:
            yield file
        return
    fresh = temporary_name(target, part)
    try:
        with fresh.open("wb") as file:
            yield file
            file.flush()
            if durable:
                os.fsync(file.fileno())
        replace_durably(fresh, target) if durable else fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)


def _is_written_in_place(path: Path) -> bool:
    """A pipe, a device, or a file that is mounted: nothing can take its place."""
    return path.exists() and (not path.is_file() or os.path.ismount(path))


def replace_durably(source: Path, target: Path) -> None:
    """Rename a file within its folder; when this returns, the new name outlives a loss of power."""
    source.replace(target)
    # Windows opens no folder as a file, and needs no such call.
    if os.name == "posix":
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def write_json(path: Path, body: Mapping[str, Any]) -> None:
    """Write a JSON object beside `path` and rename it into place."""
    write_text(path, json.dumps(body, ensure_ascii=False, indent=1) + "\n")


def is_lfs_pointer(path: Path) -> bool:
    """Whether a file is what Git LFS leaves in the place of one that it has not fetched."""
    return path.stat().st_size < _POINTER_SIZE and path.read_bytes().startswith(b"version https://git-lfs")


_POINTER_SIZE = 1024  # bytes that a pointer has at most


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        DataError: no such file, no JSON, or no object.
    """
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"cannot read {path}: {error}") from error
    if not isinstance(body, dict):
        raise DataError(f"{path} must hold a JSON object, got {type(body).__name__}")
    return body


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Read JSON objects, one a line.

    Raises:
        DataError: no such file, or a line that is no JSON object.
    """
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"cannot read {path}: {error}") from error
    if not all(isinstance(row, dict) for row in rows):
        raise DataError(f"{path} must hold a JSON object a line")
    return rows


def sha256(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
