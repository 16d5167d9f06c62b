"""A report's numbers from a report's records: the one way in which they are made, at first and ever after."""

from collections.abc import Mapping
from typing import Any

from svodka.errors import DataError
from svodka.evaluation.evidence import evidence_section, trials_of
from svodka.evaluation.slices import groups
from svodka.evaluation.summaries.record import SummaryRecord
from svodka.evaluation.summaries.section import summary_section
from svodka.evaluation.tags.record import TagRecord
from svodka.evaluation.tags.section import tag_section
from svodka.evaluation.topics.record import TopicRecord
from svodka.evaluation.topics.section import topic_section
from svodka.evaluation.verdict import verdict

REPORT_FORMAT = 2


def recompute(report: Mapping[str, Any]) -> dict[str, Any]:
    """Every number of a report, from its `articles`, `records` and trials of evidence alone.

    Returns:
        `topics`, `topic_intervals`, `topic_differences`, `per_topic`, `topic_details`; `editor_tags` (how many they
        used, how many of these the vocabulary knows), `tags`, `tag_intervals`, `tag_differences`, `per_tag`,
        `tag_details`; `summaries`, `evidence`, `below`, as far as the records go.
    """
    records, slices = report["records"], groups(report["articles"])
    found: dict[str, Any] = {}
    if "topics" in records:
        found |= topic_section(TopicRecord.from_dict(records["topics"]), slices)
    if "tags" in records:
        uses = sum(article["editor_tags"] for article in report["articles"])
        found["editor_tags"] = {"uses": uses, "known": sum(map(len, records["tags"]["gold"]))}
        found |= tag_section(TagRecord.from_dict(records["tags"]), slices)
    if "summaries" in records:
        found["summaries"] = summary_section(SummaryRecord.from_dict(records["summaries"]), slices)
    if "evidence" in report:
        found["evidence"] = evidence_section(trials_of(report["evidence"]))
    return found | {"below": verdict(found)}


def check_format(report: Mapping[str, Any], name: str) -> None:
    """Check that a report is one that this version reads.

    Raises:
        DataError: another format, or no report at all.
    """
    if report.get("format") != REPORT_FORMAT or not isinstance(report.get("records"), dict):
        raise DataError(
            f"{name}: report format {report.get('format')}, but this version reads {REPORT_FORMAT}; "
            "make it anew by `svodka evaluate BUNDLE DATA --output FILE.json`"
        )
