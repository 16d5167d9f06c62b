"""Annotate a stream of inputs: results in order, what cannot be read set aside and counted."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from svodka.annotator import Annotator
from svodka.article import Article
from svodka.batch.inputs import check_inputs, read_inputs
from svodka.data.reject import Reject
from svodka.files import write_text

Rows = Iterator[dict[str, Any]]


@dataclass(frozen=True)
class AnnotateOptions:
    """How to load and run a bundle, by default the one that comes with Svodka; None leaves a choice to it."""

    bundle: str | None = None
    summary: str | None = None
    engine: str = "auto"
    device: str | None = None
    entities: bool = False

    def load(self) -> Annotator:
        """Load the annotator.

        Raises:
            BundleError: no such bundle, or a damaged one.
            ConfigError: an unknown mode of summary, engine or device, or entities without the extra `ru`.
        """
        annotator = Annotator.load(self.bundle, engine=self.engine, device=self.device)
        annotator = annotator if self.summary is None else annotator.with_summary(mode=self.summary)
        return annotator.with_entities() if self.entities else annotator


def annotate_inputs(
    inputs: list[str], options: AnnotateOptions, *,
    output: Path | None, rejects: Path | None, show: Callable[[Rows], None],
) -> int:  # fmt: skip
    """Annotate pages and JSON lines.

    Args:
        inputs: paths, or `-` for JSON lines on standard input.
        options: how to load the model.
        output: file for JSON lines, written whole or not at all; None shows the rows instead.
        rejects: file for what could not be read, one JSON object a line.
        show: takes the rows as they come.

    Returns:
        How many inputs could not be read.
    """
    check_inputs(inputs)
    annotator = options.load()
    refused: list[Reject] = []
    articles = readable(read_inputs(inputs, annotator.bundle.labels), refused)
    rows = (annotation.to_dict() for annotation in annotator.stream(articles))
    if output is None:
        show(rows)
    else:
        write_text(output, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    if rejects is not None:
        write_text(rejects, "".join(json.dumps(_reject_row(r), ensure_ascii=False) + "\n" for r in refused))
    return len(refused)


def readable(items: Iterable[Article | Reject], refused: list[Reject]) -> Iterator[Article]:
    """The articles of a stream; what could not be read is told on stderr and put into `refused`."""
    for item in items:
        if isinstance(item, Article):
            yield item
        else:
            refused.append(item)
            print(f"svodka: {item.where}: {item.detail}", file=sys.stderr)


def _reject_row(reject: Reject) -> dict[str, str]:
    return {"where": reject.where, "reason": reject.reason, "detail": reject.detail}
