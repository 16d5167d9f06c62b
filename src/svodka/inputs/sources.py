"""What `svodka annotate` is given, as a stream of sources: files of rows, groups of pages, standard input."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from svodka.config.data import ARTICLE_FIELDS
from svodka.errors import ConfigError, DataError
from svodka.inputs.pages import PAGE_SUFFIXES
from svodka.inputs.streams import COMPRESSIONS, filesystem, is_url, size

BLOCK_ROWS = 64
STDIN = "-"
KINDS = {
    ".jsonl": "lines", ".ndjson": "lines", ".csv": "csv", ".tsv": "csv", ".parquet": "parquet",
    **dict.fromkeys(PAGE_SUFFIXES, "pages"),
}  # fmt: skip
_COMPRESSED = ("lines", "csv")
_MAGIC = "*?["


@dataclass(frozen=True, slots=True)
class Source:
    """What is read as one: a block of rows never holds rows of two sources.

    Attributes:
        kind: `lines`, `csv`, `parquet`, `pages`, `rejects` or `stdin`.
        paths: one file, or of pages up to a block.
        text: the column that a table must have.
        block_rows: rows of a block.
    """

    kind: str
    paths: tuple[str, ...]
    text: str = "text"
    block_rows: int = BLOCK_ROWS


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything one run reads.

    Attributes:
        paths: files, folders, URLs that fsspec reads (with `*`), or `-` for JSON lines on standard input.
        rejects: reject files whose rows are put through again, after `paths`.
        fields: field of an article, column that holds it, where a table's names differ.
        block_rows: rows that are annotated together and written at once.
    """

    paths: tuple[str, ...]
    rejects: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    block_rows: int = BLOCK_ROWS

    def check(self) -> None:
        """Look at every path and field before any work starts.

        Raises:
            ConfigError: a field that no article has, nothing is given, a path that is not there or that cannot be read.
        """
        for field, column in self.fields:
            if field not in ARTICLE_FIELDS or not column:
                raise ConfigError(
                    f"--field {field}={column}: give FIELD=COLUMN, FIELD one of {', '.join(ARTICLE_FIELDS)}"
                )
        if not self.paths and not self.rejects:
            raise ConfigError("nothing to annotate: name files, folders, URLs, - for JSON lines, or --retry REJECTS")
        if self.paths.count(STDIN) > 1:
            raise ConfigError("standard input is named twice; it can be read only once")
        for path in self.rejects:
            if not Path(path).is_file():
                raise ConfigError(f"no reject file at {path}")
        for path in self.paths:
            if path != STDIN and next(_files(path), None) is None:
                raise ConfigError(f"{path} holds nothing that can be read; allowed: {_allowed()}")

    def sources(self) -> Iterator[Source]:
        """The sources in order; a folder's files by name, each folder within it at its place.

        Raises:
            DataError: a folder or a store that cannot be listed.
        """
        pages, text, size = list[str](), dict(self.fields).get("text", "text"), self.block_rows
        for path in self._files():
            if _kind(path) == "pages":
                pages.append(path)
            if pages and (len(pages) == size or _kind(path) != "pages"):
                yield Source("pages", tuple(pages), block_rows=size)
                pages.clear()
            if _kind(path) != "pages":
                yield Source(str(_kind(path)), (path,), text, block_rows=size)
        if pages:
            yield Source("pages", tuple(pages), block_rows=size)
        yield from (Source("rejects", (path,), block_rows=size) for path in self.rejects)

    def local(self) -> list[Path]:
        """The files and folders that are read here."""
        return [Path(path) for path in (*self.paths, *self.rejects) if path != STDIN and not is_url(path)]

    def total(self) -> int | None:
        """Bytes of all files as they are stored; None where standard input is among them."""
        if STDIN in self.paths:
            return None
        return sum(map(size, self._files())) + sum(map(size, self.rejects))

    def _files(self) -> Iterator[str]:
        try:
            for path in self.paths:
                yield from [STDIN] if path == STDIN else _files(path)
        except OSError as error:
            raise DataError(f"cannot list the inputs: {error}") from error


def _files(path: str) -> Iterator[str]:
    if is_url(path):
        yield from _remote_files(path)
    elif Path(path).is_dir():
        yield from _folder(path)
    elif not Path(path).is_file():
        raise ConfigError(f"no file or folder at {path}")
    elif _kind(path) is None:
        raise ConfigError(f"{path}: cannot read '{Path(path).suffix}'; allowed: {_allowed()}")
    else:
        yield path


def _folder(path: str) -> Iterator[str]:
    """Files of a folder; links lead out of it or round in it, and a pipe or device may never end: all left alone."""
    # One folder's names are held at a time on each level, not those of the whole tree.
    levels = [_entries(path)]
    while levels:
        entry = next(levels[-1], None)
        if entry is None:
            levels.pop()
        elif entry.is_dir(follow_symlinks=False):
            levels.append(_entries(entry.path))
        elif _kind(entry.path) and entry.is_file(follow_symlinks=False):
            yield entry.path


def _entries(path: str) -> "Iterator[os.DirEntry[str]]":
    with os.scandir(path) as entries:
        return iter(sorted(entries, key=lambda entry: entry.name))


def _remote_files(url: str) -> Iterator[str]:
    files, inside = filesystem(url)
    try:
        if any(mark in inside for mark in _MAGIC):
            found = sorted(files.glob(inside))
        elif files.isfile(inside):
            found = [inside]
        else:
            found = sorted(files.find(inside))
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot look at {url}: {error}") from error
    if not found:
        raise ConfigError(f"no file or folder at {url}")
    if found == [inside] and _kind(inside) is None:
        raise ConfigError(f"{url}: cannot read '{PurePosixPath(inside).suffix}'; allowed: {_allowed()}")
    yield from (str(files.unstrip_protocol(name)) for name in found if _kind(name))


def _kind(path: str) -> str | None:
    """How a file is read, by its name; None if it cannot be."""
    if path == STDIN:
        return "stdin"
    name = PurePosixPath(path)
    packed = name.suffix.lower() in COMPRESSIONS
    kind = KINDS.get(name.with_suffix("").suffix.lower() if packed else name.suffix.lower())
    return None if packed and kind not in _COMPRESSED else kind


def _allowed() -> str:
    return f"{', '.join(KINDS)} ({' or '.join(COMPRESSIONS)} after a table's), a folder, a URL, or - for JSON lines"
