"""The model card: what a bundle's README.md says, made from what the bundle knows."""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml


def model_card(
    name: str, about: str, *, origin: Mapping[str, Any], metrics: Mapping[str, Any], tags: Sequence[str]
) -> str:
    """Markdown with the hub's front matter.

    Args:
        name: heading.
        about: purpose and limits, in the words of the config.
        origin: where the model comes from, as `Bundle.origin`.
        metrics: scores by split, as `Bundle.metrics`.
        tags: the vocabulary.
    """
    front = {
        "language": origin.get("languages") or ["ru"],
        "library_name": "svodka",
        "pipeline_tag": "text-classification",
        "tags": ["news", "multi-label", "summarization"],
    }
    if origin.get("base_model"):
        front["base_model"] = origin["base_model"]
    parts = [
        f"---\n{yaml.safe_dump(front, allow_unicode=True, sort_keys=False)}---\n\n# {name}\n",
        about.strip() or "Topic tags and a short summary for news articles.",
        _use(),
        _origin(origin),
        *(_scores(split, body) for split, body in metrics.items()),
        f"## Tags\n\n{len(tags)}: {', '.join(tags)}.",
    ]
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def _use() -> str:
    return (
        "## Use\n\n```python\nfrom svodka import Annotator\n\n"
        'annotator = Annotator.load("path/of/this/folder")\nprint(annotator("Текст новости…"))\n```'
    )


def _origin(origin: Mapping[str, Any]) -> str:
    lines = [f"- {key.replace('_', ' ')}: {_inline(value)}" for key, value in origin.items() if value]
    return "## Where it comes from\n\n" + "\n".join(lines)


def _scores(split: str, body: Mapping[str, Any]) -> str:
    plain = {key: value for key, value in body.items() if not isinstance(value, Mapping)}
    nested = {key: value for key, value in body.items() if isinstance(value, Mapping)}
    lines = [f"## Scores on {split}", "", *(f"- {key.replace('_', ' ')}: {_inline(v)}" for key, v in plain.items())]
    for key, values in nested.items():
        lines += ["", f"{key}: " + "; ".join(f"{k} {_inline(v)}" for k, v in values.items())]
    return "\n".join(lines)


def _inline(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_inline(item)}" for key, item in value.items())
    return ", ".join(map(_inline, value)) if isinstance(value, (list, tuple)) else str(value)
