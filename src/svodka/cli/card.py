"""An annotation as a card at a terminal. Text of articles is printed as text: rich's markup in it has no effect."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from svodka.messages import translated

_KINDS = {"person": "people", "organisation": "organisations", "place": "places"}
_MOST_NAMES = 12  # of a kind; JSON has all


def show_annotation(row: Mapping[str, Any]) -> None:
    """An annotation in its JSON form: title, topics, tags with score and first evidence, entities if listed, summary.

    A topic that is not sure stands with a question mark.
    """
    table = Table(box=None, pad_edge=False, show_header=False)
    for tag in row["tags"]:
        evidence = tag["evidence"][0] if tag["evidence"] else ""
        table.add_row(Text(tag["name"], style="bold"), f"{tag['score']:.2f}", Text(_short(evidence), style="dim"))
    console = Console()
    console.print(Panel(Text(row.get("title") or row["id"] or translated("(no title)"), style="bold"), expand=False))
    if row.get("topics"):
        shown = (f"{topic['name']}{'' if topic['sure'] else '?'} {topic['score']:.2f}" for topic in row["topics"])
        console.print(Text(translated("topics: "), style="dim"), Text(", ".join(shown), style="bold"), sep="")
    console.print(table if row["tags"] else Text(translated("no tag reached its threshold"), style="dim"))
    for kind, names in _by_kind(row.get("entities") or []).items():
        console.print(Text(f"{translated(kind)}: ", style="dim"), Text(", ".join(names)), sep="")
    if row["summary"]:
        note = f" ({row['summary']['note']})" if row["summary"].get("note") else ""
        console.print(
            Text(f"\n{translated(row['summary']['kind'])}{note}: ", style="dim"),
            Text(row["summary"]["text"]),
            "\n",
            sep="",
        )
    if row["cut"]:
        console.print(Text(translated(f"{row['cut']} tokens at the end were not read"), style="yellow"))


def _by_kind(entities: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for kind, heading in _KINDS.items():
        names = [entity["name"] for entity in entities if entity["kind"] == kind]
        if names:
            found[heading] = names[:_MOST_NAMES] + (["…"] if len(names) > _MOST_NAMES else [])
    return found


def _short(text: str, width: int = 90) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
