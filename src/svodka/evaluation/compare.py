"""Two reports on the same articles: what the second does otherwise, and how sure that is."""

from collections.abc import Mapping
from typing import Any

from svodka.errors import DataError
from svodka.evaluation.bootstrap import differences
from svodka.evaluation.packed import DAMAGE
from svodka.evaluation.recompute import check_format
from svodka.evaluation.summaries.record import SummaryRecord
from svodka.evaluation.summaries.section import SCORES, summary_differences
from svodka.evaluation.tags.record import TagRecord
from svodka.evaluation.tags.section import draws_of, scores_of
from svodka.evaluation.topics.metrics import topic_scores
from svodka.evaluation.topics.record import TopicRecord
from svodka.evaluation.topics.section import draws_of as topic_draws_of

MODEL = "model"


def compare(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Paired differences, second minus first, of the models' scores, with 95% bootstrap intervals over articles.

    Args:
        first, second: reports, as `svodka evaluate --output` writes them.

    Returns:
        `split`, `n`, `data`, `models`; `topics`, `tags` and `summaries` {score: `first`, `second`, `mean`, `low`,
        `high`}, and with summaries their `signature`; a part that only one report has is left out.

    Raises:
        DataError: the reports are of unlike data, split, articles, vocabulary or signature, have no part in common, or
            one is damaged.
    """
    for report, name in ((first, "the first report"), (second, "the second report")):
        check_format(report, name)
    try:
        return _compared(first, second)
    except DAMAGE as error:
        raise DataError(
            f"the reports cannot be compared, one is damaged ({type(error).__name__}: {error}); "
            "make it anew by `svodka evaluate BUNDLE DATA --output FILE.json`"
        ) from error


def _compared(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    reports = (first, second)
    _check_same_articles(first, second)
    result: dict[str, Any] = {key: first[key] for key in ("split", "n", "data")}
    result["models"] = [report["model"]["name"] for report in reports]
    if all("topics" in report["records"] for report in reports):
        result["topics"] = _topics(*(TopicRecord.from_dict(report["records"]["topics"]) for report in reports))
    if all("tags" in report["records"] for report in reports):
        result["tags"] = _tags(*(TagRecord.from_dict(report["records"]["tags"]) for report in reports))
    if all("summaries" in report["records"] for report in reports):
        records = [SummaryRecord.from_dict(report["records"]["summaries"]) for report in reports]
        result["summaries"] = _summaries(*records)
        result["signature"] = f"{records[0].signature}; {records[0].chrf_signature}"
    if not {"topics", "tags", "summaries"} & set(result):
        parts = (", ".join(report["records"]) or "nothing" for report in reports)
        raise DataError("the reports have nothing in common: one is of {}, the other of {}".format(*parts))
    return result


def _check_same_articles(first: Mapping[str, Any], second: Mapping[str, Any]) -> None:
    for key, word in (("data", "prepared data"), ("split", "split"), ("n", "number of articles")):
        _check_same(word, first[key], second[key])
    _check_same("articles", *([a["id"] for a in report["articles"]] for report in (first, second)))


def _check_same(what: str, one: Any, other: Any) -> None:
    if one != other:
        shown = "" if isinstance(one, (list, tuple)) else f" ({one} and {other})"
        raise DataError(
            f"the reports cannot be compared, they differ in: {what}{shown}; "
            "evaluate both models on the same data in the same way"
        )


def _topics(one: TopicRecord, other: TopicRecord) -> dict[str, dict[str, float]]:
    _check_same("articles of which a topic is known", one.places, other.places)
    records = (one, other)
    first, second = (topic_scores(record, record.systems[MODEL]) for record in records)
    drawn = [topic_draws_of(record, MODEL) for record in records]
    found = differences(second, first, drawn[1], drawn[0])
    return {name: {"first": first[name], "second": second[name], **row} for name, row in found.items()}


def _tags(one: TagRecord, other: TagRecord) -> dict[str, dict[str, float]]:
    _check_same("vocabulary", one.names, other.names)
    if one.parents and other.parents:
        _check_same("parents of the tags", one.parents, other.parents)
    first, second = (scores_of(record, MODEL) for record in (one, other))
    drawn = [draws_of(record, MODEL) for record in (one, other)]
    found = differences(second, first, drawn[1], drawn[0])
    return {name: {"first": first[name], "second": second[name], **row} for name, row in found.items()}


def _summaries(one: SummaryRecord, other: SummaryRecord) -> dict[str, dict[str, float]]:
    _check_same("ROUGE signature", one.signature, other.signature)
    _check_same("chrF signature", one.chrf_signature, other.chrf_signature)
    _check_same("summarised articles", one.places, other.places)
    first, second = one.rows[MODEL], other.rows[MODEL]
    found = summary_differences(second, first)
    return {k: {"first": float(first[k].mean()), "second": float(second[k].mean()), **found[k]} for k in SCORES}
