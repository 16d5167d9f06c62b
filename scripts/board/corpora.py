"""A bundle on one corpus, all its languages together and each alone, beside TF-IDF on the same articles."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from typing import Any, TypeVar

import numpy as np

from board.kept import Kept
from svodka.annotator import Annotator
from svodka.answers import Scored
from svodka.article import Article
from svodka.data.store import PreparedData
from svodka.evaluation.bootstrap import Measured
from svodka.evaluation.tags.outlet import of_outlet, scored_labels
from svodka.evaluation.tags.record import TagRecord
from svodka.evaluation.tags.section import measured as measured_tags
from svodka.evaluation.tags.systems import LINEAR, tag_baselines, tag_record
from svodka.evaluation.topics.baselines import LINEAR_SIGNATURE
from svodka.evaluation.topics.record import TopicRecord
from svodka.evaluation.topics.section import measured as measured_topics
from svodka.evaluation.topics.systems import topic_baselines, topic_record
from svodka.inputs.checking import tried

MODEL = "model"
ALL = "all"
TOPIC_SCORES = ("accuracy", "p@1", "micro_f1", "macro_f1", "map", "ece", "sure", "sure_precision")
TAG_SCORES = ("micro_f1", "macro_f1", "p@1", "p@5", "map")


@dataclass(frozen=True)
class Setting:
    """What is scored.

    Attributes:
        split: of every corpus; limit: only its first articles, None: all.
        least: articles of a language below which it has no line of its own.
        kept: answers of the baselines.
    """

    split: str = "test"
    limit: int | None = None
    least: int = 20
    kept: Kept = field(default_factory=Kept)


R = TypeVar("R", TopicRecord, TagRecord)


def corpus_numbers(annotator: Annotator, data: PreparedData, setting: Setting) -> dict[str, Any]:
    """Every number of a bundle on one corpus.

    Returns:
        `corpus`, `data` (hash), `split`, `n`; `own`, whether the bundle knows the tags of this outlet or learnt from
        these data; `topics` and `tags`, as far as the corpus tells of them, {language: `n`, `scores` {system: {score:
        value}}, `differences` {score: the model's minus TF-IDF's with its interval}}, with `single` and `width`, and
        only where every article can be read;
        `given` {language: `n` and the shares `no_topic`, `no_sure_topic`, `no_tag`}. Languages are those of the
        articles, and `all`.
    """
    whole = data.articles(setting.split)[: setting.limit]
    # Such as mojibake, which a corpus of noise has: nothing is given to what is set aside unread.
    read = [isinstance(tried(article, place), Article) for place, article in enumerate(whole)]
    articles = list(compress(whole, read))
    scored = list(annotator.stream_scored(articles))
    languages = [article.lang for article in whole]
    numbers: dict[str, Any] = {"corpus": data.folder.name, "data": data.hash, "split": setting.split}
    numbers |= {"n": len(whole), "own": _is_own(annotator, data)}
    answers = iter(scored)
    found = [next(answers) if readable else None for readable in read]
    numbers["given"] = {
        name: _given(annotator, [found[i] for i in places])
        for name, places in by_language(languages, least=setting.least).items()
    }
    if not all(read):  # labels go with articles by their place
        return numbers
    topics = _topic_numbers(annotator, data, articles, scored, setting)
    tags = _tag_numbers(annotator, data, articles, scored, setting)
    return numbers | ({"topics": topics} if topics else {}) | ({"tags": tags} if tags else {})


def by_language(languages: Sequence[str], *, least: int) -> dict[str, list[int]]:
    """Places of the articles of each language that has at least `least`, and of all, under `ALL`, where there are more.

    A corpus of one language has that one alone; an article of no known language is in `ALL` only.
    """
    names = sorted(set(languages))
    if len(names) == 1 and names[0]:
        return {names[0]: list(range(len(languages)))}
    found = {name: [i for i, lang in enumerate(languages) if lang == name] for name in names if name}
    return {ALL: list(range(len(languages)))} | {name: at for name, at in found.items() if len(at) >= least}


def _is_own(annotator: Annotator, data: PreparedData) -> bool:
    labels = annotator.bundle.labels
    used = {outlet for outlets in labels.outlets.values() for outlet in outlets}
    return data.folder.name in used or annotator.bundle.origin.get("data") == data.hash


def _given(annotator: Annotator, found: Sequence[Scored | None]) -> dict[str, Any]:
    """Shares of articles to which nothing is given; the best topic counts as given from its threshold on alone."""
    calibration = annotator.bundle.topics
    shares: dict[str, Any] = {"n": len(found)}
    if calibration is not None:
        reached = [one is not None and bool((one.topics >= calibration.threshold).any()) for one in found]
        sure = [one is not None and any(topic.sure for topic in one.annotation.topics) for one in found]
        shares |= {"no_topic": 1 - float(np.mean(reached)), "no_sure_topic": 1 - float(np.mean(sure))}
    return shares | {"no_tag": 1 - float(np.mean([one is not None and bool(one.annotation.tags) for one in found]))}


def _topic_numbers(
    annotator: Annotator, data: PreparedData, articles: Sequence[Article], scored: Sequence[Scored], setting: Setting
) -> dict[str, Any]:
    if annotator.bundle.topics is None:
        return {}
    record = topic_record(data, setting.split, articles, scored, baselines=False)
    if record is None or not record.gold.any():
        return {}
    judged = [articles[place] for place in record.places]
    key = [data.hash, setting.split, list(record.places), LINEAR_SIGNATURE]
    systems = setting.kept.topics(key, lambda: topic_baselines(data, judged))
    record = replace(record, systems={**record.systems, **systems})
    lines = _lines(record, [article.lang for article in judged], measured_topics, TOPIC_SCORES, setting)
    return {"single": record.single, "lines": lines}


def _tag_numbers(
    annotator: Annotator, data: PreparedData, articles: Sequence[Article], scored: Sequence[Scored], setting: Setting
) -> dict[str, Any]:
    whole = annotator.bundle.labels
    labels = scored_labels(whole, data.folder.name)
    if not (annotator.bundle.model.config.heads.n_tags and len(labels)):
        return {}
    found = [of_outlet(one, whole, labels) for one in scored]
    record = tag_record(labels, data, articles, found, baselines=False)
    if not record.gold.any():
        return {}
    key = [data.hash, setting.split, len(articles), list(labels.names), dict(labels.aliases)]
    systems = setting.kept.tags(key, lambda: tag_baselines(labels, data, articles), width=len(labels))
    record = replace(record, systems={**record.systems, **systems})
    lines = _lines(record, [article.lang for article in articles], measured_tags, TAG_SCORES, setting)
    return {"width": len(labels), "lines": lines}


def _lines(
    record: R, languages: Sequence[str], measure: Callable[[R], Measured], scores: Sequence[str], setting: Setting
) -> dict[str, Any]:
    """language -> `n`, `scores`, `differences`; none of a language whose articles have nothing to find."""
    found: dict[str, Any] = {}
    for name, places in by_language(languages, least=setting.least).items():
        part = record.at(places)
        if not part.gold.any():
            continue
        told = measure(part)
        found[name] = {
            "n": part.n,
            "scores": {system: {k: v for k, v in own.items() if k in scores} for system, own in told.scores.items()},
            "differences": {k: v for k, v in told.differences.get(LINEAR, {}).items() if k in scores},
        }
    return found
