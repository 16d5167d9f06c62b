"""The report as one HTML page: no script, nothing loaded from elsewhere, every text escaped."""

import base64
import hashlib
from collections.abc import Mapping
from importlib import resources
from typing import Any

from svodka.evaluation.columns import score_tables
from svodka.evaluation.report import charts
from svodka.evaluation.report.reading import body_paragraphs, format_count, format_number, format_score, numbered_tags
from svodka.evaluation.report.svg import bar
from svodka.evaluation.report.tables import slice_columns
from svodka.evaluation.verdict import TAG_SCORES, TOPIC_SCORES, sentence
from svodka.topics import topic_name


def render(report: Mapping[str, Any]) -> str:
    """The page of a report.

    Args:
        report: what `evaluate` gave, or the same read from JSON; nothing else is looked at.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    place = PackageLoader("svodka.evaluation.report", "templates")
    environment = Environment(
        loader=place, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"score": format_score, "number": format_number, "count": format_count}
    environment.globals |= {
        "charts": charts,
        "bar": bar,
        "sentence": sentence,
        "paragraphs": body_paragraphs,
        "numbered": numbered_tags,
        "score_tables": score_tables,
        "topic_name": topic_name,
        "topic_scores": TOPIC_SCORES,
        "tag_scores": TAG_SCORES,
        "slice_columns": slice_columns,
    }
    style = resources.files("svodka.evaluation.report").joinpath("templates/style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    # The policy's hash is that of the element's exact text, so the style goes in as it is.
    return environment.get_template("page.html.j2").render(report=report, style=Markup(style), digest=digest)
