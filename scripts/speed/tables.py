"""Answers as Markdown and as JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

from speed.compare import Comparison, Row
from speed.setting import Section

TIMING_HEADER = (
    "", "times as fast", "articles/s", "tokens/s", "encoder GFLOP/s (of the measured peak)",
    "peak MiB, loading included (on a GPU: of its memory)", "beside the reference engine",
)  # fmt: skip


def markdown(header: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    """A table; a bar within a cell is escaped."""
    rows = [header, ["---"] * len(header), *cells]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)


def section_text(section: Section) -> str:
    """A part's answer as Markdown."""
    table = markdown(section.header, section.cells) if section.cells else ""
    notes = "\n".join(f"- {note}" for note in section.notes if note)
    return "\n\n".join(filter(None, [f"## {section.title}", table, notes]))


def timing_cells(found: Comparison, peaks: Mapping[str, float]) -> list[list[str]]:
    """Rows under `TIMING_HEADER`.

    Args:
        found: what was measured.
        peaks: matrix rate of the machine, from `machine.peaks`.
    """
    cells = [_timing_row(row, peaks) for row in found.rows]
    return cells + [[name, "not here", *[""] * (len(TIMING_HEADER) - 3), why] for name, why in found.missing.items()]


def _timing_row(row: Row, peaks: Mapping[str, float]) -> list[str]:
    # A number format that is slower than float32 is no peak of anything.
    shares = ", ".join(f"{row.gflops / peak:.0%} {kind}" for kind, peak in peaks.items() if peak >= peaks["float32"])
    return [
        row.name,
        f"{row.ratio:.2f}",
        f"{row.articles_per_second:.1f}",
        f"{row.tokens_per_second:,.0f}",
        f"{row.gflops:.0f} ({shares})",
        "" if row.peak_mib is None else f"{row.peak_mib:,.0f}",
        "" if row.agreement is None else str(row.agreement),
    ]


def text_note(found: Comparison) -> str:
    """How much of Svodka's time the text takes; empty where nothing of Svodka was timed."""
    ours = [(row, row.text_share) for row in found.rows if row.text_share is not None]
    if not ours:
        return ""
    told = ", ".join(f"{share:.0%} of the time of {row.name}" for row, share in ours)
    return f"The text alone (cleaning, sentences, tokens) takes Svodka {ours[0][0].text_ms:.2f} ms an article: {told}."


def machine_text(facts: Mapping[str, Any], peaks: Mapping[str, float]) -> str:
    """The machine and the versions in a few lines."""
    rates = ", ".join(f"{rate:,.4g} GFLOP/s in {kind}" for kind, rate in peaks.items())
    flags = ", ".join(facts["flags"]) or "none of note"
    device = f"{facts['device']} ({facts['card']})" if facts["card"] else facts["device"]
    return (
        f"{facts['date']}; {facts['cpu']} ({flags}), {facts['cores']} cores, {facts['threads']} threads of torch, "
        f"device {device}; measured peak of matrix products: {rates}; Svodka {facts['svodka']}, "
        f"torch {facts['torch']}, transformers {facts['transformers']}, tokenizers {facts['tokenizers']}, "
        f"Python {facts['python']}."
    )


def report_text(machine: str, sections: Sequence[Section]) -> str:
    """The whole report."""
    return "\n\n".join(["# Benchmark", machine, *map(section_text, sections)]) + "\n"
