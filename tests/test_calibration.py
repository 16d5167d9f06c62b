"""From logits to probabilities, and the file that holds the numbers."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from svodka.calibration import Calibration
from svodka.errors import BundleError

CALIBRATION = Calibration(np.array([2.0, 1.0]), np.array([-1.0, 0.5]), np.array([0.25, 1 / 3]))


def test_probabilities_by_hand() -> None:
    # sigmoid(2 * 0.5 - 1) = sigmoid(0) = 1/2; sigmoid(1 * (ln 3 - 0.5) + 0.5) = sigmoid(ln 3) = 3/4.
    found = CALIBRATION.probabilities(np.array([[0.5, np.log(3) - 0.5]]))
    assert found == pytest.approx(np.array([[0.5, 0.75]]), abs=1e-12)


def test_plain_is_the_sigmoid_and_one_half() -> None:
    plain = Calibration.plain(3)
    assert plain.probabilities(np.zeros(3)).tolist() == plain.threshold.tolist() == [0.5, 0.5, 0.5]


def test_huge_logits_do_not_overflow() -> None:
    with np.errstate(all="raise"):
        low, high = Calibration.plain(2).probabilities(np.array([-1e9, 1e9]))
    assert 0 < low < 1e-20
    assert high == 1.0


def test_saved_and_loaded_no_number_changes(tmp_path: Path) -> None:
    # A threshold below 1e-6 that came back as 0 would give its tag to every article.
    exact = Calibration(CALIBRATION.slope, CALIBRATION.intercept, np.array([3e-9, 1 / 3]))
    exact.save(tmp_path / "t.json")
    loaded = Calibration.load(tmp_path / "t.json", 2)
    for name in ("slope", "intercept", "threshold"):
        assert getattr(loaded, name).tolist() == getattr(exact, name).tolist()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 2}, r"t\.json: format 2, but this version reads 1; train again"),
        ({"threshold": [0.5]}, r"t\.json: expected 2 finite numbers in each of slope, intercept, threshold"),
        ({"slope": [1.0, float("nan")]}, r"expected 2 finite numbers"),
        ({"intercept": None}, r"expected 2 finite numbers"),
        ({"slope": [1.0, "много"]}, r"cannot read the thresholds in .*t\.json"),
        ({"slope": [[1.0, 1.0]]}, r"expected 2 finite numbers"),
        ({"slope": [1.0, [1.0]]}, r"cannot read the thresholds in .*t\.json"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = tmp_path / "t.json"
    CALIBRATION.save(path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change), encoding="utf-8")
    with pytest.raises(BundleError, match=message):
        Calibration.load(path, 2)


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"format": '])
def test_garbage(tmp_path: Path, body: str) -> None:
    (tmp_path / "t.json").write_text(body)
    with pytest.raises(BundleError, match=r"cannot read the thresholds in .*t\.json"):
        Calibration.load(tmp_path / "t.json", 2)


def test_another_number_of_tags_is_refused(tmp_path: Path) -> None:
    CALIBRATION.save(tmp_path / "t.json")
    with pytest.raises(BundleError, match="expected 3 finite numbers"):
        Calibration.load(tmp_path / "t.json", 3)
