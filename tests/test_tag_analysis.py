"""Calibration, curves, pairs, mistakes and slices of tags, against numbers worked out by hand."""

import json

import numpy as np
import pytest

from svodka.errors import DataError
from svodka.evaluation.slices import MOST_GROUPS, groups
from svodka.evaluation.tags.calibration import brier, calibration_error, reliability
from svodka.evaluation.tags.curves import threshold_curve
from svodka.evaluation.tags.mistakes import mistakes
from svodka.evaluation.tags.pairs import co_occurrence, confused, together
from svodka.evaluation.tags.record import TagRecord, TagSystem

NAMES = ("мост", "снег", "спорт")
# Four articles: the first two want «мост» and are given «снег», the third is right, the last has «мост» and «спорт».
GOLD = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [1, 0, 1]], dtype=float)
DECIDED = np.array([[0, 1, 0], [0, 1, 0], [0, 1, 0], [1, 0, 1]], dtype=float)
SCORES = np.array([[0.2, 0.9, 0.1], [0.4, 0.6, 0.1], [0.1, 0.8, 0.2], [0.7, 0.1, 0.5]])


def test_calibration_error_by_hand() -> None:
    # 15 bins: 0.1 and 0.12 lie in the second (from 1/15 to 2/15), 0.9 in the fourteenth, 1 in the last.
    gold, scores = np.array([[0.0, 1.0, 1.0, 1.0]]), np.array([[0.1, 0.12, 0.9, 1.0]])
    # Second bin: mean score 0.11, half right, 2 of 4 pairs: 0.39 * 2/4. Fourteenth: 0.1 * 1/4. Last: 0.
    assert calibration_error(gold, scores) == pytest.approx(0.39 / 2 + 0.1 / 4)
    assert brier(gold, scores) == pytest.approx((0.01 + 0.88**2 + 0.01 + 0) / 4)
    bins = reliability(gold, scores)
    assert [b["n"] for b in bins] == [2, 1, 1]
    assert bins[0] == pytest.approx({"low": 1 / 15, "high": 2 / 15, "n": 2, "score": 0.11, "right": 0.5})
    assert bins[-1]["high"] == 1


def test_threshold_curve_by_hand() -> None:
    curve = threshold_curve(GOLD, SCORES)
    assert curve["threshold"][0] == pytest.approx(0.01)
    assert len(curve["threshold"]) == len(curve["f1"]) == 99
    # At 0.5 five pairs reach it, of which 0.8, 0.7 and 0.5 are right; the gold has five.
    at = curve["threshold"].index(0.5)
    assert [curve[k][at] for k in ("precision", "recall", "f1")] == pytest.approx([3 / 5, 3 / 5, 6 / 10])
    # At 0.95 nothing is given: 0/0 counts 0.
    last = curve["threshold"].index(0.95)
    assert [curve[k][last] for k in ("precision", "recall", "f1")] == [0, 0, 0]


def test_confused_pairs_by_hand() -> None:
    # «мост» is missed twice, «снег» wrongly given twice, both times in the same article; chance: 2 * 2 / 4.
    assert confused(GOLD, DECIDED, NAMES) == [{"missed": "мост", "given": "снег", "articles": 2, "expected": 1.0}]


def test_pairs_that_chance_explains_are_left_out() -> None:
    # Two tags that all articles have come together always, and chance says the same.
    assert together(np.ones((3, 2)), np.ones((3, 2)), NAMES[:2]) == []
    # One common article is no pair yet.
    assert together(GOLD, DECIDED, NAMES) == []
    gold = np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1], [0, 0, 1]], dtype=float)
    given = np.array([[1, 1, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1]], dtype=float)
    assert together(gold, given, NAMES) == [{"tags": ["мост", "снег"], "articles": 2, "expected": 1.0, "model": 1}]


def test_co_occurrence_by_hand() -> None:
    found = co_occurrence(GOLD, DECIDED, NAMES, most=2)
    # «мост» has three articles; «снег» and «спорт» one each, and the first in the vocabulary stays.
    assert found == {"tags": ["мост", "снег"], "gold": [[3, 0], [0, 1]], "model": [[1, 0], [0, 3]]}
    assert co_occurrence(GOLD * 0, DECIDED, NAMES)["tags"] == []


def test_mistakes_by_hand() -> None:
    found = mistakes(GOLD, DECIDED, SCORES, NAMES)
    # Given: 0.9 and 0.6 of «снег», costs -log 0.1 and -log 0.4; missed: 0.2 and 0.4 of «мост», -log 0.2 and -log 0.4.
    assert [(m["article"], m["tag"], m["kind"]) for m in found] == [
        (0, "снег", "given"), (0, "мост", "missed"), (1, "снег", "given"), (1, "мост", "missed"),
    ]  # fmt: skip
    assert [m["cost"] for m in found] == pytest.approx(list(-np.log([0.1, 0.2, 0.4, 0.4])))
    assert [m["kind"] for m in mistakes(GOLD, DECIDED, SCORES, NAMES, most=1)] == ["given", "missed"]


def test_a_sure_mistake_has_a_finite_cost() -> None:
    found = mistakes(np.zeros((1, 1)), np.ones((1, 1)), np.ones((1, 1)), NAMES[:1])
    assert np.isfinite(found[0]["cost"])
    assert mistakes(GOLD, GOLD, SCORES, NAMES) == []


def articles(lengths: list[int], sources: list[str], dates: list[str]) -> list[dict[str, object]]:
    rows = zip(lengths, sources, dates, strict=True)
    return [{"words": n, "source": source, "date": date} for n, source, date in rows]


def test_slices_by_length_source_and_year() -> None:
    found = groups(articles([10, 20, 30, 40], ["ng", "rt", "rt", ""], ["2017-05-01", "2018-01-01", "2018-02-01", ""]))
    # Quarters by the higher neighbour of a quantile: up to 20, 30 and 40 words.
    assert found["length"] == {"10–20 words": [0, 1], "21–30 words": [2], "31–40 words": [3]}
    assert found["source"] == {"unknown": [3], "ng": [0], "rt": [1, 2]}
    assert found["date"] == {"unknown": [3], "2017": [0], "2018": [1, 2]}


def test_one_year_is_told_by_months_and_one_group_is_none() -> None:
    found = groups(articles([10, 10], ["rt", "rt"], ["2018-01-05", "2018-02-07"]))
    assert found == {"date": {"2018-01": [0], "2018-02": [1]}}


def test_the_smallest_groups_are_left_out() -> None:
    sources = [name for i in range(MOST_GROUPS + 1) for name in [f"s{i:02}"] * (i + 1)]
    found = groups(articles([10] * len(sources), sources, [""] * len(sources)))["source"]
    assert len(found) == MOST_GROUPS
    assert "s00" not in found


def test_a_record_comes_back_from_json_as_it_was() -> None:
    systems = {"model": TagSystem.of(DECIDED, SCORES, probabilities=True)}
    record = TagRecord(NAMES, GOLD, systems)
    again = TagRecord.from_dict(json.loads(json.dumps(record.to_dict())))
    assert again.names == NAMES
    assert (again.gold == GOLD).all()
    assert (again.systems["model"].decided == DECIDED).all()
    assert (again.systems["model"].scores == systems["model"].scores).all()
    assert again.systems["model"].probabilities is True
    assert np.abs(systems["model"].scores - SCORES).max() < 1e-7


def test_a_damaged_record_says_so() -> None:
    body = TagRecord(NAMES, GOLD, {"model": TagSystem.of(DECIDED, SCORES, probabilities=True)}).to_dict()
    body["systems"]["model"]["scores"]["data"] = "AAAA"
    with pytest.raises(DataError, match=r"the report's record of the tags is damaged \(.*\); evaluate anew"):
        TagRecord.from_dict(body)
