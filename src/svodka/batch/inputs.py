"""What `svodka annotate` is given, as a stream: pages, folders of pages, JSON lines, standard input."""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from svodka.annotator import checked
from svodka.article import Article
from svodka.data.pages import read_page
from svodka.data.reject import Reject
from svodka.errors import ConfigError, DataError
from svodka.labels import TagVocabulary

PAGES = (".txt", ".html", ".htm")
LINES = (".jsonl", ".ndjson")


def check_inputs(inputs: Iterable[str]) -> None:
    """Look at every path before any work starts.

    Raises:
        ConfigError: a path that is not there, or of a kind that cannot be read.
    """
    for name in inputs:
        path = Path(name)
        if name == "-" or path.is_dir():
            continue
        if not path.is_file():
            raise ConfigError(f"no file or folder at {name}")
        if path.suffix.lower() not in (*PAGES, *LINES):
            allowed = ", ".join((*PAGES, *LINES))
            raise ConfigError(f"{name}: cannot read '{path.suffix}'; allowed: {allowed}, a folder, or - for JSON lines")


def read_inputs(inputs: Iterable[str], labels: TagVocabulary) -> Iterator[Article | Reject]:
    """Every article of every input in order, cleaned; what cannot be read comes as a `Reject`.

    Args:
        inputs: paths, or `-` for JSON lines on standard input.
        labels: the vocabulary by which a page's line of tags is split.
    """
    for name in inputs:
        if name == "-":
            yield from _lines(sys.stdin, "stdin")
        elif Path(name).is_dir():
            pages = sorted(p for p in Path(name).rglob("*") if p.suffix.lower() in (*PAGES, *LINES))
            yield from read_inputs(map(str, pages), labels)
        elif Path(name).suffix.lower() in LINES:
            with Path(name).open(encoding="utf-8-sig", errors="surrogateescape") as file:
                yield from _lines(file, name)
        else:
            yield _page(Path(name), labels)


def _lines(file: TextIO, name: str) -> Iterator[Article | Reject]:
    for number, line in enumerate(file, 1):
        if line.strip():
            yield _row(line, f"{name}:{number}")


def _row(line: str, where: str) -> Article | Reject:
    try:
        # A byte that is no UTF-8 came in as a lone surrogate.
        line.encode("utf-8")
        return checked(Article.from_dict(json.loads(line)))
    except UnicodeEncodeError:
        return Reject("unreadable", where, "not UTF-8 text; save the file as UTF-8")
    except (ValueError, RecursionError) as error:
        return Reject("unreadable", where, f"not JSON: {error}")
    except DataError as error:
        return Reject("unusable", where, str(error))


def _page(path: Path, labels: TagVocabulary) -> Article | Reject:
    try:
        article = read_page(path, labels).article
        return checked(article)
    except DataError as error:
        return Reject("unusable", str(path), str(error))
