"""The tags' part of a report, computed from what the report keeps."""

from collections.abc import Mapping, Sequence
from typing import Any

from svodka.evaluation.bootstrap import Floats, Measured, beside, bounds, resample
from svodka.evaluation.tags.calibration import reliability
from svodka.evaluation.tags.curves import threshold_curve
from svodka.evaluation.tags.metrics import per_tag_scores, tag_scores
from svodka.evaluation.tags.mistakes import mistakes
from svodka.evaluation.tags.pairs import co_occurrence, confused, together
from svodka.evaluation.tags.record import TagRecord
from svodka.evaluation.tags.resampling import tag_statistic

MODEL = "model"
_SLICED = ("micro_precision", "micro_recall", "micro_f1", "example_f1", "p@5")


def tag_section(record: TagRecord, slices: Mapping[str, Mapping[str, Sequence[int]]]) -> dict[str, Any]:
    """Every number about tags.

    Args:
        record: gold and systems.
        slices: groups of articles, as `slices.groups` gives them.

    Returns:
        `tags` {system: scores}; `tag_intervals` {system: {score: [low, high]}}; `tag_differences` {baseline: {score:
        model minus baseline}}; `per_tag`; `tag_details` with curve, reliability, pairs, mistakes and slices.
    """
    gold, model = record.gold, record.systems[MODEL]
    scored, intervals, pairs = measured(record)
    return {
        "tags": scored,
        "tag_intervals": intervals,
        "tag_differences": pairs,
        "per_tag": per_tag_scores(gold, model.decided, record.names),
        "tag_details": {
            "curve": threshold_curve(gold, model.scores),
            "reliability": reliability(gold, model.scores),
            "co_occurrence": co_occurrence(gold, model.decided, record.names),
            "together": together(gold, model.decided, record.names),
            "confused": confused(gold, model.decided, record.names),
            "mistakes": mistakes(gold, model.decided, model.scores, record.names),
            "slices": {kind: _sliced(record, named) for kind, named in slices.items()},
        },
    }


def measured(record: TagRecord) -> Measured:
    """Scores of every system, their intervals, and the model's paired differences to each baseline."""
    scored = {name: scores_of(record, name) for name in record.systems}
    return beside(MODEL, scored, {name: draws_of(record, name) for name in record.systems})


def scores_of(record: TagRecord, name: str) -> dict[str, float]:
    """`tag_scores` of a system."""
    system = record.systems[name]
    return tag_scores(
        record.gold, system.decided, system.scores, probabilities=system.probabilities, parents=record.parents
    )


def draws_of(record: TagRecord, name: str) -> dict[str, Floats]:
    """A system's scores over the bootstrap's draws."""
    system = record.systems[name]
    statistic = tag_statistic(
        record.gold, system.decided, system.scores, probabilities=system.probabilities, parents=record.parents
    )
    return resample(record.n, statistic)


def _sliced(record: TagRecord, named: Mapping[str, Sequence[int]]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, places in named.items():
        part = record.at(list(places))
        scores = scores_of(part, MODEL)
        interval = bounds(scores["micro_f1"], draws_of(part, MODEL)["micro_f1"])
        found[name] = {"n": len(places), **{k: scores[k] for k in _SLICED}, "micro_f1_interval": interval}
    return found
