"""Two reports on the same articles."""

import base64
import tracemalloc
import zlib
from copy import deepcopy
from typing import Any

import numpy as np
import pytest

from svodka.errors import DataError
from svodka.evaluation.compare import compare
from svodka.evaluation.packed import DAMAGE, packed, unpacked
from svodka.evaluation.recompute import REPORT_FORMAT


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


BROKEN: list[tuple[tuple[str, ...], Any]] = [
    (("model",), None),
    (("articles",), 5),
    (("articles",), [{}]),
    (("records", "tags"), {}),
    (("records", "tags"), [1]),
    (("records", "tags"), {"vocabulary": ["мост"], "gold": [[7]], "systems": {}}),
    (("records", "summaries"), {"places": "а"}),
    (("records", "topics"), "ничего"),
]


@pytest.mark.parametrize(("path", "value"), BROKEN)
def test_a_damaged_report_is_told(path: tuple[str, ...], value: Any) -> None:
    whole: dict[str, Any] = {
        "format": REPORT_FORMAT, "split": "test", "n": 1, "data": "abc", "model": {"name": "м"},
        "articles": [{"id": "а"}], "records": {},
    }  # fmt: skip
    place = whole
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(DataError, match=r"damaged|nothing in common"):
        compare(whole, whole)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"data": "====", "shape": [1, 1]}, ValueError),
        ({"data": packed(np.zeros((2, 3)))["data"], "shape": [2, 4]}, ValueError),
        ({"data": packed(np.zeros((2, 3)))["data"], "shape": [-2, -3]}, ValueError),
        ({"data": packed(np.zeros((2, 3)))["data"], "shape": "23"}, TypeError),
        ({"data": base64.b64encode(b"no zlib").decode(), "shape": [1, 1]}, zlib.error),
        ({"shape": [1]}, KeyError),
    ],
)
def test_packed_scores_that_are_damaged_are_told(body: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        unpacked(body)
    assert isinstance(caught.value, DAMAGE)


def test_packed_scores_unpack_to_no_more_than_they_say() -> None:
    bomb = base64.b64encode(zlib.compress(bytes(50_000_000))).decode()
    tracemalloc.start()
    with pytest.raises(ValueError, match="buffer size must be"):
        unpacked({"data": bomb, "shape": [3, 7]})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000
