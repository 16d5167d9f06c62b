#!/usr/bin/env python3
"""Very many short articles through `svodka annotate` and `svodka watch`: is any lost, does memory grow?

    scripts/bulk_load.py rows --n 1000000 --kills 20   # a table; killed on the way, the bytes must be the same
    scripts/bulk_load.py files --n 100000              # a folder of pages
    scripts/bulk_load.py feed --n 10000                # one feed, asked twice
    scripts/bulk_load.py database --n 1000000          # a table that arrives, into SQLite

The articles are two sentences of benchmark_batch.py. Without --bundle a tiny model is made first. Exit code 1 if an
article is lost or twice there, if a byte differs, or if memory grows by more than --growth from the first 50,000 rows
on. It needs Linux.
"""

import argparse
import filecmp
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from xml.sax.saxutils import escape

from benchmark_batch import tiny_bundle, write_rows
from server import resident

_LOOK = 0.01  # seconds between two looks at a run
_STEADY_ROWS = 50_000  # after which memory must not grow; of a shorter run half of its rows


@dataclass
class Load:
    """What is given to the commands.

    Attributes:
        folder: for all files.
        bundle: the model.
        n: articles.
        kills: how often a run over rows is killed.
        chance: when.
    """

    folder: Path
    bundle: str
    n: int
    kills: int
    chance: random.Random

    def run(self, *arguments: object) -> "subprocess.Popen[str]":
        """Start a command on this machine's CPU."""
        command = [sys.executable, "-m", "svodka", *map(str, arguments), "--bundle", self.bundle, "--device", "cpu"]
        log = (self.folder / "log").open("a", encoding="utf-8")
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log, text=True)


@dataclass
class Memory:
    """Largest resident memory of a run in MiB, up to a number of rows and behind it."""

    before: float = 0.0
    after: float = 0.0

    @property
    def growth(self) -> float:
        """Share by which it grew."""
        return self.after / self.before - 1 if self.before and self.after else 0.0


def rows(load: Load) -> tuple[float, str]:
    """A table, without and with kills."""
    source, whole, killed = (load.folder / name for name in ("rows.jsonl", "whole.jsonl", "killed.jsonl"))
    write_rows(source, load.n, most=1)
    memory = followed(load, load.run("annotate", source, "--output", whole), lambda: done_rows(whole))
    kills = 0
    for share in sorted(load.chance.random() for _ in range(load.kills)):
        kills += kill_at(load.run("annotate", source, "--output", killed), killed, int(share * whole.stat().st_size))
    followed(load, load.run("annotate", source, "--output", killed), lambda: 0)
    check_same(whole, killed, kills)
    check(load, count_lines(whole) + count_lines(rejects_of(whole)))
    return memory.growth, f"{kills} kills, the same bytes; {told(memory)}"


def files(load: Load) -> tuple[float, str]:
    """A folder of pages."""
    pages, output = load.folder / "pages", load.folder / "pages.jsonl"
    pages.mkdir()
    for number, (title, text) in enumerate(articles(load)):
        (pages / f"{number:06}.txt").write_text(f"{title}\n\n{text}\n", encoding="utf-8")
    memory = followed(load, load.run("annotate", pages, "--output", output), lambda: done_rows(output))
    check(load, len({json.loads(line)["id"] for line in output.open(encoding="utf-8")}))
    return memory.growth, told(memory)


def feed(load: Load) -> tuple[float, str]:
    """A feed of so many entries: each is annotated once, though it is asked for twice."""
    items = "".join(
        f"<item><title>{escape(title)}</title><guid>urn:n:{number}</guid><description>{escape(text)}</description></item>"
        for number, (title, text) in enumerate(articles(load))
    )
    document = f'<rss version="2.0"><channel><title>Вести</title>{items}</channel></rss>'.encode()
    database = load.folder / "feed.db"
    with offered(document) as address:
        arguments = ("--feed", address, "--allow-host", "127.0.0.1", "--once", "--database", database)
        memory = followed(load, load.run("watch", *arguments), lambda: count_articles(database))
        check(load, count_articles(database))
        followed(load, load.run("watch", *arguments), lambda: 0)
        check(load, count_articles(database))
    return memory.growth, f"{len(document) / 2**20:.1f} MiB; {told(memory)}"


def database(load: Load) -> tuple[float, str]:
    """A table that arrives in a folder, into SQLite."""
    arriving, kept = load.folder / "in", load.folder / "news.db"
    arriving.mkdir()
    write_rows(arriving / "rows.jsonl", load.n, most=1)
    process = load.run("watch", arriving, "--once", "--settle", 0, "--database", kept)
    memory = followed(load, process, lambda: count_articles(kept))
    check(load, count_articles(kept) + count_articles(kept, "svodka_rejects"))
    return memory.growth, told(memory)


KINDS: dict[str, Callable[[Load], tuple[float, str]]] = {
    "rows": rows,
    "files": files,
    "feed": feed,
    "database": database,
}


def articles(load: Load) -> Iterator[tuple[str, str]]:
    """Title and text of so many articles."""
    source = load.folder / "articles.jsonl"
    write_rows(source, load.n + load.n // 900 + 1, most=1)  # some are broken
    given = 0
    for line in source.open(encoding="utf-8"):
        if given < load.n and not line.startswith("{broken"):
            given += 1
            row = json.loads(line)
            yield row["title"], row["text"]


def followed(load: Load, process: "subprocess.Popen[str]", done: Callable[[], int]) -> Memory:
    """Wait for a run, looking at its memory; `done` tells how many rows it has done."""
    memory, steady = Memory(), min(_STEADY_ROWS, load.n // 2)
    behind = False
    while process.poll() is None:
        behind = behind or done() >= steady
        now = resident(process.pid)
        if behind:
            memory.after = max(memory.after, now)
        else:
            memory.before = max(memory.before, now)
        time.sleep(0.5 if load.n > _STEADY_ROWS else _LOOK)
    if process.returncode not in (0, 3):
        sys.exit(f"exit code {process.returncode}: {(load.folder / 'log').read_text(encoding='utf-8')[-2000:]}")
    return memory


def kill_at(process: "subprocess.Popen[str]", output: Path, size: int) -> bool:
    """Kill a run once it has written so many bytes; whether it was still running."""
    partial = output.with_name(f"{output.name}.partial")
    while process.poll() is None and (partial.stat().st_size if partial.exists() else 0) < size:
        time.sleep(_LOOK)
    alive = process.poll() is None
    process.kill()
    process.wait()
    return alive


def rejects_of(output: Path) -> Path:
    """Where the rejects of a run lie, if there are any."""
    return output.with_name(f"{output.name}.rejects.jsonl")


def done_rows(output: Path) -> int:
    """Rows that the journal of a run says are done."""
    try:
        return int(json.loads(output.with_name(f"{output.name}.journal.json").read_bytes())["rows"])
    except (OSError, ValueError, KeyError):
        return 0


def count_lines(path: Path) -> int:
    """Lines of a file that may not be there."""
    return sum(1 for _ in path.open("rb")) if path.exists() else 0


def count_articles(database: Path, table: str = "svodka_articles") -> int:
    """Rows of a table that may not be there yet."""
    if not database.exists():
        return 0
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)
    try:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()


def check_same(whole: Path, killed: Path, kills: int) -> None:
    """Look whether results and rejects of a run that was killed are those of one that was not."""
    for one, other in ((whole, killed), (rejects_of(whole), rejects_of(killed))):
        if one.exists() != other.exists() or (one.exists() and not filecmp.cmp(one, other, shallow=False)):
            sys.exit(f"after {kills} kills {other.name} is not what it is without")


def check(load: Load, found: int) -> None:
    """Look whether all articles are there, and each once."""
    if found != load.n:
        sys.exit(f"{load.n} articles were given, {found} are there")


@contextmanager
def offered(document: bytes) -> Iterator[str]:
    """The address of a feed on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/rss+xml")
            self.send_header("Content-Length", str(len(document)))
            self.end_headers()
            self.wfile.write(document)

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/feed"
        server.shutdown()


def told(memory: Memory) -> str:
    """What a run needed."""
    return f"peak {max(memory.before, memory.after):.0f} MiB, growth {memory.growth:.1%}"


def main() -> None:
    """Run one kind, and print what came of it."""
    given = options().parse_args()
    with tempfile.TemporaryDirectory() as name:
        bundle = given.bundle or tiny_bundle(Path(name))
        begun = time.monotonic()
        growth, said = KINDS[given.kind](Load(Path(name), bundle, given.n, given.kills, random.Random(given.seed)))
    print(f"{given.kind}: {given.n:,} articles in {time.monotonic() - begun:.0f} s; {said}")
    if growth > given.growth:
        sys.exit(f"memory grew by {growth:.1%}, allowed is {given.growth:.1%}")


def options() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=[*KINDS])
    parser.add_argument("--n", type=int, required=True, help="articles")
    parser.add_argument("--kills", type=int, default=20, help="of a run over rows (%(default)s)")
    parser.add_argument("--bundle", help="folder; by default a tiny model is made")
    parser.add_argument("--growth", type=float, default=0.02, help="of memory that is allowed (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments of the kills (%(default)s)")
    return parser


if __name__ == "__main__":
    main()
