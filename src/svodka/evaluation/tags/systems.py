"""The model and the baselines on the tags of some articles."""

from collections.abc import Sequence

import numpy as np

from svodka.answers import Scored
from svodka.article import Article
from svodka.data.store import PreparedData
from svodka.evaluation.bootstrap import Floats
from svodka.evaluation.tags.baselines import frequent_tags, linear_tags
from svodka.evaluation.tags.hierarchy import Parents
from svodka.evaluation.tags.record import TagRecord, TagSystem
from svodka.labels import TagVocabulary

FREQUENT = "frequent tags"
LINEAR = "TF-IDF + linear SVM"


def gold_matrix(articles: Sequence[Article], labels: TagVocabulary) -> Floats:
    """Tags of articles as [n, l]."""
    return np.array([labels.encode(article.tags) for article in articles]).reshape(len(articles), len(labels))


def tag_record(
    labels: TagVocabulary, data: PreparedData, articles: Sequence[Article],
    found: Sequence[Scored], *, baselines: bool, parents: Parents = (),
) -> TagRecord:  # fmt: skip
    """What the model gave of some tags, and beside it what the baselines give; parents as `parents_of` has them."""
    given = [Article("", tags=tuple(tag.name for tag in one.annotation.tags)) for one in found]
    scores = np.array([one.tags for one in found])
    systems = {"model": TagSystem.of(gold_matrix(given, labels), scores, probabilities=True)}
    if baselines:
        systems |= tag_baselines(labels, data, articles)
    return TagRecord(labels.names, gold_matrix(articles, labels), systems, parents)


def tag_baselines(labels: TagVocabulary, data: PreparedData, articles: Sequence[Article]) -> dict[str, TagSystem]:
    """What the baselines give n articles, learnt from the training split; nothing where there is none."""
    train, validation = data.articles("train"), data.articles("validation")
    if not train:
        return {}
    known = gold_matrix(train, labels)
    tuning = (validation, gold_matrix(validation, labels))
    linear = linear_tags(train, known, validation=tuning, test=articles)
    return {
        FREQUENT: TagSystem.of(*frequent_tags(known, len(articles)), probabilities=True),
        LINEAR: TagSystem.of(*linear, probabilities=False),
    }
