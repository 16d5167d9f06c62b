"""A score that somebody adds shows everywhere without a list to remember."""

import csv
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from svodka.article import Article
from svodka.evaluation.columns import LEADING, TABLES, score_tables
from svodka.evaluation.report.page import render
from svodka.evaluation.report.tables import write_tables
from svodka.evaluation.summaries import measures


def test_every_score_stands_in_one_table_and_an_unknown_one_in_the_last() -> None:
    systems = {"model": {"micro_f1": 0.5, "mood": 0.1, "brier": 0.2}, "lead": {"map": 0.3, "micro_f1": 0.4}}
    assert score_tables("tags", systems) == {
        "Decisions": ["micro_f1"],
        "Ranking: gain and average precision": ["map"],
        "Coverage and calibration": ["brier", "mood"],
    }


def test_what_a_terminal_shows_is_in_the_tables() -> None:
    for part, scores in LEADING.items():
        named = {score for table in TABLES[part].values() for score in table}
        assert set(scores) <= named | set(measures.OF_TEXT), part


def test_a_measure_added_to_the_registry_is_taken_of_every_summary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(measures.OF_TEXT, "commas", lambda article, summary: float(len(summary) * 2))
    rows = measures.text_rows([Article("Мост открыли.")], ["Мост открыли снова."])
    assert rows["commas"].tolist() == [6.0]
    assert score_tables("summaries", {"model": dict.fromkeys(rows, 0.0)})["Length and copying"][-1] == "commas"


def test_a_new_score_of_a_report_reaches_the_page_and_the_csv(report: dict[str, Any], tmp_path: Path) -> None:
    grown = deepcopy(report)
    grown["tags"]["model"]["mood"] = 0.125
    grown["summaries"]["systems"]["model"]["shouting"] = 0.375
    page = render(grown)
    for name, value in (("mood", "0.125"), ("shouting", "0.375")):
        assert f"<th>{name}</th>" in page
        assert value in page
    path = write_tables(grown, tmp_path / "r.html")[0]
    with path.open(encoding="utf-8") as file:
        found = {(row["part"], row["system"], row["score"]): row["value"] for row in csv.DictReader(file)}
    assert found["tags", "model", "mood"] == "0.125"
    assert found["summaries", "model", "shouting"] == "0.375"
