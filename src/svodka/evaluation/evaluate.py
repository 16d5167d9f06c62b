"""A bundle on a split of prepared data, beside its baselines, as one report."""

from collections.abc import Mapping, Sequence
from typing import Any

import svodka
from svodka.annotator import Annotator
from svodka.article import Annotation, Article
from svodka.bundle import Bundle
from svodka.data.splits import SPLITS
from svodka.data.store import PreparedData
from svodka.errors import DataError
from svodka.evaluation.bootstrap import Floats
from svodka.evaluation.evidence import evidence_section, trials
from svodka.evaluation.examples import examples, with_text
from svodka.evaluation.lengths import content_tokens, readable_tokens
from svodka.evaluation.options import EvaluateOptions
from svodka.evaluation.recompute import REPORT_FORMAT, recompute
from svodka.evaluation.summaries.systems import summary_record
from svodka.evaluation.tags.systems import tag_record
from svodka.files import read_lines
from svodka.labels import TagVocabulary
from svodka.text import words

Found = list[tuple[Annotation, Floats]]


def evaluate(annotator: Annotator, data: PreparedData, options: EvaluateOptions | None = None) -> dict[str, Any]:
    """Score a model on prepared articles.

    Args:
        annotator: the model.
        data: prepared data; its training and validation splits serve the baselines.
        options: the split, how many articles, which ROUGE, what beside it; None takes the defaults.

    Returns:
        A report: `format`, `split`, `n`, `data`, `model`; the numbers that `recompute` gives; `articles` and
        `records`, what these follow from; `examples`, `length`, `history`.

    Raises:
        DataError: the split is empty, or nothing in it can be scored.
    """
    options = options or EvaluateOptions()
    articles = data.articles(options.split)[: options.limit]
    if not articles:
        raise DataError(f"the split '{options.split}' has no articles; splits with articles: {_filled(data)}")
    found = list(annotator.stream_with_scores(articles))
    report = _facts(annotator.bundle, data, articles, found) | {"split": options.split}
    if options.history:
        report["history"] = read_lines(options.history)
    report["records"] = _records(annotator, data, articles, found, options)
    if not report["records"]:
        raise DataError(
            f"nothing to score: the split '{options.split}' has no summaries, and the model has no tag head"
        )
    if options.evidence and "tags" in report["records"]:
        tried = trials(annotator, articles[: options.evidence], found[: options.evidence])
        report["evidence"] = evidence_section(tried)
    report |= recompute(report)
    return report | _to_read(report, articles, [annotation for annotation, _ in found], annotator.bundle.labels)


def _facts(bundle: Bundle, data: PreparedData, articles: Sequence[Article], found: Found) -> dict[str, Any]:
    tokens = content_tokens(bundle, articles)
    return {
        "format": REPORT_FORMAT,
        "n": len(articles),
        "data": data.hash,
        "data_sources": data.origins,
        "model": {
            "name": bundle.run["bundle"]["name"],
            "steps": bundle.origin.get("steps"),
            "trained_on": bundle.origin.get("data"),
            "svodka": svodka.__version__,
        },
        "length": {"read_at_most": readable_tokens(bundle)},
        "articles": [
            {
                "id": article.id,
                "words": len(words(article.text)),
                "tokens": n,
                "cut": annotation.cut,
                "source": article.source,
                "date": article.date,
                "editor_tags": len(set(article.tags)),
            }
            for article, (annotation, _), n in zip(articles, found, tokens, strict=True)
        ],
        "history": list(bundle.history),
    }


def _records(
    annotator: Annotator, data: PreparedData, articles: Sequence[Article], found: Found, options: EvaluateOptions
) -> dict[str, Any]:
    records: dict[str, Any] = {}
    if annotator.bundle.model.config.tag_weight:
        tags = tag_record(annotator.bundle.labels, data, articles, found, baselines=options.baselines)
        records["tags"] = tags.to_dict()
    summaries = summary_record(
        articles,
        [annotation for annotation, _ in found],
        rouge=options.rouge,
        sentences=annotator.summary.sentences,
        baselines=options.baselines,
    )
    return records | ({"summaries": summaries.to_dict()} if summaries else {})


def _to_read(
    report: Mapping[str, Any], articles: Sequence[Article], annotations: Sequence[Annotation], labels: TagVocabulary
) -> dict[str, Any]:
    """Text for people: the article behind each mistake, the best and the worst answers."""
    found: dict[str, Any] = {"examples": examples(articles, annotations, _quality(report, articles), labels)}
    if "tag_details" in report:
        dearest = with_text(report["tag_details"]["mistakes"], articles, annotations)
        found["tag_details"] = {**report["tag_details"], "mistakes": dearest}
    return found


def _quality(report: Mapping[str, Any], articles: Sequence[Article]) -> list[float]:
    """F1 of an article's tags; ROUGE-1 of its summary as a share where there are no tags."""
    records = report["records"]
    if "tags" in records:
        gold, given = records["tags"]["gold"], records["tags"]["systems"]["model"]["decided"]
        pairs = zip(gold, given, strict=True)
        return [2 * len(set(a) & set(b)) / (len(a) + len(b)) if a or b else 0.0 for a, b in pairs]
    rows = dict(zip(records["summaries"]["places"], records["summaries"]["rows"]["model"]["rouge1"], strict=True))
    return [rows.get(i, 0.0) / 100 for i in range(len(articles))]


def _filled(data: PreparedData) -> str:
    return ", ".join(s for s in SPLITS if data.articles(s)) or "none"
