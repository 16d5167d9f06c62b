"""An editor's corrections: a JSON line each, appended so that none is lost."""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO

from filelock import FileLock
from pydantic import BaseModel, ConfigDict, Field

from svodka.errors import ConfigError, DataError
from svodka.files import check_file
from svodka.inputs.storable import storable
from svodka.text import normalise_tag

_MOST_TAGS = 200
_MOST_NAME = 200  # characters of a tag's name


class Correction(BaseModel):
    """What an editor says of an article's tags.

    Attributes:
        id: of the article.
        title, text: of the article, where they are known.
        model: whose tags were corrected.
        right: given tags that fit.
        wrong: given tags that do not.
        missing: tags that fit and were not given.
    """

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=2_000)
    title: str = Field("", max_length=10_000)
    text: str = Field("", max_length=2_000_000)
    model: str = Field("", max_length=2_000)
    right: list[str] = Field(default_factory=list, max_length=_MOST_TAGS)
    wrong: list[str] = Field(default_factory=list, max_length=_MOST_TAGS)
    missing: list[str] = Field(default_factory=list, max_length=_MOST_TAGS)

    def checked(self) -> dict[str, Any]:
        """As a row of the file.

        Raises:
            DataError: a name without a letter or a digit, or of more than 200 characters; a tag in two lists; no tag.
        """
        seen: dict[str, str] = {}
        for kind in ("right", "wrong", "missing"):
            for name in getattr(self, kind):
                _check_name(name, kind, seen)
        if not seen:
            raise DataError("a correction names no tag; keep, add or take away one at least")
        article = {key: value for key, value in self.model_dump().items() if value or isinstance(value, list)}
        return storable(article | {"at": datetime.now(UTC).isoformat(timespec="seconds")})  # type: ignore[no-any-return]


class Corrections:
    """A file of corrections. Of two of one article the later counts."""

    def __init__(self, path: Path) -> None:
        """Open a file, which is made with the first correction.

        Raises:
            ConfigError: it cannot be written, or holds something else.
        """
        self.path = check_file(path)
        self._lock, self._size = Lock(), 0
        self._rows: dict[str, dict[str, Any]] = {}
        self.by_article()

    def append(self, correction: Correction) -> dict[str, Any]:
        """Write a correction; when this returns, it outlives a loss of power.

        Raises:
            DataError: it says nothing, or contradicts itself.
        """
        row = correction.checked()
        line = json.dumps(row, ensure_ascii=False).encode("utf-8") + b"\n"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # Of several workers, too, each writes its line whole.
        with FileLock(f"{self.path}.lock"), self.path.open("a+b") as file:
            # A line that a crash cut off must not take this one with it.
            file.write(b"" if _ends_with_a_line(file) else b"\n")
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        return row

    def by_article(self) -> Mapping[str, Mapping[str, Any]]:
        """The last correction of each article, those of other processes included.

        Raises:
            ConfigError: the file holds something else.
        """
        with self._lock:
            size = self.path.stat().st_size if self.path.exists() else 0
            if size != self._size:
                self._rows = {str(row["id"]): row for row in self._read() if row.get("id")}
                self._size = size
            return self._rows

    def _read(self) -> list[dict[str, Any]]:
        lines = self.path.read_bytes().split(b"\n")
        found = [_row(line) for line in lines if line.strip()]
        if found and not any(found):
            raise ConfigError(f"{self.path} holds no corrections; name another file, or one that is not there yet")
        return [row for row in found if row]


def _check_name(name: str, kind: str, seen: dict[str, str]) -> None:
    plain = normalise_tag(name)
    if not any(character.isalnum() for character in plain) or len(name) > _MOST_NAME:
        raise DataError(f"tag {name[:60]!r} cannot be used; a name has a letter, and at most {_MOST_NAME} characters")
    if plain in seen:
        raise DataError(f"tag '{name}' is named twice, as {seen[plain]} and as {kind}; name it once")
    seen[plain] = kind


def _row(line: bytes) -> dict[str, Any] | None:
    """A line's correction; None for one that is broken."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) and {"right", "wrong", "missing"} & row.keys() else None


def _ends_with_a_line(file: BinaryIO) -> bool:
    end = file.seek(0, os.SEEK_END)
    if not end:
        return True
    file.seek(end - 1)
    return file.read(1) == b"\n"
