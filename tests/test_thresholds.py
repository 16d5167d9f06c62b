"""Calibration and thresholds from the validation split."""

import numpy as np
import pytest

from svodka.bundle.calibration import Calibration
from svodka.config.training import ThresholdConfig
from svodka.training.thresholds import _precise_from, best_threshold, fit_calibration, fit_topics, platt


def best(scores: list[float], targets: list[float]) -> float:
    return best_threshold(np.array(scores), np.array(targets))


def f1_of(calibration: Calibration, logits: np.ndarray, targets: np.ndarray) -> float:
    decided = calibration.probabilities(logits) >= calibration.threshold
    return float(2 * (decided * targets).sum() / (decided.sum() + targets.sum()))


def test_by_hand() -> None:
    # F1 from the top: 2/4, 2/5, 4/6, 6/7, 6/8: the best takes four, midway between 0.4 and 0.1.
    assert best([0.9, 0.8, 0.7, 0.4, 0.1], [1, 0, 1, 1, 0]) == pytest.approx(0.25)


def test_the_order_of_rows_does_not_matter() -> None:
    assert best([0.1, 0.4, 0.9, 0.7, 0.8], [0, 1, 1, 1, 0]) == pytest.approx(0.25)


def test_equal_scores_are_not_told_apart() -> None:
    # Three at 0.5, one of them right: all three or none. With them F1 is 4/6, without 2/3; the fewer are taken.
    assert best([0.9, 0.5, 0.5, 0.5], [1, 1, 0, 0]) == pytest.approx(0.7)
    assert best([0.9, 0.5, 0.5, 0.5], [1, 1, 1, 0]) == pytest.approx(0.25)


def test_without_a_positive_it_is_one_half() -> None:
    assert best([0.9, 0.1], [0, 0]) == 0.5


def test_all_right_decides_for_all() -> None:
    assert best([0.9, 0.3], [1, 1]) <= 0.3
    assert best([0.9, 0.3], [1, 1]) > 0
    # Margins of a linear model may be below 0.
    assert best([-0.2, -0.8], [1, 1]) <= -0.8


def test_no_other_threshold_has_a_better_f1() -> None:
    draw = np.random.default_rng(1)
    for _ in range(50):
        scores, targets = draw.integers(0, 8, 20) / 8, draw.integers(0, 2, 20).astype(float)
        found = best_threshold(scores, targets)

        def f1(threshold: float, scores: np.ndarray = scores, targets: np.ndarray = targets) -> float:
            decided = scores >= threshold
            return float(2 * (decided * targets).sum() / (decided.sum() + targets.sum()))

        assert f1(found) == pytest.approx(max(f1(t) for t in np.linspace(-0.05, 1, 200)))


def sample(n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Logits twice as sure as they should be: the true probability is sigmoid(logit / 2 - 1)."""
    draw = np.random.default_rng(2)
    logits = draw.normal(0, 4, (n, 3))
    return logits, (draw.random((n, 3)) < 1 / (1 + np.exp(1 - logits / 2))).astype(float)


def test_platt_scaling_finds_what_was_put_in() -> None:
    found = fit_calibration(*sample(4000), ThresholdConfig())
    assert found.slope == pytest.approx(np.full(3, 0.5), abs=0.05)
    assert found.intercept == pytest.approx(np.full(3, -1.0), abs=0.15)


def test_without_calibration_scores_are_plain() -> None:
    logits, targets = sample()
    found = fit_calibration(logits, targets, ThresholdConfig(calibrate=False))
    assert (found.slope.tolist(), found.intercept.tolist()) == ([1.0] * 3, [0.0] * 3)
    assert f1_of(found, logits, targets) >= f1_of(Calibration.plain(3), logits, targets)


def test_calibration_changes_no_decision() -> None:
    # A threshold each, or one for all: scaling keeps the order, so the same articles pass.
    logits, targets = sample()
    for support in (1, 10_000):
        settings = [ThresholdConfig(min_support=support, calibrate=c) for c in (True, False)]
        one, other = (fit_calibration(logits, targets, s) for s in settings)
        decisions = [c.probabilities(logits) >= c.threshold for c in (one, other)]
        assert (decisions[0] == decisions[1]).all()


LOGITS = np.array([[2.0, 3.0], [1.0, -1.0], [-1.0, -2.0], [-2.0, -3.0]])
TARGETS = np.array([[1.0, 1.0], [1.0, 0.0], [1.0, 0.0], [0.0, 0.0]])


def sigmoid(x: float) -> float:
    return float(1 / (1 + np.exp(-x)))


def test_a_rare_tag_has_the_shared_threshold() -> None:
    found = fit_calibration(LOGITS, TARGETS, ThresholdConfig(min_support=2, shrinkage=0, calibrate=False))
    # The first tag takes three and cuts midway between -1 and -2. Both together: from the top 3, 2, 1, -1, -1 four of
    # five are right (F1 8/9), midway between -1 and -2 again; the second tag alone would cut at 1.
    assert found.threshold == pytest.approx([sigmoid(-1.5), sigmoid(-1.5)])
    found = fit_calibration(LOGITS, TARGETS, ThresholdConfig(min_support=1, shrinkage=0, calibrate=False))
    assert found.threshold == pytest.approx([sigmoid(-1.5), sigmoid(1.0)])


def test_a_tags_own_threshold_counts_by_its_uses() -> None:
    # One use against a shrinkage of three: a quarter of the way from -1.5 to 1.
    found = fit_calibration(LOGITS, TARGETS, ThresholdConfig(min_support=1, shrinkage=3, calibrate=False))
    assert found.threshold[1] == pytest.approx(sigmoid(-1.5 + 2.5 / 4))


def test_a_few_rows_that_can_be_told_apart_are_not_sure_of_everything() -> None:
    logits = np.array([[-1.0, -3.0, -2.0], [-4.0, -0.5, -1.5], [-2.5, -3.5, -1.0]])
    targets = (logits >= -1.0).astype(float)
    found = fit_calibration(logits, targets, ThresholdConfig())
    assert 0.5 < found.slope[0] < 5
    scores = found.probabilities(logits)
    assert scores[targets > 0].min() > scores[targets == 0].max()
    assert scores.max() < 0.95
    assert scores.min() > 0.001


@pytest.mark.parametrize("target", [0.0, 1.0])
def test_one_class_alone_cannot_be_calibrated(target: float) -> None:
    found = fit_calibration(np.array([[1.0], [2.0]]), np.full((2, 1), target), ThresholdConfig())
    assert (found.slope[0], found.intercept[0]) == (1.0, 0.0)
    assert np.isfinite(found.threshold).all()


def test_a_model_worse_than_chance_is_not_turned_round() -> None:
    logits, targets = sample()
    found = fit_calibration(-logits, targets, ThresholdConfig())
    assert (found.slope > 0).all()


def with_unknown(logits: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same cells, and between them such as would turn every fit round, of which nothing is known."""
    draw = np.random.default_rng(3)
    wide = np.repeat(logits, 2, axis=0)
    told = np.repeat(targets, 2, axis=0)
    # Of each pair of rows one cell of a tag is known, the first or the second.
    second = draw.integers(0, 2, logits.shape).astype(bool)
    hidden = np.stack([second, ~second], axis=1).reshape(wide.shape)
    return np.where(hidden, 9 * draw.normal(size=wide.shape), wide), np.where(hidden, -1.0, told)


def test_cells_of_which_nothing_is_known_have_no_say() -> None:
    logits, targets = sample()
    for settings in (ThresholdConfig(), ThresholdConfig(shrinkage=0, calibrate=False)):
        plain, masked = (
            fit_calibration(*cells, settings) for cells in ((logits, targets), with_unknown(logits, targets))
        )
        for name in ("slope", "intercept", "threshold"):
            assert getattr(masked, name) == pytest.approx(getattr(plain, name), abs=1e-4), name


def test_support_is_counted_in_known_uses() -> None:
    # As `test_a_tags_own_threshold_counts_by_its_uses`: an unknown cell is no use, not even one of minus one.
    logits, targets = np.vstack([LOGITS, [[9.0, -9.0]]]), np.vstack([TARGETS, [[-1.0, -1.0]]])
    found = fit_calibration(logits, targets, ThresholdConfig(min_support=1, shrinkage=3, calibrate=False))
    assert found.threshold[1] == pytest.approx(sigmoid(-1.5 + 2.5 / 4))


def test_nothing_known_is_plain() -> None:
    found = fit_calibration(np.array([[1.0, 2.0]]), np.full((1, 2), -1.0), ThresholdConfig())
    assert (found.slope.tolist(), found.intercept.tolist()) == ([1.0, 1.0], [0.0, 0.0])
    assert np.isfinite(found.threshold).all()
    assert platt(np.array([[1.0, 2.0]]), np.full((1, 2), -1.0)) == (1.0, 0.0)


def precise(scores: list[float], targets: list[float], precision: float) -> float:
    return _precise_from(np.array(scores), np.array(targets), precision, otherwise=-7.0)


TEN = [0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5]


def test_the_lowest_score_that_is_precise_by_hand() -> None:
    right = [1.0, 1, 0, 1, 1, 1, 0, 1, 0, 0]
    # Shares of right ones from the top, from five rows on: 4/5, 5/6, 5/7, 6/8, 6/9, 6/10.
    assert precise(TEN, right, 0.7) == 0.6
    assert precise(TEN, right, 0.75) == 0.6
    assert precise(TEN, right, 0.8) == 0.7
    assert precise(TEN, right, 5 / 6) == 0.7
    assert precise(TEN, right, 0.9) == -7  # the first two are right, but two are too few
    assert precise(TEN, right, 0.0) == 0.5


def test_a_precise_score_stands_on_five_rows() -> None:
    assert precise(TEN[:4], [1.0] * 4, 0.7) == -7
    assert precise(TEN[:5], [1.0] * 5, 0.7) == 0.75
    assert precise([], [], 0.7) == -7


def test_a_precise_score_takes_its_equals_along() -> None:
    # Five at 0.8: with the two above four of seven are right. Within them more might be, but none can be left out.
    assert precise([0.9, 0.9, 0.8, 0.8, 0.8, 0.8, 0.8], [1.0, 1, 1, 1, 0, 0, 0], 0.7) == -7
    assert precise([0.9, 0.9, 0.8, 0.8, 0.8, 0.8, 0.8], [1.0, 1, 1, 1, 0, 0, 0], 4 / 7) == 0.8


def test_the_order_of_rows_does_not_matter_for_precision() -> None:
    right = np.array([1.0, 1, 0, 1, 1, 1, 0, 1, 0, 0])
    shuffled = np.random.default_rng(4).permutation(10)
    assert precise(np.array(TEN)[shuffled].tolist(), right[shuffled].tolist(), 0.8) == 0.7


def logit(scores: list[float]) -> np.ndarray:
    return np.log(np.array(scores) / (1 - np.array(scores)))


def test_topics_have_levels_of_their_own_by_hand() -> None:
    # Topic 1 is right throughout, and topic 3 wrong: nothing to calibrate, scores are the sigmoids of logits. Topic 2
    # is known of four rows alone.
    logits = np.stack([logit(TEN)] * 3, axis=1)
    targets = np.full((10, 3), -1.0)
    targets[:8, 0], targets[:4, 1], targets[:, 2] = 1.0, [1, 1, 1, 1], 0.0
    found = fit_topics(logits, targets)
    assert (found.slope.tolist(), found.intercept.tolist()) == ([1.0] * 3, [0.0] * 3)
    # Of topic 1 eight rows are known, the last at 0.6. All known cells by score: (1, 1, 0) at each of 0.95 to 0.8,
    # (1, 0) at 0.75 to 0.6, (0) below: 2/3 are right at most from five rows on. So no score reaches seven in ten, and
    # the level itself stands for it.
    assert found.threshold == pytest.approx([0.6, 0.7, 0.7])
    # No topic is sure below 0.75.
    assert found.sure == pytest.approx([0.75, 0.9, 0.9])


def test_a_topic_of_few_rows_takes_the_level_of_all() -> None:
    # Topic 1 as in `test_the_lowest_score_that_is_precise_by_hand`, but for what Platt scaling makes of its scores;
    # topic 2 has four rows, all right, at 0.97. Together, from the top: 4/4, then 5/5, 6/6, 6/7, 7/8, 8/9, 9/10, 9/11,
    # 10/12, 10/13, 10/14: 0.714 is the last above seven in ten, and its score that of the lowest row.
    right = np.array([1.0, 1, 0, 1, 1, 1, 0, 1, 0, 0])
    logits = np.stack([logit(TEN), np.full(10, 3.5)], axis=1)
    targets = np.stack([right, [1.0] * 4 + [-1.0] * 6], axis=1)
    found = fit_topics(logits, targets)
    slope, intercept = platt(logits[:, :1], targets[:, :1])
    scores = 1 / (1 + np.exp(-(slope * logits[:, 0] + intercept)))
    assert slope != 1
    assert (found.slope[1], found.intercept[1]) == (1.0, 0.0)
    assert scores[0] < sigmoid(3.5)
    # Both levels lie below a half, from which on a topic is given at the earliest.
    assert scores[7] < 0.5
    assert scores[9] < 0.5
    assert found.threshold.tolist() == [0.5, 0.5]
    # Nine in ten: topic 1 never reaches it from five rows on. Together nine of ten are right down to its sixth row.
    assert found.sure == pytest.approx(np.maximum([scores[5], scores[5]], 0.75))


def test_a_sure_topic_is_one_that_is_given() -> None:
    # One that reaches nine in ten only together with all others might be sure from a lower score than it is given from.
    draw = np.random.default_rng(5)
    logits = draw.normal(0, 3, (300, 6))
    targets = (draw.random(logits.shape) < 1 / (1 + np.exp(2 - logits))).astype(float)
    targets[draw.random(logits.shape) < 0.5] = -1
    found = fit_topics(logits, targets)
    assert (found.sure >= found.threshold).all()
    given = found.probabilities(logits) >= found.threshold
    known = targets >= 0
    for topic in range(6):
        shown = given[:, topic] & known[:, topic]
        assert targets[shown, topic].mean() >= 0.7
