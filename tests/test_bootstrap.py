"""The paired bootstrap, against cases whose answer is known."""

import numpy as np
import pytest

from svodka.evaluation.bootstrap import DRAWS, bounds, mean_statistic, paired_difference, resample
from svodka.evaluation.tags.metrics import tag_scores
from svodka.evaluation.tags.resampling import tag_statistic


def test_a_constant_difference_has_no_spread() -> None:
    theirs = np.array([10.0, 20.0, 40.0])
    assert paired_difference(theirs + 2, theirs) == pytest.approx({"mean": 2.0, "low": 2.0, "high": 2.0})


def test_the_interval_is_that_of_the_mean_of_the_differences() -> None:
    # Differences of 0 and 2 in equal number, n = 400: the mean is 1, its standard error 1 / sqrt(400) = 0.05.
    theirs = np.random.default_rng(1).normal(50, 30, 400)
    ours = theirs + np.tile([0.0, 2.0], 200)
    found = paired_difference(ours, theirs)
    assert found["mean"] == pytest.approx(1.0)
    assert found["low"] == pytest.approx(1 - 1.96 * 0.05, abs=0.01)
    assert found["high"] == pytest.approx(1 + 1.96 * 0.05, abs=0.01)
    assert found == paired_difference(ours, theirs)


def test_a_share_has_the_interval_of_the_binomial() -> None:
    # 100 of 400: the standard error is sqrt(0.25 * 0.75 / 400).
    values = np.repeat([1.0, 0.0], [100, 300])
    low, high = bounds(0.25, resample(400, mean_statistic({"share": values}))["share"])
    error = (0.25 * 0.75 / 400) ** 0.5
    assert (low, high) == pytest.approx((0.25 - 1.96 * error, 0.25 + 1.96 * error), abs=0.005)


def test_every_draw_takes_n_articles() -> None:
    sums = resample(7, lambda weights: {"sum": weights.sum(axis=1)})["sum"]
    assert sums.tolist() == [7.0] * DRAWS


def test_blocks_of_draws_join(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("svodka.evaluation.bootstrap._BLOCK", 70)
    drawn = resample(7, mean_statistic({"mean": np.arange(7.0)}))["mean"]
    assert drawn.shape == (DRAWS,)
    assert drawn.mean() == pytest.approx(3, abs=0.05)


def test_bounds_are_moved_by_the_draws_bias() -> None:
    # Draws around 0.5 of a number that is 0.7: their spread counts, not where they lie.
    assert bounds(0.7, np.linspace(0.4, 0.6, 1001)) == pytest.approx([0.605, 0.795])


def test_tags_counted_once_give_the_scores_themselves() -> None:
    generator = np.random.default_rng(5)
    gold, scores = (generator.random((30, 9)) < 0.3).astype(float), generator.random((30, 9))
    decided = (scores > 0.6).astype(float)
    expected = tag_scores(gold, decided, scores, probabilities=True)
    found = tag_statistic(gold, decided, scores, probabilities=True)(np.ones((1, 30)))
    assert {name: values.tolist() for name, values in found.items()} == {
        name: pytest.approx([expected[name]]) for name in found
    }
    # What hangs on rankings of articles by one tag, or on counts over the whole sample, is left out.
    assert set(expected) - set(found) == {"tag_map", "tag_coverage", "ece_given"}


def test_an_article_counted_twice_is_an_article_that_stands_there_twice() -> None:
    gold, decided = np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([[1.0, 1.0], [0.0, 1.0]])
    scores = np.array([[0.9, 0.6], [0.2, 0.7]])
    twice = [0, 0, 1]
    expected = tag_scores(gold[twice], decided[twice], scores[twice], probabilities=True)
    found = tag_statistic(gold, decided, scores, probabilities=True)(np.array([[2.0, 1.0]]))
    for name, values in found.items():
        assert values[0] == pytest.approx(expected[name]), name


def test_bounds_stay_where_the_measure_does() -> None:
    # Of ten articles one is right: many draws miss it, and the correction for bias would go below 0.
    drawn = np.array([0.0] * 60 + [0.2] * 40)
    assert bounds(0.02, drawn) == [0.0, pytest.approx(0.14)]
    assert bounds(1.0, np.array([0.8] * 40 + [1.0] * 60)) == [pytest.approx(0.88), 1.0]
    # A value beyond all draws is within its own bounds.
    assert bounds(0.5, np.full(10, 0.2)) == [0.5, 0.5]
