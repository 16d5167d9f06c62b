"""What was found of models and articles, at a terminal: a model beside its baselines, two models, drift."""

from collections.abc import Mapping, Sequence, Set
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from svodka.evaluation.columns import LEADING

Red = Set[tuple[str, str]]

_VERDICTS = {"no drift": "bold green", "some drift": "bold yellow", "strong drift": "bold red"}
_MOST_TAGS = 15
_LOSSES = ("ece", "brier")  # the lower the better


def show_report(report: Mapping[str, Any], below: Sequence[str]) -> None:
    """Where the model is below a baseline, then its scores on topics, tags and summaries beside the baselines'.

    Args:
        report: what `evaluate` gave.
        below: a sentence for each score in which a baseline is better.
    """
    console = Console()
    for line in below:
        console.print(Text(line, style="bold red"))
    console.print(f"split {report['split']}, n = {report['n']}, data {report['data'][:12]}")
    red = {(row["part"], row["score"]) for row in report["below"]}
    for show in (_show_topics, _show_tags, _show_summaries, _show_evidence):
        show(console, report, red)


def show_comparison(found: Mapping[str, Any]) -> None:
    """Differences of two reports; those whose interval leaves out 0 in green or red."""
    console = Console()
    console.print(f"split {found['split']}, n = {found['n']}, data {found['data'][:12]}")
    for part in ("topics", "tags", "summaries"):
        if part not in found:
            continue
        table = Table(title=part, title_justify="left")
        for name in ("", "first", "second", "second - first", "95% interval"):
            table.add_column(name, justify="right" if name else "left")
        for name, row in found[part].items():
            style = (
                "" if row["low"] <= 0 <= row["high"] else "green" if (row["low"] > 0) != (name in _LOSSES) else "red"
            )
            span = f"[{row['low']:+.3f}, {row['high']:+.3f}]"
            table.add_row(
                name, f"{row['first']:.3f}", f"{row['second']:.3f}", f"{row['mean']:+.3f}", Text(span), style=style
            )
        console.print(table)
    if "signature" in found:
        console.print(Text(found["signature"], style="dim"))


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


def _show_topics(console: Console, report: Mapping[str, Any], red: Red) -> None:
    if "topics" in report:
        console.print(_scores("topics", report["topics"], red))
        details = report["topic_details"]
        told = f"n = {details['n']} articles of which anything is told, {details['pairs']} pairs with a topic"
        console.print(Text(f"{told}; {details['signature']}", style="dim"))


def _show_tags(console: Console, report: Mapping[str, Any], red: Red) -> None:
    if "tags" in report:
        console.print(_scores("tags", report["tags"], red))
    elif report.get("outlet", {}).get("known"):
        outlet = report["outlet"]
        known = f"those of {', '.join(outlet['known'])}, and a folder is named as its outlet"
        console.print(Text(f"no tags scored: the model has none of '{outlet['name']}'; it has {known}", style="yellow"))


def _show_summaries(console: Console, report: Mapping[str, Any], red: Red) -> None:
    if "summaries" in report:
        summaries = report["summaries"]
        console.print(_scores("summaries", summaries["systems"], red))
        for name in summaries["baselines"]:
            spans = (f"{k} {_span(d)}" for k, d in summaries[f"model - {name}"].items())
            console.print(Text(f"model - {name}, 95% interval: {', '.join(spans)}"))
        console.print(Text(f"n = {summaries['n']}, {summaries['signature']}", style="dim"))
        console.print(Text(summaries["chrf_signature"], style="dim"))


def _show_evidence(console: Console, report: Mapping[str, Any], red: Red) -> None:
    if report.get("evidence", {}).get("pairs"):
        found = report["evidence"]
        low, high = (100 * bound for bound in found["share_interval"])
        console.print(
            f"evidence weighs more than another sentence in {100 * found['share']:.1f}% [{low:.1f}, {high:.1f}] "
            f"of {found['pairs']} tags of {found['articles']} articles"
        )


def _scores(title: str, systems: Mapping[str, Mapping[str, float]], red: Red) -> Table:
    table = Table(title=title, title_justify="left")
    shown = [column for column in LEADING[title] if any(column in scores for scores in systems.values())]
    for name in ("", *shown):
        table.add_column(name, justify="right" if name else "left")
    for system, scores in systems.items():
        beaten = system == "model" and any((title, column) in red for column in shown)
        table.add_row(system, *(_score(scores.get(column)) for column in shown), style="red" if beaten else "")
    return table


def _score(value: float | None) -> str:
    return "—" if value is None else f"{value:.3f}" if value <= 1 else f"{value:.1f}"


def _span(row: Mapping[str, float]) -> str:
    return f"{row['mean']:+.2f} [{row['low']:+.2f}, {row['high']:+.2f}]"
