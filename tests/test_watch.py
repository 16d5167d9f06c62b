"""A folder that is watched: what arrives, changes, grows, or is no article."""

import os
import signal
import threading
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from svodka.article import Annotation, Article
from svodka.signals import stop_on_signals
from svodka.watch.options import WatchOptions
from svodka.watch.sinks import DatabaseDownError, DatabaseSink, LinesSink
from svodka.watch.watcher import BLOCK, Watch
from watching import LONG_AGO, Clock, annotate, lines_of, once_into, rows_of, watch_once, write_page, write_rows


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def test_each_thing_once_across_restarts(folder: Path, database: str) -> None:
    write_page(folder / "most.txt", "Мост открыли", "Движение по мосту открыли утром.")
    write_rows(folder / "rows.jsonl", {"id": 7, "text": "Снег идёт.", "desk": "город", "date": "2026-03-01"})
    assert once_into(database, folder).annotated == 2
    assert once_into(database, folder).annotated == 0
    write_page(folder / "vokzal.html.txt", "Вокзал закрыли", "Вокзал закрыли на ремонт.")
    assert once_into(database, folder).annotated == 1
    rows = rows_of(database)
    assert set(rows) == {"rows.jsonl#7", "most", "vokzal.html"}
    assert rows["most"]["title"] == "Мост открыли"
    assert rows["most"]["model"] == "stub"
    assert rows["most"]["place"] == f"{folder}/most.txt"
    assert str(rows["rows.jsonl#7"]["date"]) == "2026-03-01"
    assert rows["rows.jsonl#7"]["extra"] == {"desk": "город"}
    assert rows["rows.jsonl#7"]["tags"] == [("идёт", 0.5, ["Снег идёт."]), ("снег", 0.5, ["Снег идёт."])]


def test_a_changed_page_is_annotated_again_in_its_place(folder: Path, database: str) -> None:
    for text in ("Движение открыли утром.", "Движение закрыли вечером.", "Движение открыли утром."):
        write_page(folder / "most.txt", "Мост", text)
        assert once_into(database, folder).annotated == 1
        assert [row["summary"] for row in rows_of(database).values()] == [text]
        assert len(rows_of(database)["most"]["tags"]) == 2


def test_a_page_that_was_only_touched_is_not(folder: Path, database: str) -> None:
    write_page(folder / "most.txt", "Мост", "Движение открыли утром.")
    once_into(database, folder)
    os.utime(folder / "most.txt", (LONG_AGO, LONG_AGO))
    assert once_into(database, folder).annotated == 0


def test_pages_of_one_name_in_two_folders_are_two(folder: Path, database: str) -> None:
    write_page(folder / "rt" / "1.txt", "Мост", "Движение открыли утром.")
    write_page(folder / "ng" / "1.txt", "Снег", "Снег идёт третий день.")
    once_into(database, folder)
    assert set(rows_of(database)) == {"rt/1", "ng/1"}


def test_only_new_lines_of_a_file_that_grew(folder: Path, tmp_path: Path) -> None:
    seen: list[str] = []

    def model(articles: Sequence[Article]) -> list[Annotation]:
        seen.extend(article.text for article in articles)
        return annotate(articles)

    first = [{"id": "a", "text": "Один."}, {"id": "b", "text": "Два."}]
    for rows in (first, [*first, {"id": "c", "text": "Три."}], [{"id": "0", "text": "Ноль."}, *first]):
        write_rows(folder / "rows.jsonl", *rows)
        once_into(str(tmp_path / "news.db"), folder, model=model)
    assert seen == ["Один.", "Два.", "Три.", "Ноль."]


def test_a_row_that_changed_back_is_annotated_again(folder: Path, database: str) -> None:
    for text in ("Один.", "Два.", "Один."):
        write_rows(folder / "rows.jsonl", {"id": "a", "text": text}, {"id": "b", "text": "Всегда."})
        once_into(database, folder)
        assert rows_of(database)["a"]["summary"] == text


def test_equal_rows_without_an_id_stay_two_and_keep_their_ids(folder: Path, database: str) -> None:
    same = {"text": "Одно и то же."}
    write_rows(folder / "rows.jsonl", same, {"id": "x", "text": "Одно и то же."}, same)
    assert once_into(database, folder).annotated == 3
    ids = set(rows_of(database))
    write_rows(
        folder / "rows.jsonl", {"id": "new", "text": "Сверху."}, same, {"id": "x", "text": "Одно и то же."}, same
    )
    assert once_into(database, folder).annotated == 1
    assert set(rows_of(database)) == ids | {"new"}
    assert len(ids) == 3


def test_of_two_rows_with_one_id_the_later_stands(folder: Path, database: str) -> None:
    write_rows(folder / "rows.jsonl", {"id": "a", "text": "Черновик."}, {"id": "a", "text": "Набело."})
    assert once_into(database, folder).annotated == 2
    assert [row["summary"] for row in rows_of(database).values()] == ["Набело."]


def test_a_signal_ends_it_after_the_block_at_hand(folder: Path, database: str) -> None:
    write_rows(folder / "rows.jsonl", *({"id": n, "text": f"Строка {n}."} for n in range(3 * BLOCK)))

    def model(articles: Sequence[Article]) -> list[Annotation]:
        os.kill(os.getpid(), signal.SIGTERM)
        return annotate(articles)

    before = signal.getsignal(signal.SIGTERM)
    with stop_on_signals() as stop:
        assert once_into(database, folder, model=model, stop=stop).annotated == BLOCK
    assert signal.getsignal(signal.SIGTERM) is before
    assert len(rows_of(database)) == BLOCK
    assert once_into(database, folder).annotated == 2 * BLOCK


class DownFor:
    """A sink whose database is away for its first few calls."""

    def __init__(self, sink: DatabaseSink, calls: int) -> None:
        self._sink, self._calls = sink, calls

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any) -> Any:
            if self._calls:
                self._calls -= 1
                raise DatabaseDownError("cannot reach or write postgresql://news: connection refused")
            return getattr(self._sink, name)(*arguments)

        return call


class Hurried(threading.Event):
    """Does not wait."""

    def wait(self, timeout: float | None = None) -> bool:
        return self.is_set()


def test_a_database_that_is_away_is_tried_again(folder: Path, tmp_path: Path) -> None:
    write_page(folder / "a.txt", "Мост", "Движение открыли утром.")
    sink = DatabaseSink(str(tmp_path / "news.db"), model="stub")
    said, stop = list[str](), Hurried()

    def model(articles: Sequence[Article]) -> list[Annotation]:
        stop.set()
        return annotate(articles)

    options = WatchOptions(folder, settle=0)
    guard = threading.Timer(30, stop.set)
    guard.start()
    counts = Watch(options, DownFor(sink, 3), annotate=model, say=said.append, stop=stop).run()
    guard.cancel()
    assert counts.annotated == 1
    assert [line.split("; ")[1] for line in said] == ["again in 1 s", "again in 2 s", "again in 4 s"]


def test_with_once_a_database_that_is_away_ends_it(folder: Path, tmp_path: Path) -> None:
    write_page(folder / "a.txt", "Мост", "Движение открыли утром.")
    sink = DatabaseSink(str(tmp_path / "news.db"), model="stub")
    with pytest.raises(DatabaseDownError, match="connection refused"):
        watch_once(folder, DownFor(sink, 1))


def test_one_look_does_everything_however_long_it_takes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(300):
        (folder / f"{n}.txt").write_text(f"Событие {n} произошло утром.", encoding="utf-8")
    clock, said = Clock(), list[str]()
    monkeypatch.setattr("svodka.watch.watcher.time", SimpleNamespace(monotonic=clock))

    def model(articles: Sequence[Article]) -> list[Annotation]:
        clock.now += 1000
        return annotate(articles)

    assert once_into(str(tmp_path / "news.db"), folder, model=model, said=said).annotated == 300
    assert said == []


def test_a_file_that_goes_on_changing_is_left_for_the_next_look(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_page(folder / "a.txt", "Мост", "Движение открыли утром.")
    clock = Clock()
    monkeypatch.setattr("svodka.watch.watcher.time", SimpleNamespace(monotonic=clock))

    class Writer(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            clock.now += 1
            write_page(folder / "a.txt", "Мост", "Движение открыли утром." * int(clock.now - LONG_AGO))
            return False

    said: list[str] = []
    sink = DatabaseSink(str(tmp_path / "news.db"), model="stub")
    assert watch_once(WatchOptions(folder, settle=2), sink, said=said, stop=Writer()).annotated == 0
    assert said == ["some files are still being written; they are left for the next time"]


def test_what_arrives_while_it_runs(folder: Path, tmp_path: Path) -> None:
    write_page(folder / "1.txt", "Первая", "Эта страница была здесь до начала.")
    stop = threading.Event()

    def move_in(n: int) -> None:
        write_page(tmp_path / "new" / f"{n}.txt", f"Номер {n}", f"Страница {n} пришла позже.")
        if n == 2:
            (tmp_path / "new" / "2.txt").rename(folder / "2.txt")
        else:
            # A whole folder, of whose files nobody tells.
            (tmp_path / "new").rename(folder / "sub")

    def model(articles: Sequence[Article]) -> list[Annotation]:
        last = articles[-1].id
        if last == "sub/3":
            stop.set()
        else:
            move_in(int(last) + 1)
        return annotate(articles)

    sink = LinesSink(tmp_path / "out.jsonl")
    guard = threading.Timer(60, stop.set)
    guard.start()
    Watch(WatchOptions(folder, settle=0), sink, annotate=model, say=lambda line: None, stop=stop).run()
    guard.cancel()
    assert [row["id"] for row in lines_of(tmp_path / "out.jsonl")] == ["1", "2", "sub/3"]
