"""Topics in reports: every number follows from the record, and page, tables, terminal and card show them."""

import csv
import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from svodka.bundle.card import model_card
from svodka.cli.reports import show_comparison, show_report
from svodka.data.store import PreparedData
from svodka.errors import DataError
from svodka.evaluation.compare import compare
from svodka.evaluation.recompute import recompute
from svodka.evaluation.report.page import render
from svodka.evaluation.report.tables import write_tables
from svodka.evaluation.report.write import write_report
from svodka.evaluation.topics.gold import TopicGold, reach, single_label
from svodka.evaluation.verdict import sentence, verdict
from svodka.topics import TOPIC_IDS


@pytest.fixture(scope="module")
def data(topical: Path) -> PreparedData:
    return PreparedData.open(topical / "prepared")


def test_gold_is_what_the_prepared_rows_say(data: PreparedData) -> None:
    rows, gold = data.dataset("test"), TopicGold.of(data, "test", limit=5)
    assert gold.gold.shape == gold.known.shape == (5, 17)
    for i in range(5):
        assert [TOPIC_IDS[j] for j in gold.gold[i].nonzero()[0]] == rows[i]["topics"]
        assert {TOPIC_IDS[j] for j in gold.known[i].nonzero()[0]} == {*rows[i]["topics_known"], *rows[i]["topics"]}
    assert gold.judged == [i for i in range(5) if rows[i]["topics_known"]]
    assert [TOPIC_IDS[i] for i in reach(data)] == sorted(data.manifest.topics)
    assert not single_label(data)


def test_the_model_stands_beside_its_baselines(topical_report: dict[str, Any]) -> None:
    assert set(topical_report["topics"]) == {"model", "most frequent topic", "TF-IDF + linear SVM"}
    assert set(topical_report["topic_differences"]) == {"most frequent topic", "TF-IDF + linear SVM"}
    scores = topical_report["topics"]["model"]
    assert {"micro_f1", "macro_f1", "p@1", "map", "ece", "sure", "sure_precision"} <= set(scores)
    assert "accuracy" not in scores  # its articles have several labels
    assert all(0 <= value <= 1 for value in scores.values())
    details = topical_report["topic_details"]
    record = topical_report["records"]["topics"]
    assert details["n"] <= len(record["places"]) <= topical_report["n"]
    assert details["pairs"] == sum(len(set(known) & set(record["denied"])) for known in record["known"])
    assert details["signature"].startswith("topics:iptc17")


def test_every_number_follows_from_the_json(topical_report: dict[str, Any], tmp_path: Path) -> None:
    write_report(topical_report, tmp_path / "r.html")
    read = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    fresh = json.loads(json.dumps(recompute({key: read[key] for key in ("articles", "records")})))
    for key in ("topics", "topic_intervals", "topic_differences", "per_topic", "topic_details", "below"):
        assert fresh[key] == read[key]
    assert render(read) == (tmp_path / "r.html").read_text(encoding="utf-8")


def test_the_page_shows_topics_before_tags(topical_report: dict[str, Any], report: dict[str, Any]) -> None:
    html = render(topical_report)
    assert html.index('id="topics"') < html.index('id="tags"')
    assert "topics:iptc17" in html
    assert "politics and government" in html
    assert 'id="topics"' not in render(report)


def test_a_report_of_topics_alone(topical_report: dict[str, Any]) -> None:
    alone = {key: value for key, value in topical_report.items() if key not in ("tags", "summaries", "tag_details")}
    html = render(alone)
    assert "By F1 of an article" in html.replace("&#39;", "'")
    assert 'id="tags"' not in html


def test_an_example_says_which_topics_are_right(topical_report: dict[str, Any]) -> None:
    record = topical_report["records"]["topics"]
    rows = [e for kind in ("best", "worst") for e in topical_report["examples"][kind] if "topics" in e]
    assert rows
    for example in rows:
        row = record["places"].index(example["article"])
        verdicts = [topic["verdict"] for topic in example["topics"]]
        assert verdicts.count("right") + verdicts.count("missed") == len(record["gold"][row])
        assert [t["score"] is None for t in example["topics"]] == [v == "missed" for v in verdicts]


def test_tables_of_topics(topical_report: dict[str, Any], report: dict[str, Any], tmp_path: Path) -> None:
    paths = write_tables(topical_report, tmp_path / "r.html")
    assert [p.name for p in paths] == ["r.scores.csv", "r.tags.csv", "r.articles.csv", "r.topics.csv"]
    scores, _, articles, topics = (list(csv.DictReader(p.open(encoding="utf-8"))) for p in paths)
    row = next(r for r in scores if (r["part"], r["system"], r["score"]) == ("topics", "model", "micro_f1"))
    assert float(row["value"]) == topical_report["topics"]["model"]["micro_f1"]
    assert int(row["n"]) == topical_report["topic_details"]["n"]
    assert [r["topic"] for r in topics] == list(topical_report["per_topic"])
    told = [bool(a["topics_given"]) for a in articles]
    assert [i for i, given in enumerate(told) if given] == topical_report["records"]["topics"]["places"]
    assert len(write_tables(report, tmp_path / "plain.html")) == 3


def test_below_a_baseline_in_topics(topical_report: dict[str, Any]) -> None:
    worse = deepcopy(topical_report)
    worse["topic_differences"]["TF-IDF + linear SVM"]["p@1"] = {"mean": -0.1, "low": -0.2, "high": -0.05}
    row = next(r for r in verdict(worse) if (r["part"], r["score"]) == ("topics", "p@1") and "SVM" in r["baseline"])
    assert sentence(row).startswith("topics: the model is below 'TF-IDF + linear SVM' in p@1: ")
    worse["below"] = [row]
    assert "The model is below a baseline" in render(worse)


def test_reports_are_compared_by_topics_too(topical_report: dict[str, Any]) -> None:
    better = deepcopy(topical_report)
    better["records"]["topics"]["systems"]["model"]["decided"] = better["records"]["topics"]["gold"]
    found = compare(topical_report, better)
    assert found["topics"]["micro_f1"]["second"] == 1
    assert found["topics"]["micro_f1"]["mean"] == pytest.approx(1 - topical_report["topics"]["model"]["micro_f1"])
    assert found["topics"]["p@1"]["mean"] == 0
    better["records"]["topics"]["places"] = [0]
    with pytest.raises(DataError, match="they differ in: articles of which a topic is known"):
        compare(topical_report, better)


def test_the_terminal_shows_topics(topical_report: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    show_report(topical_report, [])
    shown = capsys.readouterr().out
    assert shown.index("topics") < shown.index("tags")
    assert "topics:iptc17" in shown
    show_comparison(compare(topical_report, topical_report))
    assert "topics" in capsys.readouterr().out


def test_the_card_tells_of_topics() -> None:
    metrics = {"test": {"topics, model": {"micro_f1": 0.8, "macro_f1": 0.7, "p@1": 0.9}}}
    card = model_card("Проба", "", origin={}, metrics=metrics, tags=("спорт",), topics=True)
    assert "| topics | micro_f1 | macro_f1 | p@1 |\n| --- | --- | --- | --- |\n| model | 0.8 | 0.7 | 0.9 |" in card
    assert "The 17 top-level Media Topics of the IPTC: культура и медиа; " in card
    assert "## Topics" not in model_card("Проба", "", origin={}, metrics={}, tags=("спорт",))
