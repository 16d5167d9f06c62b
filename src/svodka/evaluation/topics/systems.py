"""The model and the baselines on the topics of some articles."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from svodka.answers import Scored
from svodka.article import Annotation, Article
from svodka.data.store import PreparedData
from svodka.evaluation.packed import Matrix
from svodka.evaluation.topics.baselines import LINEAR_MOST, frequent_topic, linear_topics
from svodka.evaluation.topics.gold import TopicGold, reach, single_label
from svodka.evaluation.topics.record import MODEL, TopicRecord, TopicSystem
from svodka.topics import TOPIC_IDS

FREQUENT = "most frequent topic"
LINEAR = "TF-IDF + linear SVM"


def topic_record(
    data: PreparedData, split: str, articles: Sequence[Article], found: Sequence[Scored], *, baselines: bool
) -> TopicRecord | None:
    """What the model gave, and beside it what the baselines give; None where no topic of an article is known.

    Args:
        data: prepared data.
        split, articles: which articles of it, from its first on.
        found: what the model made of them.
        baselines: whether to score them.
    """
    gold = TopicGold.of(data, split, limit=len(articles))
    places = gold.judged
    if not places:
        return None
    systems = {MODEL: _model([found[i] for i in places])}
    if baselines:
        systems |= topic_baselines(data, [articles[i] for i in places])
    return TopicRecord(
        places=tuple(places),
        gold=gold.gold[places],
        known=gold.known[places],
        reach=tuple(reach(data)),
        denied=tuple(gold.denied),
        single=single_label(data),
        systems=systems,
    )


def _model(found: Sequence[Scored]) -> TopicSystem:
    annotations = [scored.annotation for scored in found]
    return TopicSystem.of(
        _given(annotations),
        np.array([scored.topics for scored in found]),
        probabilities=True,
        sure=_given([_only_sure(annotation) for annotation in annotations]),
    )


def topic_baselines(data: PreparedData, articles: Sequence[Article]) -> dict[str, TopicSystem]:
    """What the baselines give n articles, learnt from the training split; nothing where it tells of no topic."""
    splits = {}
    for split in ("train", "validation"):
        gold, texts = TopicGold.of(data, split), data.articles(split)
        rows = gold.judged
        splits[split] = ([texts[i] for i in rows], TopicGold(gold.gold[rows], gold.known[rows]))
    if not splits["train"][0]:
        return {}
    learnt = some_rows(*splits["train"])
    linear = linear_topics(learnt, validation=splits["validation"], test=articles, apart=single_label(data))
    frequent = frequent_topic(splits["train"][1], len(articles))
    return {
        FREQUENT: TopicSystem.of(*frequent, probabilities=True),
        LINEAR: TopicSystem.of(linear.decided, linear.scores, probabilities=False, apart=linear.apart),
    }


def some_rows(articles: Sequence[Article], gold: TopicGold) -> tuple[Sequence[Article], TopicGold]:
    """At most `LINEAR_MOST` articles, and their topics."""
    if len(articles) <= LINEAR_MOST:
        return articles, gold
    rows = np.sort(np.random.default_rng(0).permutation(len(articles))[:LINEAR_MOST])
    return [articles[i] for i in rows], TopicGold(gold.gold[rows], gold.known[rows])


def _given(annotations: Sequence[Annotation]) -> Matrix:
    places = {topic: i for i, topic in enumerate(TOPIC_IDS)}
    matrix = np.zeros((len(annotations), len(TOPIC_IDS)))
    for i, annotation in enumerate(annotations):
        matrix[i, [places[topic.id] for topic in annotation.topics]] = 1.0
    return matrix


def _only_sure(annotation: Annotation) -> Annotation:
    return replace(annotation, topics=tuple(topic for topic in annotation.topics if topic.sure))
