"""A report's numbers as CSV files."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from svodka.evaluation.bootstrap import Floats
from svodka.evaluation.summaries.record import SummaryRecord
from svodka.evaluation.tags.record import TagRecord
from svodka.evaluation.topics.record import MODEL, TopicRecord
from svodka.files import write_text
from svodka.topics import TOPIC_IDS, topic_name

Row = Sequence[Any]


def slice_columns(named: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Columns of a table of slices, but for n and the interval."""
    first = next(iter(named.values()))
    return [key for key in first if key != "n" and not key.endswith("_interval")]


def write_tables(report: Mapping[str, Any], beside: Path) -> list[Path]:
    """Write `NAME.scores.csv`, `NAME.tags.csv`, `NAME.articles.csv` beside a report called NAME; `NAME.topics.csv`
    where it has topics.

    Args:
        report: what `evaluate` gave.
        beside: the report's path; its suffix is left out.

    Returns:
        The files.
    """
    tables = {"scores": scores_table(report), "tags": tags_table(report), "articles": articles_table(report)}
    if "topics" in report:
        tables["topics"] = topics_table(report)
    written = []
    for name, rows in tables.items():
        path = beside.with_name(f"{beside.stem}.{name}.csv")
        write_text(path, _csv(rows))
        written.append(path)
    return written


def scores_table(report: Mapping[str, Any]) -> list[Row]:
    """Every score of every system: part, system, score, value, low, high, n."""
    rows: list[Row] = [("part", "system", "score", "value", "low", "high", "n")]
    parts = [("tags", report.get("tags", {}), report.get("tag_intervals", {}), report["n"])]
    if "topics" in report:
        parts.insert(0, ("topics", report["topics"], report["topic_intervals"], report["topic_details"]["n"]))
    if "summaries" in report:
        found = report["summaries"]
        parts.append(("summaries", {**found["systems"], "editor": found["editor"]}, found["intervals"], found["n"]))
    for part, systems, intervals, n in parts:
        for system, scores in systems.items():
            for score, value in scores.items():
                low, high = intervals.get(system, {}).get(score, ("", ""))
                rows.append((part, system, score, value, low, high, n))
    return rows


def tags_table(report: Mapping[str, Any]) -> list[Row]:
    """Each tag's precision, recall, F1, support and how often it was given."""
    keys = ("precision", "recall", "f1", "support", "given")
    found = report.get("per_tag", {})
    return [("tag", *keys), *((tag, *(scores[key] for key in keys)) for tag, scores in found.items())]


def topics_table(report: Mapping[str, Any]) -> list[Row]:
    """Each topic's precision, recall, F1, support, how often it was given, and of how many articles it is known."""
    keys = ("precision", "recall", "f1", "support", "given", "known")
    rows = ((topic, topic_name(topic, "en"), *map(scores.get, keys)) for topic, scores in report["per_topic"].items())
    return [("topic", "name", *keys), *rows]


def articles_table(report: Mapping[str, Any]) -> list[Row]:
    """Each article: what is known of it, topics and tags it should have and was given, and its summary's measures."""
    columns: dict[str, list[Any]] = {key: [a[key] for a in report["articles"]] for key in report["articles"][0]}
    records, n = report["records"], len(report["articles"])
    if "topics" in records:
        topics = TopicRecord.from_dict(records["topics"])
        names = [topic_name(topic, "en") for topic in TOPIC_IDS]
        for name, matrix in (("topics_gold", topics.gold), ("topics_given", topics.systems[MODEL].decided)):
            columns[name] = _placed(topics.places, _named(names, matrix), n)
    if "tags" in records:
        record = TagRecord.from_dict(records["tags"])
        columns["gold"] = _named(record.names, record.gold)
        columns["given"] = _named(record.names, record.systems["model"].decided)
    if "summaries" in records:
        summaries = SummaryRecord.from_dict(records["summaries"])
        for name, values in summaries.rows["model"].items():
            columns[f"summary_{name}"] = _placed(summaries.places, values.tolist(), n)
    return [tuple(columns), *zip(*columns.values(), strict=True)]


def _placed(places: Sequence[int], values: Sequence[Any], n: int) -> list[Any]:
    """A column of n articles from the values of some of them, empty for the rest."""
    column: list[Any] = [""] * n
    for place, value in zip(places, values, strict=True):
        column[place] = value
    return column


def _named(names: Sequence[str], matrix: Floats) -> list[str]:
    return ["; ".join(name for name, on in zip(names, row, strict=True) if on) for row in matrix]


def _csv(rows: Iterable[Row]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([_plain(cell) for cell in row] for row in rows)
    return file.getvalue()


def _plain(cell: Any) -> Any:
    if not isinstance(cell, str):
        return cell
    # A carriage return that is not quoted begins a row; a spreadsheet takes a text that starts so for a formula.
    cell = cell.replace("\r", " ").replace("\n", " ")
    return f"'{cell}" if cell.lstrip().startswith(tuple("=+-@＝＋－＠")) or cell.startswith("\t") else cell
