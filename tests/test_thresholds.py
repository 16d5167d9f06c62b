"""Calibration and thresholds from the validation split."""

import numpy as np
import pytest

from svodka.calibration import Calibration
from svodka.config.training import ThresholdConfig
from svodka.training.thresholds import best_threshold, fit_calibration


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


@pytest.mark.parametrize("target", [0.0, 1.0])
def test_one_class_alone_cannot_be_calibrated(target: float) -> None:
    found = fit_calibration(np.array([[1.0], [2.0]]), np.full((2, 1), target), ThresholdConfig())
    assert (found.slope[0], found.intercept[0]) == (1.0, 0.0)
    assert np.isfinite(found.threshold).all()


def test_a_model_worse_than_chance_is_not_turned_round() -> None:
    logits, targets = sample()
    found = fit_calibration(-logits, targets, ThresholdConfig())
    assert (found.slope > 0).all()
