"""The summaries' part of a report, computed from what the report keeps."""

from collections.abc import Mapping, Sequence
from typing import Any

from svodka.evaluation.bootstrap import Floats, bounds, mean_statistic, paired_difference, resample
from svodka.evaluation.summaries.record import SummaryRecord
from svodka.evaluation.summaries.rouge import means

MODEL = "model"
EDITOR = "editor"
SCORES = ("rouge1", "rouge2", "rougeL", "rougeLsum", "chrf")


def summary_section(record: SummaryRecord, slices: Mapping[str, Mapping[str, Sequence[int]]]) -> dict[str, Any]:
    """Every number about summaries.

    Args:
        record: measures of each article.
        slices: groups of the report's articles, as `slices.groups` gives them.

    Returns:
        `n`, `signature`, `chrf_signature`, `abstractive`; `systems` {system: measures}; `intervals` {system: {measure:
        [low, high]}}; `editor`, the measures of the editor's own summaries; `model - BASELINE` {score: difference};
        `slices`.
    """
    systems = {name: rows for name, rows in record.rows.items() if name != EDITOR}
    section: dict[str, Any] = {
        "n": len(record.places),
        "signature": record.signature,
        "chrf_signature": record.chrf_signature,
        "abstractive": record.abstractive,
        "systems": {name: means(rows) for name, rows in systems.items()},
        "intervals": {name: _intervals(rows) for name, rows in systems.items()},
        "editor": means(record.rows[EDITOR]),
        "baselines": list(record.baselines),
        "slices": {kind: _sliced(record, named) for kind, named in slices.items()},
    }
    for name in record.baselines:
        section[f"model - {name}"] = summary_differences(systems[MODEL], systems[name])
    return section


def summary_differences(ours: Mapping[str, Floats], theirs: Mapping[str, Floats]) -> dict[str, dict[str, float]]:
    """Paired differences of the scores against the reference, with their intervals."""
    return {name: paired_difference(ours[name], theirs[name]) for name in SCORES}


def _intervals(rows: Mapping[str, Floats]) -> dict[str, list[float]]:
    drawn = resample(len(next(iter(rows.values()))), mean_statistic(rows))
    return {name: bounds(float(values.mean()), drawn[name]) for name, values in rows.items()}


def _sliced(record: SummaryRecord, named: Mapping[str, Sequence[int]]) -> dict[str, dict[str, Any]]:
    where = {place: row for row, place in enumerate(record.places)}
    found: dict[str, dict[str, Any]] = {}
    for name, places in named.items():
        rows = [where[place] for place in places if place in where]
        if rows:
            part = {k: record.rows[MODEL][k][rows] for k in (*SCORES, "words")}
            found[name] = {"n": len(rows), **means(part), "rouge1_interval": _intervals(part)["rouge1"]}
    return found
