"""Tables for a person at a terminal. Text of articles is printed as text: rich's markup in it has no effect."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from svodka.bundle.engine_records import EngineRecord

_SPLITS = ("train", "validation", "test")
_VERDICTS = {"no drift": "bold green", "some drift": "bold yellow", "strong drift": "bold red"}
_MOST_TAGS = 15
_FIGURES = ("micro_f1", "macro_f1", "p@1", "accuracy", "p@5", "rouge1", "rouge2", "rougeL")
_KINDS = {"person": "people", "organisation": "organisations", "place": "places"}
_MOST_NAMES = 12  # of a kind on a card; JSON has all


def show_annotation(row: Mapping[str, Any]) -> None:
    """An annotation in its JSON form: title, topics, tags with score and first evidence, entities if listed, summary.

    A topic that is not sure stands with a question mark.
    """
    table = Table(box=None, pad_edge=False, show_header=False)
    for tag in row["tags"]:
        evidence = tag["evidence"][0] if tag["evidence"] else ""
        table.add_row(Text(tag["name"], style="bold"), f"{tag['score']:.2f}", Text(_short(evidence), style="dim"))
    console = Console()
    console.print(Panel(Text(row.get("title") or row["id"] or "(no title)", style="bold"), expand=False))
    if row.get("topics"):
        shown = (f"{topic['name']}{'' if topic['sure'] else '?'} {topic['score']:.2f}" for topic in row["topics"])
        console.print(Text("topics: ", style="dim"), Text(", ".join(shown), style="bold"), sep="")
    console.print(table if row["tags"] else Text("no tag reached its threshold", style="dim"))
    for kind, names in _by_kind(row.get("entities") or []).items():
        console.print(Text(f"{kind}: ", style="dim"), Text(", ".join(names)), sep="")
    if row["summary"]:
        note = f" ({row['summary']['note']})" if row["summary"].get("note") else ""
        console.print(
            Text(f"\n{row['summary']['kind']}{note}: ", style="dim"), Text(row["summary"]["text"]), "\n", sep=""
        )
    if row["cut"]:
        console.print(Text(f"{row['cut']} tokens at the end were not read", style="yellow"))


def _by_kind(entities: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for kind, heading in _KINDS.items():
        names = [entity["name"] for entity in entities if entity["kind"] == kind]
        if names:
            found[heading] = names[:_MOST_NAMES] + (["…"] if len(names) > _MOST_NAMES else [])
    return found


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


def show_preparation(manifest: Mapping[str, Any], folder: Path) -> None:
    """Counts of a prepared folder: read, kept, dropped by reason, mended, splits."""
    table = Table(title=str(folder), title_justify="left", show_header=False)
    table.add_row("read", f"{manifest['read']:,}")
    for reason, count in manifest["dropped"].items():
        table.add_row(Text(f"  dropped: {reason}"), f"{count:,}")
    for reason, count in manifest["mended"].items():
        table.add_row(Text(f"  mended: {reason}"), f"{count:,}")
    table.add_row("kept", f"{manifest['kept']:,}", style="bold")
    table.add_row("  near-duplicates of an earlier one", f"{manifest['near_duplicates']:,}")
    for name in _SPLITS:
        table.add_row(f"  {name}", f"{manifest['splits'].get(name, 0):,}")
    table.add_row("tags", f"{manifest['tags']:,}")
    Console().print(table)


def show_drift(found: Mapping[str, Any]) -> None:
    """The verdict, what speaks for it, and the numbers."""
    console = Console()
    console.print(Text(f"{found['verdict']} (n = {found['n']})", style=_VERDICTS[found["verdict"]]))
    for line in found["why"]:
        console.print(Text(f"  {line}"))
    table = Table(title="an article's numbers", title_justify="left")
    for name in ("", "new", "held-out", "PSI", "by chance up to", "change"):
        table.add_column(name, justify="right" if name else "left")
    for name, row in found["features"].items():
        numbers = (f"{row['mean']:.4g}", f"{row['mean_reference']:.4g}", f"{row['psi']:.3f}", f"{row['noise']:.3f}")
        table.add_row(name, *numbers, row["change"], style="" if row["change"] == "none" else "yellow")
    console.print(table)
    words = found["vocabulary"]
    console.print(
        f"pieces never seen in training: {words['unseen']:.2%} (held-out articles {words['unseen_reference']:.2%}); "
        f"Jensen-Shannon divergence from training {words['divergence']:.3f} bits "
        f"(held-out {words['divergence_reference']:.3f})"
    )
    for row in found["tags"][:_MOST_TAGS]:
        console.print(
            Text(f"  {row['name']}: {row['change']}, {row['share']:.1%} against {row['share_reference']:.1%}")
        )
    console.print(Text(f"held-out n = {found['n_reference']}. {found['rule']}", style="dim"))


def show_plan(config: Any, plan: Any) -> None:
    """What a run needs, as `training.plan.Plan` says, and what its config declares (`RunConfig`)."""
    reading, memory = plan.reading, plan.memory
    table = Table(show_header=False)
    table.add_row("parameters", f"{plan.parameters:,}", f"{plan.trainable:,} of them trained")
    for part in ("weights", "gradients", "optimiser", "activations"):
        table.add_row(f"memory: {part}", _gigabytes(getattr(memory, part)))
    table.add_row("memory: most at once", _gigabytes(memory.peak), f"{config.training.batch_size} articles a step")
    table.add_row("tokens an epoch", f"{reading.articles * reading.tokens:,.0f}", f"{reading.tokens:,.0f} an article")
    table.add_row("articles cut", f"{reading.cut_articles:.1%}", f"{reading.cut_tokens:.1%} of all tokens")
    if config.model.decoder.weight:
        table.add_row("summaries cut", f"{reading.cut_summaries:.1%}", f"{reading.summary:.0f} tokens a summary")
    table.add_row("steps", f"{plan.steps:,}", f"{config.training.epochs:g} epochs of {reading.articles:,} articles")
    if plan.seconds is not None:
        table.add_row("time here", _hours(plan.seconds), f"on one {plan.device}, validation not counted")
    table.add_row("sizes", Text(reading.source))
    if config.plan.hardware:
        table.add_row("planned for", Text(config.plan.hardware))
    for score in config.plan.reported:
        values = ", ".join(f"{name} {value}" for name, value in score.scores.items())
        table.add_row("reported", Text(values), Text(f"{score.system}; {score.signature}; {score.source}"))
    Console().print(table)


def _gigabytes(size: float) -> str:
    return f"{size / 2**30:.2f} GiB"


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds / 60:.1f} min"


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


def _figures(scores: Mapping[str, Any]) -> str:
    """The main figures of a system, or of a difference with its interval."""
    found = {name: scores[name] for name in _FIGURES if name in scores}
    return ", ".join(
        f"{name} {value['mean']:+.2f} [{value['low']:+.2f}, {value['high']:+.2f}]"
        if isinstance(value, Mapping)
        else f"{name} {value:.3f}"
        for name, value in found.items()
    )


def _short(text: str, width: int = 90) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
