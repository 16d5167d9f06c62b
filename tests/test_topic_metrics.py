"""Scores of topics, against numbers worked out by hand. Only the first four topics take part, the rest is unknown."""

import dataclasses
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from svodka.errors import DataError
from svodka.evaluation.bootstrap import resample
from svodka.evaluation.topics.metrics import average_precision, per_topic_scores, topic_scores, topic_statistic
from svodka.evaluation.topics.record import MODEL, TopicRecord, TopicSystem
from svodka.evaluation.topics.section import topic_section
from svodka.topics import TOPIC_IDS


def wide(rows: list[list[float]]) -> np.ndarray:
    """Rows of the first topics as [n, 17]."""
    return np.pad(np.array(rows, dtype=float), ((0, 0), (0, 17 - len(rows[0]))))


# Four articles. The third is left open as to topics 0 and 1, the fourth has no topic.
GOLD = wide([[1, 0, 0, 0], [0, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 0]])
KNOWN = wide([[1, 1, 1, 1], [1, 1, 1, 1], [0, 0, 1, 1], [1, 1, 1, 1]])
DECIDED = wide([[1, 0, 0, 0], [0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 0, 0]])
SURE = wide([[1, 0, 0, 0], [0, 0, 0, 1], [1, 0, 1, 0], [0, 0, 0, 0]])
SCORES = wide([[0.9, 0.1, 0.1, 0.3], [0.1, 0.8, 0.2, 0.6], [0.95, 0.1, 0.7, 0.1], [0.1, 0.5, 0.4, 0.1]])


def record(*, single: bool = False, probabilities: bool = True, **changed: Any) -> TopicRecord:
    system = TopicSystem.of(
        DECIDED, SCORES, probabilities=probabilities, sure=changed.get("sure", SURE), apart=changed.get("apart")
    )
    return TopicRecord((0, 2, 3, 7), GOLD, KNOWN, (0, 1, 2), (0, 1, 2, 3), single, {MODEL: system})


def found(**changed: Any) -> dict[str, float]:
    made = record(**changed)
    return topic_scores(made, made.systems[MODEL])


def test_micro_over_known_pairs() -> None:
    # Given and known: 1 + 2 + 1 + 1 = 5, of them right 1 + 1 + 1 = 3; in gold 1 + 2 + 1 = 4.
    scores = found()
    assert scores["micro_precision"] == pytest.approx(3 / 5)
    assert scores["micro_recall"] == pytest.approx(3 / 4)
    assert scores["micro_f1"] == pytest.approx(6 / 9)


def test_macro_over_the_topics_that_articles_have() -> None:
    # Topic 0: right 1, given 1 (the third article's is not known), gold 1: F1 1. Topic 1: 1, 2, 1: 2/3. Topic 2: 1, 1,
    # 2: 2/3. Topic 3 is in no gold.
    assert found()["macro_f1"] == pytest.approx((1 + 2 / 3 + 2 / 3) / 3)


def test_average_precision_by_topic() -> None:
    # Topic 0 among articles 0, 1, 3: first: 1. Topic 1 among 0, 1, 3: first: 1. Topic 2: order 2, 3, 1, 0 with gold at
    # places 1 and 3: (1 + 2/3) / 2.
    assert found()["map"] == pytest.approx((1 + 1 + 5 / 6) / 3)


def test_the_best_known_topic() -> None:
    # Articles 0, 1 and 2 can be right and wrong; the third's best is unknown, of the known ones topic 2 is, and right.
    assert found()["p@1"] == pytest.approx(1)
    known = KNOWN.copy()
    known[0] = GOLD[0]  # nothing wrong could be said of it: it is left out
    made = record()
    wrong = TopicSystem.of(DECIDED, 1 - SCORES, probabilities=True)
    changed = dataclasses.replace(made, known=known, systems={MODEL: wrong})
    # Best first by 1 - score: article 1 takes topic 0, article 2 topic 3: both wrong.
    assert topic_scores(changed, wrong)["p@1"] == 0


def test_accuracy_is_among_all_that_the_corpus_can_give() -> None:
    assert "accuracy" not in found()
    # Article 0: topic 0, right; 1: topic 1, right; 2: topic 0, which its label leaves open, and so wrong; 3 has none.
    assert found(single=True)["accuracy"] == pytest.approx(2 / 3)
    # Topic 3 is out of reach: that article 1 has it highest changes nothing.
    high = SCORES.copy()
    high[1, 3] = 1.0
    made = record(single=True)
    system = TopicSystem.of(DECIDED, high, probabilities=True)
    assert topic_scores(made, system)["accuracy"] == pytest.approx(2 / 3)


def test_accuracy_goes_by_the_scores_made_for_it() -> None:
    assert found(single=True, apart=GOLD)["accuracy"] == 1
    assert found(single=True, apart=GOLD)["p@1"] == found()["p@1"]


def test_calibration_error_of_the_known_pairs() -> None:
    # Fifteen bins, 14 known pairs. Six of them have the score 0.1, all without the topic: two of articles 0 and 3 each,
    # one of articles 1 and 2 each. Every other score has a bin to itself.
    gaps = [6 * 0.1, 1 - 0.9, 0.3, 1 - 0.8, 1 - 0.2, 0.6, 1 - 0.7, 0.5, 0.4]
    assert int(KNOWN.sum()) == 14
    assert found()["ece"] == pytest.approx(sum(gaps) / 14, abs=1e-6)
    assert "ece" not in found(probabilities=False)


def test_a_topic_that_is_never_denied_takes_no_part() -> None:
    # Of topic 2 it is known of articles 1 and 2 alone that they have it: to give it always is no merit.
    known = KNOWN.copy()
    known[[0, 3], 2] = 0
    made = dataclasses.replace(record(single=True), known=known, denied=(0, 1, 3))
    scores = topic_scores(made, made.systems[MODEL])
    # Told and given: topic 0 of article 0, topics 1 and 3 of article 1, topic 1 of article 3; two of four are right,
    # and all that is in gold.
    assert scores["micro_precision"] == pytest.approx(2 / 4)
    assert scores["micro_recall"] == 1
    assert scores["macro_f1"] == pytest.approx((1 + 2 / 3) / 2)
    # Accuracy goes by labels, whatever is known of others.
    assert scores["accuracy"] == pytest.approx(2 / 3)
    assert list(per_topic_scores(made, made.systems[MODEL])) == [TOPIC_IDS[i] for i in (0, 1, 3)]
    # Of the third article nothing but topic 3 is told. What is denied is a matter of the corpus, not of one article.
    assert made.n == 4
    assert made.at([2]).told[0].nonzero()[0].tolist() == [3]


def test_sure_ones() -> None:
    # Sure and known: 1 + 1 + 1 of 5 given; right: topic 0 of article 0 and topic 2 of article 2.
    assert found()["sure"] == pytest.approx(3 / 5)
    assert found()["sure_precision"] == pytest.approx(2 / 3)
    assert not {"sure", "sure_precision"} & set(found(sure=None))


def test_nothing_given_counts_0() -> None:
    made = record()
    nothing = TopicSystem.of(np.zeros((4, 17)), np.zeros((4, 17)), probabilities=True, sure=np.zeros((4, 17)))
    scores = topic_scores(made, nothing)
    assert {scores[name] for name in ("micro_f1", "micro_precision", "macro_f1", "sure", "sure_precision")} == {0.0}


def test_average_precision_is_that_of_scikit_learn_also_with_ties_and_weights() -> None:
    random = np.random.default_rng(3)
    gold, scores = random.integers(0, 2, 60).astype(float), random.integers(0, 12, 60) / 12
    known = np.ones(60)
    weights = random.integers(0, 4, (5, 60)).astype(float)
    expected = [average_precision_score(gold, scores, sample_weight=row) for row in weights]
    assert average_precision(gold, known, scores, weights).tolist() == pytest.approx(expected)
    known[::3] = 0
    told = known > 0
    expected = [average_precision_score(gold[told], scores[told], sample_weight=row[told]) for row in weights]
    assert average_precision(gold, known, scores, weights).tolist() == pytest.approx(expected)


def test_an_article_drawn_twice_counts_twice() -> None:
    made = record(single=True)
    twice = made.at([0, 1, 1, 3])
    expected = topic_scores(twice, twice.systems[MODEL])
    drawn = topic_statistic(made, made.systems[MODEL])(np.array([[1.0, 2.0, 0.0, 1.0]]))
    # The means over topics are over those of all articles, whatever is drawn.
    for name in set(expected) - {"macro_f1", "map"}:
        assert drawn[name][0] == pytest.approx(expected[name]), name


def test_each_topic() -> None:
    made = record()
    each = per_topic_scores(made, made.systems[MODEL])
    assert list(each) == list(TOPIC_IDS[:4])
    assert each[TOPIC_IDS[1]] == pytest.approx(
        {"precision": 1 / 2, "recall": 1, "f1": 2 / 3, "support": 1, "given": 2, "known": 3}
    )
    assert each[TOPIC_IDS[3]] == {"precision": 0, "recall": 0, "f1": 0, "support": 0, "given": 1, "known": 4}


def test_the_record_travels_through_json() -> None:
    import json

    made = record(single=True, apart=SCORES / 2)
    again = TopicRecord.from_dict(json.loads(json.dumps(made.to_dict())))
    assert (again.places, again.reach, again.denied, again.single) == ((0, 2, 3, 7), (0, 1, 2), (0, 1, 2, 3), True)
    assert topic_scores(again, again.systems[MODEL]) == topic_scores(made, made.systems[MODEL])
    assert again.systems[MODEL].apart is not None
    plain = TopicRecord.from_dict(record(sure=None).to_dict()).systems[MODEL]
    assert (plain.sure, plain.apart) == (None, None)


@pytest.mark.parametrize(
    "change",
    [{"ids": ["medtop:01000000"]}, {"gold": [[99]]}, {"systems": {MODEL: {}}}, {"places": None}, {"denied": None}],
)
def test_a_damaged_record_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="the report's record of the topics is damaged"):
        TopicRecord.from_dict(record().to_dict() | change)


def test_a_section_has_slices_and_differences() -> None:
    made = record(single=True)
    better = TopicSystem.of(GOLD, GOLD, probabilities=True)
    made = dataclasses.replace(made, systems={MODEL: better, "other": made.systems[MODEL]})
    section = topic_section(made, {"language": {"ru": [0, 1, 2], "kk": [7], "uz": [5]}})
    assert section["topics"]["other"]["micro_f1"] == pytest.approx(6 / 9)
    row = section["topic_differences"]["other"]["micro_f1"]
    assert row["mean"] == pytest.approx(1 - 6 / 9)
    assert row["low"] <= row["mean"] <= row["high"]
    assert "sure" not in section["topic_differences"]["other"]
    details = section["topic_details"]
    assert (details["n"], details["pairs"], details["used"], details["single"]) == (4, 14, 3, True)
    # Places of the report: 0 and 2 are its first two articles, 7 its last; 1 and 5 are not judged.
    assert {name: part["n"] for name, part in details["slices"]["language"].items()} == {"ru": 2, "kk": 1}
    assert sum(row["n"] for row in details["reliability"]) == 14


def test_the_draws_are_those_of_the_statistic() -> None:
    made = record()
    once = topic_scores(made, made.systems[MODEL])
    drawn = resample(4, topic_statistic(made, made.systems[MODEL]))
    assert set(drawn) == set(once)
    assert all(np.isfinite(values).all() for values in drawn.values())
