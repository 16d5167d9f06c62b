"""Scores of tags, against numbers worked out by hand."""

import numpy as np
import pytest
from sklearn.metrics import coverage_error, label_ranking_average_precision_score, ndcg_score

from svodka.evaluation.tags.metrics import per_tag_scores, ranking_rows, tag_scores

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
    assert {name for name in found if "@" in name} == {"p@2", "r@2", "ndcg@2"}


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
    assert found["город"] == pytest.approx({"precision": 1, "recall": 1 / 2, "f1": 2 / 3, "support": 2, "given": 1})
    assert found["погода"] == {"precision": 0, "recall": 0, "f1": 0, "support": 0, "given": 2}


def test_gain_of_the_ranking_by_hand(found: dict[str, float]) -> None:
    # At 3: article 1 finds its two tags at ranks 1 and 3: (1 + 1/2) / (1 + 1/log2(3)); article 2 likewise at 1 and 3;
    # article 3 has none and counts 0.
    ideal = 1 + 1 / np.log2(3)
    assert found["ndcg@3"] == pytest.approx(2 * (1.5 / ideal) / 3)
    assert found["ndcg@1"] == pytest.approx(2 / 3)


def test_average_precision_by_hand(found: dict[str, float]) -> None:
    # By article: right at ranks 1 and 3: (1 + 2/3) / 2, twice; none: 0.
    assert found["map"] == pytest.approx(2 * (5 / 6) / 3)
    # By tag: tag 0 ranks article 1 first: 1; tag 1 has 0.2, 0.8, 0.2: article 2, then 1 and 3 alike, so that both of
    # its articles are found among all three: 1/2 * 1 + 1/2 * 2/3; tag 2 ranks article 2 first: 1; tag 3 has none: 0.
    assert found["tag_map"] == pytest.approx((1 + 5 / 6 + 1 + 0) / 4)


def test_coverage_and_depth_by_hand(found: dict[str, float]) -> None:
    assert found["coverage"] == 1
    assert tag_scores(GOLD, np.zeros_like(GOLD), SCORES)["coverage"] == 0
    assert found["tag_coverage"] == 1
    assert tag_scores(GOLD, DECIDED * [1, 1, 0, 0], SCORES)["tag_coverage"] == pytest.approx(2 / 4)
    # The last right tag stands at rank 3, at rank 3, nowhere.
    assert found["depth"] == pytest.approx((3 + 3 + 0) / 3)
    assert found["tags_given"] == pytest.approx((1 + 3 + 1) / 3)


def test_rankings_are_those_of_scikit_learn() -> None:
    generator = np.random.default_rng(3)
    gold, scores = (generator.random((40, 12)) < 0.3).astype(float), generator.random((40, 12))
    gold[:, 0] = 1  # scikit-learn counts an article without gold 1 in its average precision, and here it counts 0
    rows = ranking_rows(gold, scores)
    assert rows["map"].mean() == pytest.approx(label_ranking_average_precision_score(gold, scores))
    assert rows["depth"].mean() == pytest.approx(coverage_error(gold, scores))
    for k in (1, 3, 5, 10):
        assert rows[f"ndcg@{k}"].mean() == pytest.approx(ndcg_score(gold, scores, k=k, ignore_ties=True))


def test_equal_scores_rank_in_the_order_of_the_vocabulary() -> None:
    assert ranking_rows(np.array([[0.0, 1.0]]), np.array([[0.5, 0.5]]))["p@1"].tolist() == [0]
    assert ranking_rows(np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]]))["p@1"].tolist() == [1]


def test_without_any_gold_all_is_0() -> None:
    found = tag_scores(np.zeros((2, 3)), np.ones((2, 3)), np.full((2, 3), 0.5), probabilities=True)
    assert found["micro_f1"] == found["map"] == found["tag_map"] == found["ndcg@5"] == found["depth"] == 0
    assert found["ece"] == found["ece_given"] == 0.5
