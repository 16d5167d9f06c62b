"""The paired bootstrap, against cases whose answer is known."""

import numpy as np
import pytest

from svodka.evaluation.bootstrap import paired_difference


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
