"""A bundle on a split of prepared data, beside its baselines, as one report."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from svodka.annotator import Annotator
from svodka.article import Annotation, Article
from svodka.bundle import Bundle, update_report
from svodka.card import model_card
from svodka.data.splits import SPLITS
from svodka.data.store import PreparedData
from svodka.errors import DataError
from svodka.evaluation.baselines import Matrix, first_sentences, frequent_tags, linear_tags, oracle_sentences
from svodka.evaluation.bootstrap import paired_difference
from svodka.evaluation.rouge import KINDS, Rouge, means
from svodka.evaluation.tag_metrics import per_tag_scores, tag_scores
from svodka.labels import TagVocabulary

REPORT_FORMAT = 1


def evaluate(
    annotator: Annotator, data: PreparedData, split: str = "test", *,
    limit: int | None = None, baselines: bool = True, rouge: str = "plain",
) -> dict[str, Any]:  # fmt: skip
    """Score a model on prepared articles.

    Args:
        annotator: the model.
        data: prepared data; its training and validation splits serve the baselines.
        split: what to score on.
        limit: score only the first articles.
        baselines: score them beside the model.
        rouge: preset of the ROUGE tokenisation.

    Returns:
        `{"format", "split", "n", "data", "tags": {system: scores}, "per_tag", "summaries": {...}}`.

    Raises:
        DataError: the split is empty, or nothing in it can be scored.
    """
    articles = data.articles(split)[:limit]
    if not articles:
        raise DataError(f"the split '{split}' has no articles; splits with articles: {_filled(data)}")
    found = list(annotator.stream_with_scores(articles))
    annotations = [annotation for annotation, _ in found]
    report: dict[str, Any] = {"format": REPORT_FORMAT, "split": split, "n": len(articles), "data": data.hash}
    if annotator.bundle.model.config.tag_weight:
        labels = annotator.bundle.labels
        decided = gold_matrix([Article("", tags=tuple(t.name for t in n.tags)) for n in annotations], labels)
        scores = np.array([scores for _, scores in found])
        report |= _tags(labels, data, articles, model=(decided, scores), baselines=baselines)
    with_summary = [(a, n) for a, n in zip(articles, annotations, strict=True) if a.summary and n.summary]
    if with_summary:
        report["summaries"] = _summaries(with_summary, Rouge(rouge), annotator.summary.sentences, baselines=baselines)
    if "tags" not in report and "summaries" not in report:
        raise DataError(f"nothing to score: the split '{split}' has no summaries, and the model has no tag head")
    return report


def attach_report(target: Path, bundle: Bundle, report: Mapping[str, Any]) -> None:
    """Write the scores of a report into the metrics and the card of a saved bundle."""
    scores: dict[str, Any] = {"n": report["n"], "data": report["data"]}
    for system, values in report.get("tags", {}).items():
        scores[f"tags, {system}"] = values
    if "summaries" in report:
        scores["ROUGE signature"] = report["summaries"]["signature"]
        for system, values in report["summaries"]["systems"].items():
            scores[f"summaries, {system}"] = values
        for pair in (key for key in report["summaries"] if key.startswith("model - ")):
            scores[f"summaries, {pair}, with 95% interval"] = report["summaries"][pair]
    metrics = {**bundle.metrics, str(report["split"]): scores}
    name, about = bundle.run["bundle"]["name"], bundle.run["bundle"]["about"]
    card = model_card(name, about, origin=bundle.origin, metrics=metrics, tags=bundle.labels.names)
    update_report(target, metrics=metrics, card=card)


def gold_matrix(articles: Sequence[Article], labels: TagVocabulary) -> Matrix:
    """Tags of articles as [n, l]."""
    return np.array([labels.encode(article.tags) for article in articles]).reshape(len(articles), len(labels))


def _tags(
    labels: TagVocabulary, data: PreparedData, articles: list[Article], *,
    model: tuple[Matrix, Matrix], baselines: bool,
) -> dict[str, Any]:  # fmt: skip
    gold = gold_matrix(articles, labels)
    systems = {"model": tag_scores(gold, *model)}
    if baselines:
        train, validation = data.articles("train"), data.articles("validation")
        known = gold_matrix(train, labels)
        systems["frequent tags"] = tag_scores(gold, *frequent_tags(known, len(articles)))
        tuning = (validation, gold_matrix(validation, labels))
        linear = linear_tags(train, known, validation=tuning, test=articles)
        systems["TF-IDF + linear SVM"] = tag_scores(gold, *linear)
    return {"tags": systems, "per_tag": per_tag_scores(gold, model[0], labels.names)}


def _summaries(
    pairs: list[tuple[Article, Annotation]], rouge: Rouge, sentences: int, *, baselines: bool
) -> dict[str, Any]:
    articles = [article for article, _ in pairs]
    given = [annotation.summary for _, annotation in pairs if annotation.summary]
    texts = {"model": [summary.text for summary in given]}
    first = f"first {sentences} sentences"
    if baselines:
        texts[first] = [first_sentences(a, sentences) for a in articles]
        texts["first sentence"] = [first_sentences(a, 1) for a in articles]
        texts["oracle sentences"] = [oracle_sentences(a, sentences) for a in articles]
    references = [article.summary for article in articles]
    rows = {name: rouge.rows(references, found) for name, found in texts.items()}
    report = {
        "n": len(articles),
        "signature": rouge.signature,
        "abstractive": sum(summary.kind == "abstractive" for summary in given),
        "systems": {name: means(found) for name, found in rows.items()},
    }
    if baselines:
        report[f"model - {first}"] = {k: paired_difference(rows["model"][k], rows[first][k]) for k in KINDS}
    return report


def _filled(data: PreparedData) -> str:
    return ", ".join(s for s in SPLITS if data.articles(s)) or "none"
