"""The charts of a report, each from the report's JSON."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from svodka.evaluation.report.svg import Plane, heat_map, legend

_BANDS = 24
_SHARES = (0.0, 1.0)


def threshold_chart(curve: Mapping[str, Sequence[float]], at: Mapping[str, float]) -> Markup:
    """Micro precision, recall and F1 against one shared threshold, with the model's own F1 as a level."""
    plane = Plane(_SHARES, _SHARES, x_label="threshold shared by all tags", y_label="micro average")
    for name, style in (("precision", "one"), ("recall", "two"), ("f1", "three")):
        plane.line(list(zip(curve["threshold"], curve[name], strict=True)), style)
    plane.line([(0, at["micro_f1"]), (1, at["micro_f1"])], "faint")
    lines = {"precision": "one", "recall": "two", "F1": "three", "F1 by the model's own thresholds": "faint"}
    return plane.svg("precision, recall and F1 against the threshold") + legend(lines)


def reliability_chart(bins: Sequence[Mapping[str, Any]]) -> Markup:
    """Share of right tags against the mean score, a dot a bin, larger where it holds more pairs."""
    plane = Plane(_SHARES, _SHARES, x_label="mean score of the bin", y_label="share that is right")
    plane.line([(0, 0), (1, 1)], "faint")
    plane.line([(b["score"], b["right"]) for b in bins], "one")
    told = "{n:,} pairs: mean score {score:.3f}, right {right:.3f}"
    dots = [(b["score"], b["right"], 1.5 + math.log10(b["n"]), told.format(**b)) for b in bins]
    return plane.dots(dots, "one").svg("reliability diagram") + legend({"model": "one", "perfect": "faint"})


def co_occurrence_chart(pairs: Mapping[str, Any], which: str) -> Markup:
    """Share of a row's articles that have the column's tag too."""
    shares = [
        [count / row[i] if i != j and row[i] else 0.0 for j, count in enumerate(row)]
        for i, row in enumerate(pairs[which])
    ]
    return heat_map(pairs["tags"], shares, f"co-occurrence of tags, {which}")


def length_chart(lengths: Sequence[int], limit: int) -> Markup:
    """How many tokens articles have, and where reading ends; a line far beyond them stands at the right edge."""
    longest = max(lengths)
    within = limit <= 1.5 * longest
    end = max(longest, limit * 1.02 if within else longest * 1.15)
    edges = [end * i / _BANDS for i in range(_BANDS + 1)]
    heights = [sum(low <= n < high for n in lengths) for low, high in pairwise(edges)]
    plane = Plane((0, end), (0, max(heights)), x_label="tokens of title and body", y_label="articles")
    label = f"reads up to {limit:,}" if within else f"reads up to {limit:,} →"
    return plane.bars(edges, heights, "one").upright(limit if within else end, label).svg("lengths of articles")


def loss_chart(history: Sequence[Mapping[str, Any]]) -> Markup:
    """Training and validation loss by step; nothing where the history holds fewer than two steps."""
    lines = {name: [(e["step"], e[key]) for e in history if key in e] for name, key in _LOSSES.items()}
    points = [point for line in lines.values() for point in line]
    if len({step for step, _ in points}) < 2:
        return Markup()
    top, bottom = max(y for _, y in points), min(y for _, y in points)
    plane = Plane((0, max(x for x, _ in points)), (min(0, bottom), top), x_label="step", y_label="loss")
    styles = {"training": "one", "validation": "two"}
    for name, line in lines.items():
        plane.line(line, styles[name]).dots([(x, y, 2.5, f"{y:.4g}") for x, y in line if name == "validation"], "two")
    return plane.svg("loss by step") + legend(styles)


_LOSSES = {"training": "loss", "validation": "eval_loss"}
