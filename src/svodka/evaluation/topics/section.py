"""The topics' part of a report, computed from what the report keeps."""

from collections.abc import Mapping, Sequence
from typing import Any

from svodka.evaluation.bootstrap import Floats, Measured, beside, bounds, resample
from svodka.evaluation.tags.calibration import reliability
from svodka.evaluation.topics.baselines import LINEAR_SIGNATURE
from svodka.evaluation.topics.metrics import SIGNATURE, per_topic_scores, topic_scores, topic_statistic
from svodka.evaluation.topics.record import MODEL, TopicRecord

_SLICED = ("micro_f1", "macro_f1", "p@1", "accuracy")


def topic_section(record: TopicRecord, slices: Mapping[str, Mapping[str, Sequence[int]]]) -> dict[str, Any]:
    """Every number about topics.

    Args:
        record: gold and systems.
        slices: groups of the report's articles, as `slices.groups` gives them.

    Returns:
        `topics` {system: scores}; `topic_intervals` {system: {score: [low, high]}}; `topic_differences` {baseline:
        {score: model minus baseline}}; `per_topic`; `topic_details` with `n`, the articles of which anything is told,
        `pairs` told of an article and a topic, `single`, `used`, how many topics they have between them, `signature`
        and `linear`, what the numbers and the linear baseline stand for, `reliability` and `slices`.
    """
    model = record.systems[MODEL]
    scored, intervals, pairs = measured(record)
    told = record.told > 0
    return {
        "topics": scored,
        "topic_intervals": intervals,
        "topic_differences": pairs,
        "per_topic": per_topic_scores(record, model),
        "topic_details": {
            "n": record.n,
            "pairs": int(told.sum()),
            "single": record.single,
            "signature": SIGNATURE,
            "linear": LINEAR_SIGNATURE,
            "used": int((record.gold * record.told).any(axis=0).sum()),
            "reliability": reliability(record.gold[told], model.scores[told]),
            "slices": {kind: _sliced(record, named) for kind, named in slices.items()},
        },
    }


def measured(record: TopicRecord) -> Measured:
    """Scores of every system, their intervals, and the model's paired differences to each baseline."""
    scored = {name: topic_scores(record, system) for name, system in record.systems.items()}
    return beside(MODEL, scored, {name: draws_of(record, name) for name in record.systems})


def draws_of(record: TopicRecord, name: str) -> dict[str, Floats]:
    """A system's scores over the bootstrap's draws."""
    return resample(len(record.gold), topic_statistic(record, record.systems[name]))


def _sliced(record: TopicRecord, named: Mapping[str, Sequence[int]]) -> dict[str, dict[str, Any]]:
    where = {place: row for row, place in enumerate(record.places)}
    found: dict[str, dict[str, Any]] = {}
    for name, places in named.items():
        rows = [where[place] for place in places if place in where]
        if rows:
            part = record.at(rows)
            scores = topic_scores(part, part.systems[MODEL])
            interval = bounds(scores["micro_f1"], draws_of(part, MODEL)["micro_f1"])
            told = {key: scores[key] for key in _SLICED if key in scores}
            found[name] = {"n": part.n, **told, "micro_f1_interval": interval}
    return found
