"""Numbers and texts as the page shows them."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any


def format_score(value: float | None) -> str:
    """A score between 0 and 1, or in percent; a dash where there is none."""
    if value is None:
        return "—"
    return f"{value:.3f}" if abs(value) <= 1 else f"{value:.2f}"


def format_number(value: float | None) -> str:
    """Four significant digits."""
    return "—" if value is None else f"{value:.4g}"


def format_count(value: float) -> str:
    """A whole number with separated thousands."""
    return f"{value:,.0f}"


def numbered_tags(example: Mapping[str, Any]) -> list[dict[str, Any]]:
    """An example's tags; those that were given carry the number by which the text names them."""
    given = iter(range(1, len(example["tags"]) + 1))
    return [{**tag, "number": next(given) if tag["score"] is not None else None} for tag in example["tags"]]


def body_paragraphs(example: Mapping[str, Any]) -> list[list[dict[str, Any]]]:
    """An example's sentences by paragraph, each with the numbers of the tags that it raised."""
    numbers = {tag["name"]: tag["number"] for tag in numbered_tags(example)}

    def marked(sentence: Mapping[str, Any]) -> dict[str, Any]:
        return {"text": sentence["text"], "numbers": _joined(sentence["tags"], numbers)}

    title = {"text": example["title"], "tags": example["title_tags"], "paragraph": -1}
    sentences: Sequence[Mapping[str, Any]] = [title, *example["sentences"]]
    return [[marked(s) for s in group] for _, group in groupby(sentences, key=lambda s: s["paragraph"])]


def _joined(tags: Sequence[str], numbers: Mapping[str, Any]) -> str:
    return ", ".join(str(n) for n in sorted(numbers[tag] for tag in tags if numbers.get(tag)))
