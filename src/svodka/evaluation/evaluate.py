"""A bundle on a split of prepared data, beside its baselines, as one report."""

from collections.abc import Mapping, Sequence, Set
from typing import Any

import svodka
from svodka.annotator import Annotator
from svodka.answers import Scored
from svodka.article import Annotation, Article
from svodka.bundle import Bundle
from svodka.bundle.card import name_and_about
from svodka.data.splits import SPLITS
from svodka.data.store import PreparedData
from svodka.errors import DataError
from svodka.evaluation.evidence import evidence_section, trials
from svodka.evaluation.examples import examples, with_text, with_topics
from svodka.evaluation.lengths import content_tokens, readable_tokens
from svodka.evaluation.options import EvaluateOptions
from svodka.evaluation.recompute import REPORT_FORMAT, recompute
from svodka.evaluation.summaries.systems import summary_record
from svodka.evaluation.tags.hierarchy import parents_of
from svodka.evaluation.tags.outlet import of_outlet, scored_labels
from svodka.evaluation.tags.systems import tag_record
from svodka.evaluation.topics.record import TopicRecord
from svodka.evaluation.topics.systems import topic_record
from svodka.files import read_lines
from svodka.labels import TagVocabulary
from svodka.progress import Say, reported
from svodka.text import words


def evaluate(
    annotator: Annotator, data: PreparedData, options: EvaluateOptions | None = None, *, say: Say | None = None
) -> dict[str, Any]:
    """Score a model on prepared articles: on the topics that are known of them, the tags that their outlet uses, and
    the editors' summaries.

    Args:
        annotator: the model.
        data: prepared data; its training and validation splits serve the baselines, its folder's name is the outlet's.
        options: the split, how many articles, which ROUGE, what beside it; None takes the defaults.
        say: takes a line of progress a minute.

    Returns:
        A report: `format`, `split`, `n`, `data`, `model`, `outlet` (the folder's name, and the outlets whose tags the
        model has, none where it was trained on one); the numbers that `recompute` gives; `articles` and
        `records`, what these follow from; `examples`, `length`, `history`.

    Raises:
        DataError: the split is empty, or nothing in it can be scored.
    """
    options = options or EvaluateOptions()
    articles = data.articles(options.split)[: options.limit]
    if not articles:
        raise DataError(f"the split '{options.split}' has no articles; splits with articles: {_filled(data)}")
    scored = list(reported(annotator.stream_scored(articles), say, unit="articles", total=len(articles)))
    labels = scored_labels(annotator.bundle.labels, data.folder.name)
    found = [of_outlet(one, annotator.bundle.labels, labels) for one in scored]
    report = _facts(annotator.bundle, data, articles, found) | {"split": options.split}
    report["outlet"] = {"name": data.folder.name, "known": _outlets(annotator.bundle.labels)}
    if options.history:
        report["history"] = read_lines(options.history)
    report["records"] = _records(annotator, data, articles, found, options)
    if not report["records"]:
        raise DataError(_nothing_to_score(annotator, data, options.split))
    if options.evidence and "tags" in report["records"]:
        some = [(one.annotation, one.tags) for one in scored[: options.evidence]]
        report["evidence"] = evidence_section(trials(annotator, articles[: options.evidence], some))
    report |= recompute(report)
    return report | _to_read(report, articles, [one.annotation for one in found], labels)


def _facts(bundle: Bundle, data: PreparedData, articles: Sequence[Article], found: Sequence[Scored]) -> dict[str, Any]:
    tokens = content_tokens(bundle, articles)
    return {
        "format": REPORT_FORMAT,
        "n": len(articles),
        "data": data.hash,
        "data_sources": data.origins,
        "model": {
            "name": name_and_about(bundle.run)[0],
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
                "cut": one.annotation.cut,
                "source": article.source,
                "lang": article.lang,
                "date": article.date,
                "editor_tags": len(set(article.tags)),
            }
            for article, one, n in zip(articles, found, tokens, strict=True)
        ],
        "history": list(bundle.history),
    }


def _records(
    annotator: Annotator, data: PreparedData, articles: Sequence[Article], found: Sequence[Scored],
    options: EvaluateOptions,
) -> dict[str, Any]:  # fmt: skip
    records: dict[str, Any] = {}
    bundle = annotator.bundle
    if bundle.topics is not None:
        topics = topic_record(data, options.split, articles, found, baselines=options.baselines)
        records |= {"topics": topics.to_dict()} if topics else {}
    labels = scored_labels(bundle.labels, data.folder.name)
    if bundle.model.config.heads.n_tags and len(labels):
        parents = parents_of(bundle.tag_set, labels)
        record = tag_record(labels, data, articles, found, baselines=options.baselines, parents=parents)
        records["tags"] = record.to_dict()
    summaries = summary_record(
        articles,
        [one.annotation for one in found],
        rouge=options.rouge,
        settings=annotator.summary,
        baselines=options.baselines,
    )
    return records | ({"summaries": summaries.to_dict()} if summaries else {})


def _nothing_to_score(annotator: Annotator, data: PreparedData, split: str) -> str:
    outlets = _outlets(annotator.bundle.labels)
    return (
        f"nothing to score: of the split '{split}' no topic is known that the model gives, it has no summaries, and "
        f"the model has no tags of '{data.folder.name}'"
        + (f"; it has those of the folders {', '.join(outlets)}" if outlets else "")
    )


def _outlets(labels: TagVocabulary) -> list[str]:
    return sorted({outlet for own in labels.outlets.values() for outlet in own})


def _to_read(
    report: Mapping[str, Any], articles: Sequence[Article], annotations: Sequence[Annotation], labels: TagVocabulary
) -> dict[str, Any]:
    """Text for people: the article behind each mistake, the best and the worst answers."""
    chosen = examples(articles, annotations, _quality(report, len(articles)), labels)
    if "topics" in report["records"]:
        chosen = with_topics(chosen, annotations, TopicRecord.from_dict(report["records"]["topics"]))
    found: dict[str, Any] = {"examples": chosen}
    if "tag_details" in report:
        dearest = with_text(report["tag_details"]["mistakes"], articles, annotations)
        found["tag_details"] = {**report["tag_details"], "mistakes": dearest}
    return found


def _quality(report: Mapping[str, Any], n: int) -> list[float | None]:
    """F1 of an article's tags; of its topics where there are no tags, of its summary's ROUGE-1 where there are neither.

    None of an article that cannot be judged.
    """
    records = report["records"]
    if "tags" in records:
        gold, given = records["tags"]["gold"], records["tags"]["systems"]["model"]["decided"]
        return [_f1(set(wanted), set(got)) for wanted, got in zip(gold, given, strict=True)]
    if "topics" in records:
        told = records["topics"]
        rows = zip(told["gold"], told["known"], told["systems"]["model"]["decided"], strict=True)
        found = [_f1(set(wanted), set(got) & set(known)) for wanted, known, got in rows]
        return _spread(dict(zip(told["places"], found, strict=True)), n)
    rouge = [score / 100 for score in records["summaries"]["rows"]["model"]["rouge1"]]
    return _spread(dict(zip(records["summaries"]["places"], rouge, strict=True)), n)


def _f1(wanted: Set[int], given: Set[int]) -> float:
    return 2 * len(wanted & given) / (len(wanted) + len(given)) if wanted or given else 0.0


def _spread(found: Mapping[int, float], n: int) -> list[float | None]:
    return [found.get(i) for i in range(n)]


def _filled(data: PreparedData) -> str:
    return ", ".join(s for s in SPLITS if data.articles(s)) or "none"
