"""SIGKILL at random points: nothing is lost, nothing is there twice.

A child with everything imported is forked, and kills itself at the n-th of the points at which something may be half
done: an article annotated, a statement begun or ended, a commit, a file written. Meanwhile more arrives.
"""

import json
import os
import random
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from svodka.inputs.feed_document import read_document
from svodka.watch import watcher
from svodka.watch.feeds import Look
from svodka.watch.fetch import FeedAddress, Fetched
from svodka.watch.options import WatchOptions
from svodka.watch.sinks import DatabaseSink, LinesSink, Sink
from watching import annotate, lines_of, rejects_of, rows_of, watch_once, write_page

KILLS = int(os.environ.get("SVODKA_KILLS", "30"))
POINTS = 120  # at most so many until the kill; a round has some 150

FEED = FeedAddress("https://vestnik.example/rss")
RSS = '<rss version="2.0"><channel><title>Вестник</title>{}</channel></rss>'
ITEM = "<item><guid>https://vestnik.example/{n}</guid><description>Текст {n}.</description></item>"


class Arriving:
    """A folder and a feed to which more is added round by round."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.rounds = folder, 0
        folder.mkdir()

    def more(self) -> None:
        n = self.rounds = self.rounds + 1
        write_page(self.folder / f"{n % 3}" / f"page{n}.txt", f"Новость номер {n}", f"Событие {n} произошло утром.")
        (self.folder / f"bad{n}.txt").write_bytes(b"\x98")
        rows = [{"id": f"row{n}", "text": f"Строка {n}."}, {"text": "Одно и то же."}, {"text": f"Без имени {n}."}]
        with (self.folder / "growing.jsonl").open("a", encoding="utf-8") as file:
            file.write("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows) + "{broken\n")

    def look_at(self, feed: FeedAddress, state: str, **_: object) -> Look:
        """A server that gives its entries, the newest first, to those who have not seen the newest."""
        if state == f"seen {self.rounds}":
            return Look(Fetched(feed))
        items = "".join(ITEM.format(n=n) for n in range(self.rounds, 0, -1))
        document = RSS.format(items).encode()
        found = read_document(document, url=feed.url, media_type="text/xml")
        return Look(Fetched(feed, document, "text/xml", f"seen {self.rounds}"), found)

    def watch(self, open_sink: Callable[[], Sink], model: Any = annotate) -> None:
        watcher.look_at = self.look_at
        sink = open_sink()
        watch_once(WatchOptions(self.folder, [FEED], settle=0), sink, model=model)
        sink.close()


def killed_at(left: int, arriving: Arriving, open_sink: Callable[[], Sink]) -> bool:
    """Watch in a child that kills itself at a point; False if it came to its end before that."""
    child = os.fork()
    if child:
        status = os.waitpid(child, 0)[1]
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
        return os.WIFSIGNALED(status)

    def point(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def fsync(handle: int, real: Callable[[int], None] = os.fsync) -> None:
        point()
        real(handle)
        point()

    try:
        os.fsync = fsync
        for name in ("before_cursor_execute", "after_cursor_execute", "begin", "commit"):
            event.listen(Engine, name, point)
        arriving.watch(open_sink, lambda articles: [point() or one for one in annotate(articles)])
        os._exit(0)
    except BaseException:
        os._exit(1)


def kill_again_and_again(arriving: Arriving, open_sink: Callable[[], Sink]) -> None:
    chance = random.Random(7)
    kills = 0
    while kills < KILLS:
        # Not each time: what a kill cut off must be found without anything new to point to it.
        if chance.random() < 0.5 or not arriving.rounds:
            arriving.more()
        kills += killed_at(chance.randint(1, POINTS), arriving, open_sink)
    arriving.watch(open_sink)


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=str)


def test_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher, "look_at", watcher.look_at)
    arriving = Arriving(tmp_path / "in")
    kill_again_and_again(arriving, lambda: LinesSink(tmp_path / "out.jsonl"))
    arriving.watch(lambda: LinesSink(tmp_path / "calm.jsonl"))
    found, rejects = lines_of(tmp_path / "out.jsonl"), lines_of(tmp_path / "out.rejects.jsonl")
    # One page, three lines and one entry a round.
    assert len(found) == len({row["id"] for row in found}) == 5 * arriving.rounds
    assert len(rejects) == len({row["where"] for row in rejects}) == 2 * arriving.rounds
    assert in_order(found) == in_order(lines_of(tmp_path / "calm.jsonl"))


def test_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: str) -> None:
    monkeypatch.setattr(watcher, "look_at", watcher.look_at)
    arriving = Arriving(tmp_path / "in")
    kill_again_and_again(arriving, lambda: DatabaseSink(database, model="stub"))
    calm = f"sqlite:///{tmp_path}/calm.db"
    arriving.watch(lambda: DatabaseSink(calm, model="stub"))
    assert rows_of(database) == rows_of(calm)
    assert len(rows_of(calm)) == 5 * arriving.rounds
    assert rejects_of(database) == rejects_of(calm)
    assert len(rejects_of(calm)) == 2 * arriving.rounds
