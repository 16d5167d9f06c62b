"""Scores of tags, against numbers worked out by hand."""

import numpy as np
import pytest

from svodka.evaluation.tag_metrics import per_tag_scores, tag_scores

# Three articles, four tags; the last tag is in no gold, and the third article has no tag at all.
GOLD = np.array([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 0, 0]], dtype=float)
DECIDED = np.array([[1, 0, 0, 0], [0, 1, 1, 1], [0, 0, 0, 1]], dtype=float)
SCORES = np.array([[0.9, 0.2, 0.3, 0.1], [0.1, 0.8, 0.7, 0.75], [0.1, 0.2, 0.3, 0.6]])


@pytest.fixture
def found() -> dict[str, float]:
    return tag_scores(GOLD, DECIDED, SCORES)


def test_micro(found: dict[str, float]) -> None:
    # Right 3, decided 5, in gold 4: 3/5, 3/4 and 2*3 / (5 + 4).
    assert found["micro_precision"] == pytest.approx(3 / 5)
    assert found["micro_recall"] == pytest.approx(3 / 4)
    assert found["micro_f1"] == pytest.approx(6 / 9)


def test_macro_counts_every_tag_of_the_vocabulary(found: dict[str, float]) -> None:
    # Precision 1, 1, 1, 0; recall 1, 1/2, 1, 0; F1 1, 2/3, 1, 0: the tag that gold never has counts.
    assert found["macro_precision"] == pytest.approx(3 / 4)
    assert found["macro_recall"] == pytest.approx(2.5 / 4)
    assert found["macro_f1"] == pytest.approx((1 + 2 / 3 + 1) / 4)


def test_by_example(found: dict[str, float]) -> None:
    # Articles: precision 1, 2/3, 0; recall 1/2, 1, 0; F1 2/3, 4/5, 0.
    assert found["example_precision"] == pytest.approx((1 + 2 / 3) / 3)
    assert found["example_recall"] == pytest.approx(1.5 / 3)
    assert found["example_f1"] == pytest.approx((2 / 3 + 4 / 5) / 3)


def test_first_k(found: dict[str, float]) -> None:
    # Best first: article 1: tags 0, 2, 1, 3; article 2: 1, 3, 2, 0. At 1: one right, one right, none.
    assert found["p@1"] == pytest.approx(2 / 3)
    assert found["r@1"] == pytest.approx((1 / 2 + 1 / 2) / 3)
    # At 3: two right of 3 each.
    assert found["p@3"] == pytest.approx((2 / 3 + 2 / 3) / 3)
    assert found["r@3"] == pytest.approx((1 + 1) / 3)
    # At 5 there are but four tags; P@5 still divides by 5.
    assert found["p@5"] == pytest.approx((2 / 5 + 2 / 5) / 3)


def test_cutoffs_are_chosen() -> None:
    found = tag_scores(GOLD, DECIDED, SCORES, cutoffs=(2,))
    assert {name for name in found if "@" in name} == {"p@2", "r@2"}


def test_a_tag_more_in_the_vocabulary_lowers_macro_alone(found: dict[str, float]) -> None:
    wide = [np.pad(values, ((0, 0), (0, 1))) for values in (GOLD, DECIDED, SCORES)]
    wider = tag_scores(*wide)
    assert wider["macro_f1"] == pytest.approx(found["macro_f1"] * 4 / 5)
    assert wider["micro_f1"] == found["micro_f1"]
    assert wider["p@1"] == found["p@1"]


def test_nothing_decided_and_nothing_in_gold_is_zero() -> None:
    nothing = np.zeros((2, 3))
    assert set(tag_scores(nothing, nothing, nothing).values()) == {0.0}


def test_a_vocabulary_of_one_tag() -> None:
    # One right of two decided, one in gold; by example: 1, 0 and 0.
    gold, decided = np.array([[1.0], [0.0], [0.0]]), np.array([[1.0], [1.0], [0.0]])
    found = tag_scores(gold, decided, decided)
    for average in ("micro", "macro"):
        assert found[f"{average}_precision"] == 1 / 2
        assert found[f"{average}_recall"] == 1
        assert found[f"{average}_f1"] == pytest.approx(2 / 3)
    assert found["example_f1"] == pytest.approx(1 / 3)
    assert per_tag_scores(gold, decided, ["мост"])["мост"]["precision"] == 1 / 2


def test_per_tag() -> None:
    found = per_tag_scores(GOLD, DECIDED, ["мост", "город", "река", "погода"])
    assert list(found) == ["мост", "город", "река", "погода"]
    assert found["город"] == pytest.approx({"precision": 1, "recall": 1 / 2, "f1": 2 / 3, "support": 2})
    assert found["погода"] == {"precision": 0, "recall": 0, "f1": 0, "support": 0}
