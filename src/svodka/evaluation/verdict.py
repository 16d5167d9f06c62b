"""Where the model is below a baseline: the first thing that a report must say."""

from collections.abc import Mapping
from typing import Any

TOPIC_SCORES = ("micro_f1", "macro_f1", "p@1", "map", "accuracy")
TAG_SCORES = ("micro_f1", "macro_f1", "example_f1", "p@5", "map")
SUMMARY_SCORES = ("rouge1", "rouge2", "rougeL", "chrf")


def verdict(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Scores in which a baseline is above the model.

    Returns:
        `part` (`topics`, `tags` or `summaries`), `score`, `baseline`, `model_value`, `baseline_value`, and the `mean`,
        `low` and `high` of model minus baseline; `sure` where the whole interval lies below 0.
    """
    pairs: list[tuple[str, str, Any, Any, tuple[str, ...]]] = [
        (part, name, report[part], differences, scores)
        for part, key, scores in (
            ("topics", "topic_differences", TOPIC_SCORES),
            ("tags", "tag_differences", TAG_SCORES),
        )
        for name, differences in report.get(key, {}).items()
    ]
    summaries = report.get("summaries", {})
    pairs += [
        ("summaries", name, summaries["systems"], summaries[f"model - {name}"], SUMMARY_SCORES)
        for name in summaries.get("baselines", ())
    ]
    return [
        {
            "part": part,
            "score": score,
            "baseline": name,
            "model_value": systems["model"][score],
            "baseline_value": systems[name][score],
            **differences[score],
            "sure": differences[score]["high"] < 0,
        }
        for part, name, systems, differences, scores in pairs
        for score in scores
        if score in differences and differences[score]["mean"] < 0
    ]


def sentence(row: Mapping[str, Any]) -> str:
    """One row of a verdict in words."""
    noise = "" if row["sure"] else ", within the noise"
    return (
        f"{row['part']}: the model is below '{row['baseline']}' in {row['score']}: {row['model_value']:.4g} against "
        f"{row['baseline_value']:.4g} (difference {row['mean']:+.2g} [{row['low']:+.2g}, {row['high']:+.2g}]{noise})"
    )
