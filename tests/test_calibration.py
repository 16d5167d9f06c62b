"""From logits to probabilities, and the file that holds the numbers."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from svodka.bundle.calibration import Calibration, TopicCalibration
from svodka.errors import BundleError
from svodka.topics import TOPIC_IDS

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
    mentioned = np.array([[4.0, 2.5, -0.25, -1.0], [0.0, 0.125, 0.5, 0.0]])
    exact = Calibration(CALIBRATION.slope, CALIBRATION.intercept, np.array([3e-9, 1 / 3]), mentioned=mentioned)
    exact.save(tmp_path / "t.json")
    loaded = Calibration.load(tmp_path / "t.json", 2)
    for name in ("slope", "intercept", "threshold", "mentioned"):
        assert getattr(loaded, name).tolist() == getattr(exact, name).tolist()
    CALIBRATION.save(tmp_path / "plain.json")
    assert Calibration.load(tmp_path / "plain.json", 2).mentioned is None


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
        ({"mentioned": [[1.0, 2.0, 3.0, 4.0]]}, r"t\.json: expected 2 rows of 4 finite numbers in 'mentioned'"),
        ({"mentioned": [[1.0] * 4, [1.0, 2.0, float("inf"), 4.0]]}, r"expected 2 rows of 4 finite numbers"),
        ({"mentioned": "много"}, r"cannot read the thresholds in .*t\.json"),
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


SPORT, HEALTH = TOPIC_IDS.index("medtop:15000000"), TOPIC_IDS.index("medtop:07000000")


def topics(**levels: dict[int, float]) -> TopicCalibration:
    """The plain calibration with some numbers of some topics put in."""
    plain = TopicCalibration.plain()
    for name, values in levels.items():
        for place, value in values.items():
            getattr(plain, name)[place] = value
    return plain


def given(calibration: TopicCalibration, scores: dict[int, float], language: str = "ru") -> list[tuple[str, bool]]:
    probabilities = np.full(17, 0.01)
    for place, score in scores.items():
        probabilities[place] = score
    return [(topic.name, topic.sure) for topic in calibration.decode(probabilities, language)]


def test_topics_from_their_threshold_on_best_first() -> None:
    calibration = topics(threshold={HEALTH: 0.3}, sure={SPORT: 0.8})
    assert given(calibration, {HEALTH: 0.3, SPORT: 0.8}) == [("спорт", True), ("здоровье", False)]
    assert given(calibration, {HEALTH: 0.29, SPORT: 0.79}) == [("спорт", False)]


def test_the_best_topic_is_always_given() -> None:
    assert given(TopicCalibration.plain(), {HEALTH: 0.2}) == [("здоровье", False)]
    # Below its own threshold, before another that reaches its lower one.
    calibration = topics(threshold={SPORT: 0.7, HEALTH: 0.2})
    assert given(calibration, {SPORT: 0.6, HEALTH: 0.3}) == [("спорт", False), ("здоровье", False)]
    # Equal scores stand in the order of the topics.
    assert given(TopicCalibration.plain(), {SPORT: 0.2, HEALTH: 0.2}) == [("здоровье", False)]


def test_names_are_in_the_language_asked_for() -> None:
    names = [given(TopicCalibration.plain(), {HEALTH: 0.9}, lang)[0][0] for lang in ("ru", "kk", "uk", "en")]
    assert names == ["здоровье", "денсаулық", "здоров'я", "health"]


def test_topics_probabilities_by_hand() -> None:
    # sigmoid(2 * 0.5 - 1) = 1/2; sigmoid(1 * ln 3 + 0) = 3/4; all others sigmoid(0) = 1/2.
    logits = np.zeros(17)
    logits[[SPORT, HEALTH]] = 0.5, np.log(3)
    found = topics(slope={SPORT: 2.0}, intercept={SPORT: -1.0}).probabilities(logits)
    assert found[HEALTH] == pytest.approx(0.75)
    assert np.delete(found, HEALTH) == pytest.approx(np.full(16, 0.5))


def test_topics_are_saved_beside_the_tags(tmp_path: Path) -> None:
    exact = topics(slope={3: 1 / 3}, intercept={0: -2.5}, threshold={16: 3e-9}, sure={7: 0.95})
    CALIBRATION.save(tmp_path / "t.json", exact)
    loaded = TopicCalibration.load(tmp_path / "t.json")
    assert loaded is not None
    for name in ("slope", "intercept", "threshold", "sure"):
        assert getattr(loaded, name).tolist() == getattr(exact, name).tolist()
    assert Calibration.load(tmp_path / "t.json", 2).slope.tolist() == [2.0, 1.0]


def test_a_bundle_without_topics_has_none(tmp_path: Path) -> None:
    CALIBRATION.save(tmp_path / "t.json")
    assert "topics" not in json.loads((tmp_path / "t.json").read_text())
    assert TopicCalibration.load(tmp_path / "t.json") is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ids": list(TOPIC_IDS[::-1])}, r"'topics' must hold the ids medtop:01000000 to medtop:17000000 in their ord"),
        ({"ids": list(TOPIC_IDS[:3])}, r"'topics' must hold the ids"),
        ({"sure": [0.5]}, r"expected 17 finite numbers in each of slope, intercept, threshold, sure"),
        ({"slope": [float("inf")] * 17}, r"expected 17 finite numbers"),
        ({"threshold": "много"}, r"cannot read the thresholds in .*t\.json"),
    ],
)
def test_damaged_topics_are_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    CALIBRATION.save(tmp_path / "t.json", TopicCalibration.plain())
    body = json.loads((tmp_path / "t.json").read_text())
    body["topics"] |= change
    (tmp_path / "t.json").write_text(json.dumps(body))
    with pytest.raises(BundleError, match=message):
        TopicCalibration.load(tmp_path / "t.json")


def test_topics_that_are_no_object_are_refused(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text('{"format": 1, "topics": []}')
    with pytest.raises(BundleError, match="'topics' must hold the ids"):
        TopicCalibration.load(tmp_path / "t.json")
