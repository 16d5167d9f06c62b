"""The model card: what a bundle's README.md says, made from what the bundle knows."""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from svodka.topics import TOPICS

# What the card shows of a system's scores, by the beginning of the system's name in the metrics.
_COLUMNS = {
    "topics": ("micro_f1", "macro_f1", "p@1", "accuracy", "map", "ece", "sure", "sure_precision"),
    "tags": ("micro_f1", "macro_f1", "example_f1", "p@1", "p@5", "r@5", "map", "ece"),
    "summaries": ("rouge1", "rouge2", "rougeL", "rougeLsum", "chrf", "words"),
}

_INDEXED = (
    ("topics, model", "text-classification", {"micro_f1": "f1", "macro_f1": "f1"}),
    ("tags, model", "text-classification", {"micro_f1": "f1", "macro_f1": "f1"}),
    ("summaries, model", "summarization", {"rouge1": "rouge", "rouge2": "rouge", "rougeL": "rouge"}),
)


def model_card(
    name: str, about: str, *, origin: Mapping[str, Any], metrics: Mapping[str, Any], tags: Sequence[str],
    topics: bool = False,
) -> str:  # fmt: skip
    """Markdown with the hub's front matter.

    Args:
        name: heading.
        about: purpose and limits, in the words of the config.
        origin: where the model comes from, as `Bundle.origin`.
        metrics: scores by split, as `Bundle.metrics`.
        tags: the vocabulary.
        topics: whether the model knows the topics.
    """
    front: dict[str, Any] = {
        "language": origin.get("languages") or ["ru"],
        "library_name": "svodka",
        "pipeline_tag": "text-classification",
        "tags": ["news", "multi-label", "summarization"],
    }
    front |= {key: origin[key] for key in ("base_model", "datasets") if origin.get(key)}
    results = _results(origin, metrics.get("test", {}))
    if results:
        front["model-index"] = [{"name": name, "results": results}]
    parts = [
        f"---\n{yaml.safe_dump(front, allow_unicode=True, sort_keys=False)}---\n\n# {name}\n",
        about.strip() or "Topics, tags and a short summary for news articles.",
        _use(),
        _origin(origin),
        *(_scores(split, body) for split, body in metrics.items()),
        _topics() if topics else "",
        f"## Tags\n\n{len(tags)}: {', '.join(tags)}.",
    ]
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def name_and_about(run: Mapping[str, Any], *, otherwise: str = "svodka") -> tuple[str, str]:
    """Name and purpose of a model as the config of its run says them; `otherwise` is the name of one without."""
    told = run.get("bundle")
    told = told if isinstance(told, Mapping) else {}
    return str(told.get("name", otherwise)), str(told.get("about", ""))


def _results(origin: Mapping[str, Any], scores: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Scores on the test split in the hub's form (`model-index`)."""
    source = ", ".join(origin.get("sources", ())) or "own data"
    dataset = {"name": source, "type": next(iter(origin.get("datasets", ())), source), "split": "test"}
    return [
        {
            "task": {"type": task},
            "dataset": dataset,
            "metrics": [
                {"type": kind, "name": figure, "value": round(found[figure], 4)} for figure, kind in of.items()
            ],
        }
        for key, task, of in _INDEXED
        if (found := scores.get(key)) and all(figure in found for figure in of)
    ]


def _use() -> str:
    return (
        "## Use\n\n```python\nfrom svodka import Annotator\n\n"
        'annotator = Annotator.load("path/of/this/folder")\nprint(annotator("Текст новости…"))\n```'
    )


def _origin(origin: Mapping[str, Any]) -> str:
    lines = [f"- {key.replace('_', ' ')}: {_inline(value)}" for key, value in origin.items() if value]
    return "## Where it comes from\n\n" + "\n".join(lines)


def _topics() -> str:
    named = "; ".join(topic.names["ru"] for topic in TOPICS)
    return f"## Topics\n\nThe {len(TOPICS)} top-level Media Topics of the IPTC: {named}."


def _scores(split: str, body: Mapping[str, Any]) -> str:
    plain = {key: value for key, value in body.items() if not isinstance(value, Mapping)}
    lines = [f"## Scores on {split}", "", *(f"- {key.replace('_', ' ')}: {_inline(v)}" for key, v in plain.items())]
    nested = {key: value for key, value in body.items() if isinstance(value, Mapping)}
    for kind, columns in _COLUMNS.items():
        of_kind = {
            key.removeprefix(f"{kind}, "): nested.pop(key) for key in list(nested) if key.startswith(f"{kind}, ")
        }
        if of_kind:
            lines += ["", *_table(kind, columns, of_kind)]
    for key, values in nested.items():
        lines += ["", f"{key.replace('_', ' ')}: " + "; ".join(f"{k} {_inline(v)}" for k, v in values.items())]
    if len(body) > len(plain):
        lines += ["", "All figures are in `metrics.json`."]
    return "\n".join(lines)


def _table(kind: str, columns: Sequence[str], systems: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Rows of a Markdown table, the first of them its head: a system or a difference a row."""
    shown = [c for c in columns if any(c in scores for scores in systems.values())]
    cells = ([name, *(_cell(scores.get(c, "")) for c in shown)] for name, scores in systems.items())
    rows = [[kind, *shown], ["---"] * (len(shown) + 1), *cells]
    return [f"| {' | '.join(row)} |" for row in rows]


def _cell(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{value['mean']:+.2f} [{value['low']:+.2f}, {value['high']:+.2f}]"
    return _inline(value)


def _inline(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_inline(item)}" for key, item in value.items())
    return ", ".join(map(_inline, value)) if isinstance(value, (list, tuple)) else str(value)
