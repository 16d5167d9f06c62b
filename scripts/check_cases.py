#!/usr/bin/env python3
"""Whether a folder of cases, files with what must come out of them, is read right: a table of right and wrong.

    scripts/check_cases.py FOLDER --bundle models/svodka [--only 03 06]

Each folder in FOLDER is a kind of case: files, and `expected.jsonl` with an object a line about one of them:

- `file`: a file or folder beside it. `how` it is read: `annotate`, as the command does; `watch`, put into a watched
  folder, or served as a feed with the media type `content_type`; `prepare`, as a corpus with `split`.
- `must_contain`, `must_not_contain`: texts that the results as JSON have and have not; `must_match` and
  `must_not_match`: the same with regular expressions. What was read counts as well as what was chosen for a summary.
- `rejected`: true if nothing may come out, unless it has all of `or_contain`; false if nothing may be refused.
- `rows`: how many results; `unique`: their ids differ; `balanced`: every « has its »; `max_words`: of a summary;
  `same_tags_as`: another file of which four fifths of the tags are kept.
"""

import argparse
import json
import os
import re
import shutil
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from svodka.annotator import Annotator
from svodka.article import Annotation, Article
from svodka.config.data import DataConfig
from svodka.data.prepare import prepare
from svodka.data.store import PreparedData
from svodka.errors import SvodkaError
from svodka.inputs.reading import read
from svodka.inputs.reject import Reject
from svodka.watch.fetch import feed_address
from svodka.watch.options import WatchOptions
from svodka.watch.sinks import LinesSink
from svodka.watch.watcher import Watch

_LEAST_TAGS = 0.8
_LONG_AGO = 1_700_000_000  # seconds; a file that has just arrived may still be written
Case = Mapping[str, Any]


@dataclass
class Found:
    """What came of a case: annotations as their JSON, why others were refused, and the articles as they were read."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    read: str = ""

    def text(self, *but: str) -> str:
        """The rows as JSON without some of their keys."""
        kept = ({key: value for key, value in row.items() if key not in but} for row in self.rows)
        return "\n".join(json.dumps(row, ensure_ascii=False) for row in kept)


class Reader:
    """Reads cases with one model."""

    def __init__(self, annotator: Annotator) -> None:
        """Take the model."""
        self._annotator = annotator
        self._known: dict[Path, Found] = {}

    def annotated(self, path: Path) -> Found:
        """What `svodka annotate` makes of a file."""
        if path not in self._known:
            items = list(read(path, labels=self._annotator.bundle.labels))
            articles = [item for item in items if isinstance(item, Article)]
            self._known[path] = Found(
                [one.to_dict() for one in self._annotator(articles)],
                [f"{item.where}: {item.reason}: {item.detail}" for item in items if isinstance(item, Reject)],
                "\n".join(f"{article.title}\n{article.text}" for article in articles),
            )
        return self._known[path]

    def watched(self, path: Path, content_type: str | None) -> Found:
        """What `svodka watch --once` makes of a file or a feed."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "in"
            folder.mkdir()
            if content_type:
                with served(path.read_bytes(), content_type) as address:
                    options = WatchOptions(feeds=[feed_address(address)], hosts=["127.0.0.1"])
                    return self._watch(options, Path(name))
            (shutil.copytree if path.is_dir() else shutil.copy)(path, folder / path.name)
            for one in folder.rglob("*"):
                os.utime(one, (_LONG_AGO, _LONG_AGO))
            return self._watch(WatchOptions(folder, settle=0.0), Path(name))

    def _watch(self, options: WatchOptions, folder: Path) -> Found:
        said, articles = list[str](), list[Article]()

        def annotate(given: Sequence[Article]) -> Iterator[Annotation]:
            articles.extend(given)
            return self._annotator.stream(given)

        results, rejects = folder / "results.jsonl", folder / "rejects.jsonl"
        sink = LinesSink(results, rejects=rejects)
        try:
            labels = self._annotator.bundle.labels
            Watch(
                options, sink, annotate=annotate, labels=labels, say=said.append, stop=threading.Event()
            ).run_once()  # fmt: skip
        finally:
            sink.close()
        # A row that was read again replaces the one before it.
        rows = {row["id"]: row for row in map(json.loads, lines(results))}
        read = "\n".join(f"{article.title}\n{article.text}" for article in articles)
        return Found(list(rows.values()), lines(rejects) + said, read)


def lines(path: Path) -> list[str]:
    """The lines of a file; none if nothing was written."""
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


class served:  # noqa: N801 - a context, as in contextlib
    """An address on this machine at which a document is served."""

    def __init__(self, document: bytes, content_type: str) -> None:
        """Serve nothing yet."""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(document)))
                self.end_headers()
                self.wfile.write(document)

            def log_message(self, *_: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> str:
        """The address."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_port}/feed.xml"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def prepared(path: Path, split: Any) -> Found:
    """What `svodka prepare` keeps of a file, and what it tells."""
    with tempfile.TemporaryDirectory() as name:
        source = {"kind": path.suffix.removeprefix("."), "path": str(path)}
        config = {"source": source, "output": f"{name}/p", "filter": {"min_words": 1}}
        given = DataConfig.model_validate(config | {"split": split or {"validation": 4, "test": 4}})
        told = json.dumps(prepare(given).to_dict(), ensure_ascii=False)
        data = PreparedData.open(Path(name) / "p")
        kept = [asdict(article) for part in ("train", "validation", "test") for article in data.articles(part)]
    return Found([*kept, {"manifest": told.replace('\\"', '"'), "kept": f"kept {len(kept)}"}])


def found_in(reader: Reader, folder: Path, case: Case) -> Found:
    """What comes of a case; an error of the whole run refuses it."""
    path = folder / case["file"]
    try:
        if case["how"] == "prepare":
            return prepared(path, case.get("split"))
        return reader.annotated(path) if case["how"] == "annotate" else reader.watched(path, case.get("content_type"))
    except SvodkaError as error:
        return Found(refused=[str(error)])


def faults(found: Found, case: Case) -> list[str]:
    """What is not as the case has it."""
    # Of a file without an id of its own its name is the id.
    text, unnamed = found.text("input"), found.text("input", "id")
    told = "\n".join([text, *found.refused])
    banned = [one for item in case["must_not_contain"] for one in ([item] if isinstance(item, str) else item)]
    wrong = [f"lacks {one!r}" for one in case["must_contain"] if one not in text and one not in found.read]
    wrong += [f"has {one!r}" for one in banned if one in unnamed]
    wrong += [f"no match of {one!r}" for one in case.get("must_match") or [] if not re.search(one, told)]
    wrong += [f"a match of {one!r}" for one in case.get("must_not_match") or [] if re.search(one, unnamed)]
    allowed = bool(case.get("or_contain")) and all(one in text for one in case.get("or_contain") or [])
    if case.get("rejected") is True and found.rows and not allowed:
        wrong.append(f"{len(found.rows)} results, though it is to be refused")
    if case.get("rejected") is False and found.refused:
        wrong.append(f"refused: {found.refused[0]}")
    return wrong + faults_of_rows(found.rows, case)


def faults_of_rows(rows: Sequence[Mapping[str, Any]], case: Case) -> list[str]:
    """What is wrong with the number of results, their ids and summaries."""
    summaries = [(row.get("summary") or {}).get("text", "") for row in rows if isinstance(row.get("summary"), dict)]
    ids = [row.get("id") for row in rows]
    most = max((len(summary.split()) for summary in summaries), default=0)
    checks = {
        f"{len(rows)} results": len(rows) != case.get("rows", len(rows)),
        f"ids {ids}": bool(case.get("unique")) and (len(set(ids)) < len(ids) or not all(ids)),
        "a quotation is left open": bool(case.get("balanced")) and any(x.count("«") != x.count("»") for x in summaries),
        f"a summary of {most} words": most > case.get("max_words", most),
    }
    return [fault for fault, is_so in checks.items() if is_so]


def lost_tags(found: Found, other: Found) -> list[str]:
    """Whether more than a fifth of the tags of another file are not there."""
    one, two = ([(i, tag["name"]) for i, row in enumerate(x.rows) for tag in row["tags"]] for x in (other, found))
    kept = len(set(one) & set(two))
    return [f"{kept} of {len(one)} tags"] if kept < _LEAST_TAGS * len(one) else []


def main() -> int:
    """Read the command line, print the table and each fault; the exit code, 1 if there is a fault."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--bundle", default="models/svodka")
    parser.add_argument("--only", nargs="*", default=[""], help="how the names of the folders begin")
    given = parser.parse_args()
    reader, total = Reader(Annotator.load(given.bundle)), Counter[bool]()
    for folder in sorted(path.parent for path in given.folder.glob("*/expected.jsonl")):
        if not folder.name.startswith(tuple(given.only)):
            continue
        right = Counter[bool]()
        for case in map(json.loads, (folder / "expected.jsonl").read_text(encoding="utf-8").splitlines()):
            found = found_in(reader, folder, case)
            wrong = faults(found, case)
            if not wrong and "same_tags_as" in case:
                wrong = lost_tags(found, reader.annotated(folder / case["same_tags_as"]))
            right[not wrong] += 1
            if wrong:
                print(f"  {folder.name}/{case['file']} ({case['how']}): {'; '.join(wrong)[:500]}", flush=True)
        total += right
        print(f"{folder.name}: {right[True]} right, {right[False]} wrong", flush=True)
    print(f"all: {total[True]} right, {total[False]} wrong")
    return int(total[False] > 0)


if __name__ == "__main__":
    sys.exit(main())
