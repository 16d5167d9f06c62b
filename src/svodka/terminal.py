"""Tables for a person at a terminal. Text of articles is printed as text: rich's markup in it has no effect."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

_SPLITS = ("train", "validation", "test")


def show_annotation(row: Mapping[str, Any]) -> None:
    """An annotation in its JSON form: title, tags with score and first evidence, summary."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for tag in row["tags"]:
        evidence = tag["evidence"][0] if tag["evidence"] else ""
        table.add_row(Text(tag["name"], style="bold"), f"{tag['score']:.2f}", Text(_short(evidence), style="dim"))
    console = Console()
    console.print(Panel(Text(row.get("title") or row["id"] or "(no title)", style="bold"), expand=False))
    console.print(table if row["tags"] else Text("no tag reached its threshold", style="dim"))
    if row["summary"]:
        note = f" ({row['summary']['note']})" if row["summary"].get("note") else ""
        console.print(
            Text(f"\n{row['summary']['kind']}{note}: ", style="dim"), Text(row["summary"]["text"]), "\n", sep=""
        )
    if row["cut"]:
        console.print(Text(f"{row['cut']} tokens at the end were not read", style="yellow"))


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


def show_report(report: Mapping[str, Any]) -> None:
    """Scores of the model beside its baselines; the model's row in red where a baseline is better."""
    console = Console()
    console.print(f"split {report['split']}, n = {report['n']}, data {report['data'][:12]}")
    if "tags" in report:
        columns = ("micro_f1", "macro_f1", "example_f1", "p@1", "p@5", "r@5")
        console.print(_scores("tags", report["tags"], columns, rivals=("frequent tags", "TF-IDF + linear SVM")))
    if "summaries" in report:
        summaries = report["summaries"]
        rivals = tuple(name for name in summaries["systems"] if name.startswith("first"))
        console.print(_scores("summaries", summaries["systems"], ("rouge1", "rouge2", "rougeL"), rivals=rivals))
        for pair in (key for key in summaries if key.startswith("model - ")):
            spans = (f"{k} {d['mean']:+.2f} [{d['low']:+.2f}, {d['high']:+.2f}]" for k, d in summaries[pair].items())
            console.print(f"{pair}, 95% interval: {', '.join(spans)}")
        console.print(Text(f"n = {summaries['n']}, {summaries['signature']}", style="dim"))


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


def show_bundle(manifest: Mapping[str, Any], metrics: Mapping[str, Any]) -> None:
    """What a bundle's manifest and metrics say."""
    table = Table(show_header=False)
    for key in ("format", "weights", "versions", "origin"):
        value = manifest[key]
        rows = value.items() if isinstance(value, Mapping) else [("", value)]
        for name, item in rows:
            table.add_row(key, Text(name), Text(str(item)))
    for split, scores in metrics.items():
        for name, score in scores.items():
            if not isinstance(score, Mapping):
                table.add_row(f"scores: {split}", Text(name), Text(str(score)))
    size = sum(entry["size"] for entry in manifest["files"].values())
    table.add_row("files", f"{len(manifest['files'])}, all checked", f"{size / 1e6:.1f} MB")
    Console().print(table)


def _scores(
    title: str, systems: Mapping[str, Mapping[str, float]], columns: tuple[str, ...], *, rivals: tuple[str, ...]
) -> Table:
    table = Table(title=title, title_justify="left")
    for name in ("", *columns):
        table.add_column(name, justify="right" if name else "left")
    for system, scores in systems.items():
        cells = [f"{scores[column]:.3f}" if scores[column] <= 1 else f"{scores[column]:.1f}" for column in columns]
        beaten = any(systems[rival][columns[0]] > scores[columns[0]] for rival in rivals if rival in systems)
        table.add_row(system, *cells, style="red" if system == "model" and beaten else "")
    return table


def _short(text: str, width: int = 90) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
