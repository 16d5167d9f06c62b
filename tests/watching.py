"""What the tests of `svodka watch` share: a model of a few lines, and a view of what a sink holds."""

import json
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select

from svodka.article import Annotation, Article, Summary, Tag
from svodka.watch.database import database_url, open_engine
from svodka.watch.options import WatchOptions
from svodka.watch.sinks import DatabaseSink, Sink
from svodka.watch.tables import ARTICLES, LISTS, REJECTS
from svodka.watch.watcher import Counts, Watch

LONG_AGO = 1_700_000_000
PAGE = "{title}\n\nЛид о том же самом, одной фразой.\n{text}\n\nИ второй абзац, чтобы было что читать.\n"


def annotate_one(article: Article) -> Annotation:
    """Tags are the article's two longest words, the summary is its first line."""
    words = sorted({word.strip(".,").lower() for word in article.text.split()}, key=lambda w: (-len(w), w))[:2]
    tags = tuple(Tag(word, 0.5, (article.text[:40],)) for word in words)
    carried = {"title": article.title, "url": article.url, "date": article.date, "source": article.source}
    return Annotation(
        article.id, tags, Summary(article.text.split("\n")[0], "extractive"), 0, carried | dict(article.extra)
    )


def annotate(articles: Iterable[Article]) -> list[Annotation]:
    """What `Annotator.stream` is to a real model."""
    return [annotate_one(article) for article in articles]


def watch_once(
    options: WatchOptions | Path, sink: Sink, *,
    model: Callable[[Sequence[Article]], Iterable[Annotation]] = annotate, said: list[str] | None = None,
    stop: threading.Event | None = None,
) -> Counts:  # fmt: skip
    """One look at a folder, without waiting for its files to come to rest."""
    options = WatchOptions(options, settle=0) if isinstance(options, Path) else options
    lines: list[str] = [] if said is None else said
    return Watch(options, sink, annotate=model, say=lines.append, stop=stop or threading.Event()).run_once()


def once_into(database: str, folder: Path, **more: Any) -> Counts:
    """One look at a folder by a process that ends thereafter."""
    sink = DatabaseSink(database, model="stub")
    try:
        return watch_once(folder, sink, **more)
    finally:
        sink.close()


def write_rows(path: Path, *rows: object) -> None:
    """JSON lines, a row each."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def write_page(path: Path, title: str, text: str) -> None:
    """A page that is there all at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PAGE.format(title=title, text=text), encoding="utf-8")


def lines_of(path: Path) -> list[dict[str, Any]]:
    """Rows of a JSONL file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def rows_of(database: str) -> dict[str, dict[str, Any]]:
    """Articles with their tags and, where there are any, topics, by id, without the time."""
    engine = open_engine(database_url(database))
    with engine.connect() as connection:
        found = {row.id: dict(row._mapping) | {"tags": []} for row in connection.execute(select(ARTICLES))}
        for row in connection.execute(select(LISTS["tags"]).order_by(LISTS["tags"].c.name)):
            found[row.article_id]["tags"].append((row.name, row.score, row.evidence))
        for row in connection.execute(select(LISTS["topics"]).order_by(LISTS["topics"].c.score.desc())):
            found[row.article_id].setdefault("topics", []).append((row.id, row.name, row.score, row.sure))
    engine.dispose()
    for article in found.values():
        del article["annotated_at"]
    return found


def rejects_of(database: str) -> list[tuple[str, str, str]]:
    """Place, reason and raw row of each reject."""
    engine = open_engine(database_url(database))
    with engine.connect() as connection:
        query = select(REJECTS.c.place, REJECTS.c.reason, REJECTS.c.raw).order_by(REJECTS.c.place)
        found = [(row.place, row.reason, row.raw) for row in connection.execute(query)]
    engine.dispose()
    return found


class Clock:
    """Time that a test turns by hand; files are dated by the same."""

    def __init__(self, now: float = LONG_AGO) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def write(self, path: Path, text: str) -> None:
        path.write_text(text, encoding="utf-8")
        os.utime(path, (self.now, self.now))
