"""What lies in a folder, at a terminal: prepared data, a bundle, its engines, its smaller vocabulary."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from svodka.bundle.engine_records import EngineRecord
from svodka.data.splits import SPLITS
from svodka.evaluation.columns import LEADING
from svodka.visible import visible

if TYPE_CHECKING:
    from svodka.data.store import Manifest

_RARE_SHOWN = 5
_FIGURES = {figure for part in LEADING.values() for figure in part}


def show_preparation(manifest: "Manifest", folder: Path) -> None:
    """Counts of a prepared folder: read, kept, dropped by reason, mended, splits."""
    table = Table(title=str(folder), title_justify="left", show_header=False)
    table.add_row("read", f"{manifest.read:,}")
    for reason, count in manifest.dropped.items():
        table.add_row(Text(f"  dropped: {reason}"), f"{count:,}")
        for one in manifest.dropped_details.get(reason, ()):
            table.add_row(Text(visible(f"    {one['detail']}, as {one['where']}")), f"{one['count']:,}")
    for reason, count in manifest.mended.items():
        table.add_row(Text(f"  mended: {reason}"), f"{count:,}")
    table.add_row("kept", f"{manifest.kept:,}", style="bold")
    table.add_row("  near-duplicates of an earlier one", f"{manifest.near_duplicates:,}")
    for name in SPLITS:
        table.add_row(f"  {name}", f"{manifest.splits.get(name, 0):,}")
    table.add_row("tags", f"{manifest.tags:,}")
    if manifest.rare_tags.get("tags"):
        shown = [f"{tag} ({n})" for tag, n in list(manifest.rare_tags["commonest"].items())[:_RARE_SHOWN]]
        table.add_row("  too rare to be learnt", f"{manifest.rare_tags['tags']:,}")
        table.add_row("  their share of all uses", f"{manifest.rare_tags['share_of_uses']:.1%}")
        table.add_row(Text(visible(f"    as {', '.join(shown)}")), "")
    Console().print(table)


def show_bundle(
    manifest: Mapping[str, Any], metrics: Mapping[str, Any], *, knows: Mapping[str, str], verified: bool
) -> None:
    """What a bundle's manifest and metrics say.

    Args:
        manifest, metrics: the bundle's own.
        knows: what it can give, such as tags -> how many.
        verified: whether every byte was checked.
    """
    table = Table(show_header=False)
    for name, told in knows.items():
        table.add_row("knows", Text(name), Text(told))
    for key in ("format", "weights", "versions", "origin"):
        value = manifest[key]
        rows = value.items() if isinstance(value, Mapping) else [("", value)]
        for name, item in rows:
            table.add_row(key, Text(name), Text(str(item)))
    for split, scores in metrics.items():
        for name, score in scores.items():
            shown = _figures(score) if isinstance(score, Mapping) else str(score)
            if shown:
                table.add_row(f"scores: {split}", Text(name), Text(shown))
    size = sum(entry["size"] for entry in manifest["files"].values())
    table.add_row(
        "files",
        f"{len(manifest['files'])}, {'every byte' if verified else 'all there, sizes'} checked",
        f"{size / 1e6:.1f} MB",
    )
    Console().print(table)


def _figures(scores: Mapping[str, Any]) -> str:
    """The main figures of a system, or of a difference with its interval."""
    found = {name: scores[name] for name in _FIGURES if name in scores}
    return ", ".join(
        f"{name} {value['mean']:+.2f} [{value['low']:+.2f}, {value['high']:+.2f}]"
        if isinstance(value, Mapping)
        else f"{name} {value:.3f}"
        for name, value in found.items()
    )


def show_engine(record: EngineRecord) -> None:
    """An engine that passed the gate, beside the reference."""
    table = Table(title=f"engine {record.engine} on {record.machine}", title_justify="left")
    for column in ("", "reference", record.engine):
        table.add_column(column, justify="left" if not column else "right")
    for name, (reference, engine) in record.scores.items():
        table.add_row(f"{name}, n = {record.n}", f"{reference:.2f}", f"{engine:.2f}")
    spread = f"{record.speedup:.2f} [{record.slowest:.2f}, {record.fastest:.2f}]"
    table.add_row(f"times as fast, {record.rounds} rounds of {record.timed} articles", "1", spread)
    Console().print(table)


def show_cut(report: Mapping[str, Any], folder: Path) -> None:
    """What became of a bundle's vocabulary, and what that costs on articles that were not counted."""
    table = Table(title=str(folder), title_justify="left")
    for name in ("", "before", "after", "left"):
        table.add_column(name, justify="right" if name else "left")
    for name, label in (("vocabulary", "vocabulary"), ("parameters", "parameters"), ("weight_bytes", "bytes")):
        before, after = report[name]["before"], report[name]["after"]
        table.add_row(label, f"{before:,}", f"{after:,}", f"{after / before:.1%}")
    console = Console()
    console.print(table)
    console.print(f"tokens counted in {report['counted']:,} articles, at least {report['min_count']} of each")
    found = report["held_out"]
    if found is None:
        console.print(Text("no articles were held out to measure the loss on", style="yellow"))
        return
    console.print(
        f"{found['articles']:,} held-out articles of {found['tokens']:,} tokens: {found['fell_back']:,} tokens "
        f"({found['share']:.3%}) are spelled by others now, {found['more_tokens']:,} more tokens in all; unknown "
        f"{found['unknown_before']:,} before, {found['unknown_after']:,} after; "
        f"{found['unchanged']:,} articles unchanged"
    )
