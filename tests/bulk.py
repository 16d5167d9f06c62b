"""What the tests of bulk annotation share: a model that counts letters instead of computing, and short runs."""

import dataclasses
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from svodka.article import Annotation, Article, Tag
from svodka.bulk.annotate import FileTarget
from svodka.bulk.run import LocalRunner, RunPlan, Summary, run_to_files
from svodka.bulk.worker import BlockWorker, Outcome
from svodka.inputs.sources import Inputs
from svodka.inputs.streams import Meter
from svodka.labels import TagVocabulary

IDENTITY = {"model": "a", "summary": {"mode": "extractive"}}


class LetterCounter:
    """Stands in for an `Annotator`. The score tells what came in one batch; «сбой» in a text makes it fail."""

    def __init__(self) -> None:
        self.bundle = SimpleNamespace(labels=TagVocabulary(["мост"]))
        self.broken = False

    def __call__(self, article: Article) -> Any:
        return self.scored([article])[0].annotation

    def scored(self, articles: Sequence[Article]) -> list[Any]:
        if self.broken or any("сбой" in article.text for article in articles):
            raise RuntimeError("the arithmetic failed")
        score = sum(len(article.text) for article in articles) / 1000
        found = (Annotation(a.id, (Tag("мост", score),), None, carried=_carried(a)) for a in articles)
        return [SimpleNamespace(annotation=annotation) for annotation in found]


def _carried(article: Article) -> dict[str, Any]:
    return dict(article.extra) | ({"tags": list(article.tags)} if article.tags else {})


class Watcher:
    """A monitor that remembers, and may do something after a block."""

    def __init__(self, after_block: Any = None) -> None:
        self.rows, self._after_block = 0, after_block

    def begin(self, meter: Meter, rows: int, rejected: int) -> None:
        self.rows = rows

    def advance(self, outcome: Outcome) -> None:
        self.rows += outcome.rows
        if self._after_block:
            self._after_block()

    def end(self) -> None:
        pass


def plan(output: Path, *inputs: Path | str, retry: Iterable[Path] = (), **changed: Any) -> RunPlan:
    given = Inputs(tuple(map(str, inputs)), tuple(map(str, retry)))
    return RunPlan(given, FileTarget(output).files(), IDENTITY | changed, sync_seconds=0)


def annotate(
    output: Path, *inputs: Path | str, retry: Iterable[Path] = (), overwrite: bool = False, watcher: Any = None,
    annotator: LetterCounter | None = None, **changed: Any,
) -> Summary:  # fmt: skip
    run = plan(output, *inputs, retry=retry, **changed)
    worker = BlockWorker(annotator or LetterCounter())  # type: ignore[arg-type]
    return run_to_files(run, LocalRunner(worker), watcher or Watcher(), overwrite=overwrite)


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def news(n: int) -> list[dict[str, Any]]:
    return [{"id": f"n{i}", "text": f"Паром номер {i} вышел в рейс.", "desk": "река", "n": i} for i in range(n)]


def shown(summary: Summary) -> tuple[int, int, int]:
    found = dataclasses.asdict(summary)
    return found["rows"], found["results"], found["rejected"]
