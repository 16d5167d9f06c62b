"""Files and folders written whole or not at all."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

from svodka.errors import ConfigError, DataError


@contextmanager
def written_beside(target: Path) -> Iterator[Path]:
    """A new folder beside `target` that takes its place if the block ends well, and vanishes if not."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh, old = (target.with_name(f".{target.name}.{uuid4().hex[:8]}.{kind}") for kind in ("new", "old"))
    fresh.mkdir()
    try:
        yield fresh
        if target.exists():
            target.replace(old)
        fresh.replace(target)
    except BaseException:
        # The older folder must not be lost with the new one.
        if old.exists() and not target.exists():
            old.replace(target)
        raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def check_absent(target: Path) -> None:
    """Look whether an output may be written without replacing anything.

    Raises:
        ConfigError: `target` is there already.
    """
    if target.exists():
        raise ConfigError(f"{target} is there already; name another --output, or remove it")


def write_text(path: Path, text: str) -> None:
    """Write a text file beside `path` and rename it into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{uuid4().hex[:8]}.new")
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def write_durably(path: Path, data: bytes) -> None:
    """Write a file beside `path` and rename it into place; when this returns, it outlives a loss of power."""
    with synced(path) as file:
        file.write(data)


@contextmanager
def synced(path: Path) -> Iterator[BinaryIO]:
    """A file beside `path`, renamed into place if the block ends well; it then outlives a loss of power."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        with fresh.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        replace_durably(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


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


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        DataError: no such file, no JSON, or no object.
    """
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
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
    except (OSError, ValueError) as error:
        raise DataError(f"cannot read {path}: {error}") from error
    if not all(isinstance(row, dict) for row in rows):
        raise DataError(f"{path} must hold a JSON object a line")
    return rows


def sha256(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
