"""What `svodka annotate` is given, as a stream of sources: files of rows, groups of pages, standard input."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from svodka.config.data import ARTICLE_FIELDS
from svodka.errors import ConfigError, DataError
from svodka.inputs.pages import PAGE_SUFFIXES
from svodka.inputs.streams import COMPRESSIONS, filesystem, is_url, size

BLOCK_ROWS = 64
STDIN = "-"
KINDS = {
    ".jsonl": "lines", ".ndjson": "lines", ".json": "json", ".csv": "csv", ".tsv": "csv", ".parquet": "parquet",
    **dict.fromkeys(PAGE_SUFFIXES, "pages"), **dict.fromkeys((".xml", ".rss", ".atom"), "feed"), ".mbox": "mbox",
}  # fmt: skip
_COMPRESSED = ("lines", "json", "csv")
_MAGIC = "*?["


@dataclass(frozen=True, slots=True)
class Source:
    """What is read as one: a block of rows never holds rows of two sources.

    Attributes:
        kind: `lines`, `json`, `csv`, `parquet`, `pages`, `feed`, `mbox`, `rejects` or `stdin`.
        paths: one file, or of pages up to a block.
        names: of pages the id of each.
        text: the column that a table must have.
        block_rows: rows of a block.
    """

    kind: str
    paths: tuple[str, ...]
    text: str = "text"
    block_rows: int = BLOCK_ROWS
    names: tuple[str, ...] = ()


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
        """Look at every path before any work starts.

        Raises:
            ConfigError: nothing is given, a path that is not there or that cannot be read.
        """
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
        pages, text, size = list[_Found](), dict(self.fields).get("text", "text"), self.block_rows
        for found in self._files():
            kind = kind_of(found.path)
            if kind == "pages":
                pages.append(found)
            if pages and (len(pages) == size or kind != "pages"):
                yield _pages(pages, size)
                pages.clear()
            if kind != "pages":
                yield Source(str(kind), (found.path,), text, block_rows=size)
        if pages:
            yield _pages(pages, size)
        yield from (Source("rejects", (path,), block_rows=size) for path in self.rejects)

    def unread(self) -> str:
        """What the folders hold beside what is read, for people: `a.pdf and 2 more (.pdf, .docx)`; "" if nothing."""
        others = [name for path in self.paths if Path(path).is_dir() for name in _others(path)]
        kinds = ", ".join(
            kind for kind, _ in Counter(Path(name).suffix or "no suffix" for name in others).most_common(9)
        )
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        return f"{others[0]}{more} passed over ({kinds}); read are {', '.join(KINDS)}" if others else ""

    def local(self) -> list[Path]:
        """The files and folders that are read here."""
        return [Path(path) for path in (*self.paths, *self.rejects) if path != STDIN and not is_url(path)]

    def total(self) -> int | None:
        """Bytes of all files as they are stored; None where standard input is among them."""
        if STDIN in self.paths:
            return None
        return sum(size(found.path) for found in self._files()) + sum(map(size, self.rejects))

    def _files(self) -> Iterator["_Found"]:
        several = len(self.paths) > 1
        stems = Counter(Path(path).stem for path in self.paths if kind_of(path) == "pages")
        try:
            for path in self.paths:
                for found in [_Found(STDIN)] if path == STDIN else _files(path):
                    clash = stems[found.name] > 1 or (several and Path(path).is_dir())
                    yield _Found(found.path, found.path) if clash and found.name else found
        except OSError as error:
            raise DataError(f"cannot list the inputs: {error}") from error


def field_map(given: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The map of `Inputs.fields` from options as `text=body`.

    Raises:
        ConfigError: a field that no article has, or no column.
    """
    fields = tuple((name.partition("=")[0], name.partition("=")[2]) for name in given)
    for field, column in fields:
        if field not in ARTICLE_FIELDS or not column:
            raise ConfigError(f"--field {field}={column}: give FIELD=COLUMN, FIELD one of {', '.join(ARTICLE_FIELDS)}")
    return fields


class _Found(NamedTuple):
    """A file, and the id of the page in it."""

    path: str
    name: str = ""


def kind_of(path: str) -> str | None:
    """How a file is read, by its name: a kind of `Source`; None if it cannot be."""
    if path == STDIN:
        return "stdin"
    name = PurePosixPath(path)
    packed = name.suffix.lower() in COMPRESSIONS
    kind = KINDS.get(name.with_suffix("").suffix.lower() if packed else name.suffix.lower())
    return None if packed and kind not in _COMPRESSED else kind


def page_names(paths: Sequence[str], root: str) -> list[str]:
    """Ids of the pages of one folder: their path from `root` on, with the suffix where two have the same stem."""
    places = [PurePosixPath(path).relative_to(root) for path in paths]
    stems = Counter(place.with_suffix("") for place in places)
    return [str(place if stems[place.with_suffix("")] > 1 else place.with_suffix("")) for place in places]


def _pages(found: Sequence[_Found], size: int) -> Source:
    return Source("pages", tuple(f.path for f in found), block_rows=size, names=tuple(f.name for f in found))


def _files(path: str) -> Iterator[_Found]:
    if is_url(path):
        yield from map(_Found, remote := list(_remote_files(path)), [PurePosixPath(one).stem for one in remote])
    elif Path(path).is_dir():
        yield from _folder(path, path)
    elif not Path(path).is_file():
        raise ConfigError(f"no file or folder at {path}")
    elif kind_of(path) is None:
        raise ConfigError(f"{path}: cannot read '{Path(path).suffix}'; allowed: {_allowed()}")
    else:
        yield _Found(path, Path(path).stem)


def _folder(path: str, root: str) -> Iterator[_Found]:
    """Files of a folder; links lead out of it or round in it, and a pipe or device may never end: all left alone."""
    # One folder's names are held at a time on each level, not those of the whole tree.
    levels = [_entries(path, root)]
    while levels:
        entry, name = next(levels[-1], (None, ""))
        if entry is None:
            levels.pop()
        elif entry.is_dir(follow_symlinks=False):
            levels.append(_entries(entry.path, root))
        elif kind_of(entry.path) and entry.is_file(follow_symlinks=False):
            yield _Found(entry.path, name)


def _others(path: str) -> Iterator[str]:
    """Files under a folder that nothing here reads; hidden ones are nobody's articles."""
    for parent, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (
            os.path.relpath(os.path.join(parent, name), path)  # noqa: PTH118
            for name in sorted(names)
            if not name.startswith(".") and not kind_of(name)
        )


def _entries(path: str, root: str) -> "Iterator[tuple[os.DirEntry[str], str]]":
    """What lies in a folder, by name, and of pages the id."""
    with os.scandir(path) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    pages = [entry.path for entry in entries if kind_of(entry.path) == "pages"]
    names = dict(zip(pages, page_names(pages, root), strict=True))
    return iter([(entry, names.get(entry.path, "")) for entry in entries])


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
    if found == [inside] and kind_of(inside) is None:
        raise ConfigError(f"{url}: cannot read '{PurePosixPath(inside).suffix}'; allowed: {_allowed()}")
    yield from (str(files.unstrip_protocol(name)) for name in found if kind_of(name))


def _allowed() -> str:
    return f"{', '.join(KINDS)} ({' or '.join(COMPRESSIONS)} after a table's), a folder, a URL, or - for JSON lines"
