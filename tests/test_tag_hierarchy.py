"""Tags in a tree, scored with those above them, against numbers worked out by hand."""

import json
from typing import Any

import numpy as np
import pytest

from svodka.errors import DataError
from svodka.evaluation.columns import score_tables
from svodka.evaluation.compare import compare
from svodka.evaluation.recompute import REPORT_FORMAT
from svodka.evaluation.tags.hierarchy import enlarged, parents_of
from svodka.evaluation.tags.metrics import tag_scores
from svodka.evaluation.tags.outlet import scored_labels
from svodka.evaluation.tags.record import TagRecord, TagSystem
from svodka.evaluation.tags.resampling import tag_statistic
from svodka.evaluation.tags.section import tag_section
from svodka.tagsets import NamedTag, TagSet

# «сборная» stands below «хоккей», and that below «спорт»; «город» stands alone.
NAMES = ("спорт", "хоккей", "сборная", "город")
PARENTS = (None, 0, 1, None)
# «хоккей» wanted, its parent given; «сборная» wanted, its parent and «город» given; «город» wanted, nothing given.
GOLD = np.array([[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], dtype=float)
DECIDED = np.array([[1, 0, 0, 0], [0, 1, 0, 1], [0, 0, 0, 0]], dtype=float)
SCORES = np.array([[0.9, 0.4, 0.1, 0.1], [0.2, 0.8, 0.4, 0.6], [0.1, 0.1, 0.1, 0.4]])


def record(parents: tuple[int | None, ...] = PARENTS) -> TagRecord:
    return TagRecord(NAMES, GOLD, {"model": TagSystem.of(DECIDED, SCORES, probabilities=True)}, parents)


def test_tags_are_enlarged_by_all_above_them() -> None:
    assert enlarged(GOLD, PARENTS).tolist() == [[1, 1, 0, 0], [1, 1, 1, 0], [0, 0, 0, 1]]
    assert enlarged(DECIDED, PARENTS).tolist() == [[1, 0, 0, 0], [1, 1, 0, 1], [0, 0, 0, 0]]
    assert enlarged(np.ones((1, 4)), PARENTS).tolist() == [[1, 1, 1, 1]]


def test_hierarchical_scores_by_hand() -> None:
    found = tag_scores(GOLD, DECIDED, SCORES, parents=PARENTS)
    # Right 1, 2, 0; given 1, 3, 0; wanted 2, 3, 1. Without the tree nothing is right.
    assert found["hierarchical_precision"] == pytest.approx(3 / 4)
    assert found["hierarchical_recall"] == pytest.approx(3 / 6)
    assert found["hierarchical_f1"] == pytest.approx(6 / 10)
    assert found["micro_f1"] == 0
    assert not any(name.startswith("hierarchical") for name in tag_scores(GOLD, DECIDED, SCORES))


def test_nothing_given_and_nothing_wanted_is_zero() -> None:
    nothing = np.zeros((2, 4))
    assert tag_scores(nothing, nothing, nothing, parents=PARENTS)["hierarchical_f1"] == 0


def test_draws_of_the_bootstrap_by_hand() -> None:
    values = tag_statistic(GOLD, DECIDED, SCORES, parents=PARENTS)(np.array([[1.0, 1, 1], [2, 0, 1]]))
    # The first draw is the articles themselves; the second has right 2, given 2, wanted 5.
    assert values["hierarchical_precision"] == pytest.approx([3 / 4, 1])
    assert values["hierarchical_recall"] == pytest.approx([3 / 6, 2 / 5])
    assert values["hierarchical_f1"] == pytest.approx([6 / 10, 4 / 7])


def test_a_parent_that_is_not_scored_is_passed_over() -> None:
    tags = (
        NamedTag("Город"), NamedTag("Сборная", parent="Хоккей"), NamedTag("Хоккей", parent="Спорт", manual=True),
        NamedTag("Спорт"),
    )  # fmt: skip
    labels = scored_labels(TagSet(tags).vocabulary(), "любое")
    assert labels.names == ("город", "сборная", "спорт")
    assert parents_of(TagSet(tags), labels) == (None, 2, None)
    assert parents_of(TagSet(tags[3:]), TagSet(tags[3:]).vocabulary()) == ()
    assert parents_of(None, labels) == ()


def test_the_section_follows_from_the_record_and_shows_in_a_table() -> None:
    again = TagRecord.from_dict(json.loads(json.dumps(record().to_dict())))
    assert again.parents == PARENTS
    section = tag_section(again, {"length": {"short": [0, 1], "long": [2]}})
    assert section["tags"]["model"]["hierarchical_f1"] == pytest.approx(6 / 10)
    low, high = section["tag_intervals"]["model"]["hierarchical_f1"]
    assert low <= 6 / 10 <= high
    tables = score_tables("tags", section["tags"])
    assert ["hierarchical_f1", "hierarchical_precision", "hierarchical_recall"] in tables.values()
    assert "parents" not in record(()).to_dict()


@pytest.mark.parametrize("parents", [[None], [None, 0, 1, 9], [None, 0, 1, -1]])
def test_parents_that_cannot_be_are_damage(parents: list[int | None]) -> None:
    body = record().to_dict() | {"parents": parents}
    with pytest.raises(DataError, match=r"the report's record of the tags is damaged \(.*the parents of 4 tags are"):
        TagRecord.from_dict(body)


def report(parents: tuple[int | None, ...]) -> dict[str, Any]:
    """As much of a report as two are compared by."""
    articles = [{"id": str(i)} for i in range(3)]
    told = {"format": REPORT_FORMAT, "split": "test", "n": 3, "data": "d", "model": {"name": "m"}}
    return told | {"articles": articles, "records": {"tags": record(parents).to_dict()}}


def test_reports_of_other_trees_are_not_compared() -> None:
    found = compare(report(PARENTS), report(PARENTS))["tags"]["hierarchical_f1"]
    assert (found["first"], found["mean"]) == (pytest.approx(6 / 10), 0)
    assert "hierarchical_f1" not in compare(report(PARENTS), report(()))["tags"]
    with pytest.raises(DataError, match="they differ in: parents of the tags;"):
        compare(report(PARENTS), report((None, 0, 0, None)))
