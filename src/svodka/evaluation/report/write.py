"""A report on disk: the page, and beside it JSON and CSV for machines."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from svodka.errors import ConfigError
from svodka.evaluation.report.page import render
from svodka.evaluation.report.tables import write_tables
from svodka.files import write_text


def check_report_path(path: Path | None) -> None:
    """Check the page's name before any work starts.

    Raises:
        ConfigError: not an .html file.
    """
    if path is not None and path.suffix.lower() not in (".html", ".htm"):
        raise ConfigError(f"--report {path}: the page is HTML; give a name that ends in .html")


def write_report(report: Mapping[str, Any], page: Path) -> list[Path]:
    """Write `NAME.html`, `NAME.json` and the tables of `write_tables`.

    Args:
        report: what `evaluate` gave.
        page: path of the page.

    Returns:
        The files.
    """
    write_text(page, render(report))
    numbers = page.with_suffix(".json")
    write_report_json(numbers, report)
    return [page, numbers, *write_tables(report, page)]


def write_report_json(path: Path, report: Mapping[str, Any]) -> None:
    """Write a report's JSON, compact: most of it are records of articles that nobody reads by eye."""
    write_text(path, json.dumps(report, ensure_ascii=False, separators=(",", ":")) + "\n")
