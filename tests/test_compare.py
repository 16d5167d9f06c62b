"""Two reports on the same articles."""

from copy import deepcopy
from typing import Any

import pytest

from svodka.errors import DataError
from svodka.evaluation.compare import compare


def test_a_report_does_not_differ_from_itself(report: dict[str, Any]) -> None:
    found = compare(report, report)
    assert found["n"] == report["n"]
    for part in ("tags", "summaries"):
        for row in found[part].values():
            assert (row["mean"], row["low"], row["high"]) == (0, 0, 0)
            assert row["first"] == row["second"]
    assert found["tags"]["micro_f1"]["first"] == report["tags"]["model"]["micro_f1"]
    assert found["summaries"]["rouge1"]["first"] == pytest.approx(report["summaries"]["systems"]["model"]["rouge1"])


def test_differences_are_second_minus_first(report: dict[str, Any]) -> None:
    better = deepcopy(report)
    better["records"]["tags"]["systems"]["model"]["decided"] = better["records"]["tags"]["gold"]
    rows = better["records"]["summaries"]["rows"]["model"]
    rows["rouge1"] = [value + 3 for value in rows["rouge1"]]
    found = compare(report, better)
    assert found["tags"]["micro_f1"]["second"] == 1
    assert found["tags"]["micro_f1"]["mean"] == pytest.approx(1 - report["tags"]["model"]["micro_f1"])
    # Each article gains 3, so that every draw does.
    assert [found["summaries"]["rouge1"][k] for k in ("mean", "low", "high")] == pytest.approx([3, 3, 3])
    assert compare(better, report)["summaries"]["rouge1"]["mean"] == pytest.approx(-3)


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("data",), "другие", "prepared data"),
        (("split",), "validation", r"split \(test and validation\)"),
        (("n",), 5, r"number of articles \(6 and 5\)"),
        (("articles", 0, "id"), "чужая", "articles;"),
        (("records", "tags", "vocabulary", 0), "чужая", "vocabulary;"),
        (("records", "summaries", "signature"), "tokens:razdel", r"ROUGE signature \(tokens:words.* and tokens:razdel"),
        (("records", "summaries", "chrf_signature"), "chrF3", "chrF signature"),
        (("records", "summaries", "places"), [0], "summarised articles;"),
    ],
)
def test_unlike_reports_are_refused(report: dict[str, Any], path: tuple[Any, ...], value: Any, told: str) -> None:
    other = deepcopy(report)
    place: Any = other
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(DataError, match=rf"the reports cannot be compared, they differ in: {told}"):
        compare(report, other)


def test_what_is_no_report_is_refused(report: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="the second report: report format 1, but this version reads 2; make it anew"):
        compare(report, {**report, "format": 1})
    with pytest.raises(DataError, match="the first report: report format None"):
        compare({}, report)


def test_a_part_that_one_lacks_is_left_out(report: dict[str, Any]) -> None:
    tags, summaries = deepcopy(report), deepcopy(report)
    del tags["records"]["summaries"]
    del summaries["records"]["tags"]
    assert "summaries" not in compare(report, tags)
    assert "tags" not in compare(report, summaries)
    with pytest.raises(DataError, match="nothing in common: one is of tags, the other of summaries"):
        compare(tags, summaries)
