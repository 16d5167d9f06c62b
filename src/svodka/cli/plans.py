"""What a training run needs, at a terminal."""

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from svodka.config.training import RunConfig
    from svodka.training.plan import Plan


def show_plan(config: "RunConfig", plan: "Plan") -> None:
    """What a run needs, and what its config declares."""
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
    for line in plan.left_out:
        table.add_row("not counted", Text(line))
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
