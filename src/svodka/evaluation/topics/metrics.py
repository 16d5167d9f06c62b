"""Scores of topics, as functions of how often each article counts: once each, or as the bootstrap draws them.

Only what a record tells counts (`TopicRecord.told`): a topic of an article that its corpus leaves open is neither right
nor wrong, and a topic that it never denies takes no part. Wherever a ratio is 0/0 it counts 0.
"""

import numpy as np
from numpy.typing import NDArray

from svodka.evaluation.bootstrap import Statistic
from svodka.evaluation.packed import Matrix
from svodka.evaluation.tags.calibration import BINS, bin_of
from svodka.evaluation.topics.record import TopicRecord, TopicSystem
from svodka.topics import TOPIC_IDS

# What the numbers stand for, to be printed with them; those of different ones are never compared.
SIGNATURE = "topics:iptc17|pairs:known, of topics denied somewhere|macro:gold|p@1:known|accuracy:reach|ece:15"


def topic_scores(record: TopicRecord, system: TopicSystem) -> dict[str, float]:
    """The scores of `topic_statistic` with each article once."""
    once = np.ones((1, len(record.gold)))
    return {name: float(values[0]) for name, values in topic_statistic(record, system)(once).items()}


def topic_statistic(record: TopicRecord, system: TopicSystem) -> Statistic:
    """A statistic of how well a system gives topics.

    `micro_precision`, `micro_recall` and `micro_f1` over all told pairs of an article and a topic; `macro_f1` and
    `map`, means over the topics that some article has, of F1 and of average precision (what is wrongly given of other
    topics costs micro-F1 alone); `p@1`, of the articles that are told to have a topic and not to have another, the
    share whose best told topic is right. In a corpus of one label an article also `accuracy`: of the articles with a
    topic, the share whose best topic among all that the corpus can give is right. Of probabilities `ece`, expected
    calibration error of the told pairs. Of a system that calls topics sure `sure`, the share of those given, and
    `sure_precision`.

    Args:
        record: gold, and what the corpus can give.
        system: the answer.

    Returns:
        [d, n] times that each article counts -> values [d] by name.
    """
    ratios = _ratios(record, system)
    known = record.told
    gold = record.gold * known
    right, given = gold * system.decided, known * system.decided
    used = np.flatnonzero(gold.any(axis=0))
    gaps = _gaps(gold, known, system.scores) if system.probabilities else None

    def values(weights: Matrix) -> dict[str, Matrix]:
        found = {name: _ratio(weights @ part, weights @ whole) for name, (part, whole) in ratios.items()}
        f1 = _ratio(2 * (weights @ right), weights @ (given + gold))[:, used]
        found["macro_f1"] = _mean(f1)
        precisions = [average_precision(gold[:, i], known[:, i], system.scores[:, i], weights) for i in used]
        found["map"] = _mean(np.stack(precisions, axis=1)) if precisions else np.zeros(len(weights))
        if gaps is not None:
            found["ece"] = _ratio(np.abs(weights @ gaps).sum(axis=1), weights @ known.sum(axis=1))
        return found

    return values


def average_precision(gold: Matrix, known: Matrix, scores: Matrix, weights: Matrix) -> Matrix:
    """Average precision of the articles ranked by one topic: sum over thresholds of the rise of recall times precision.

    Articles of equal score come together, as in scikit-learn.

    Args:
        gold, known, scores: [n], of the topic.
        weights: [d, n] times that each article counts.

    Returns:
        [d]; 0 where no article that counts has the topic.
    """
    rows = np.flatnonzero(known)
    rows = rows[np.argsort(-scores[rows], kind="stable")]
    ranked = scores[rows]
    last = np.searchsorted(-ranked, -ranked, side="right") - 1  # of each article's equals
    drawn = weights[:, rows]
    hits = drawn * gold[rows]
    precision = _ratio(np.cumsum(hits, axis=1), np.cumsum(drawn, axis=1))[:, last]
    return _ratio((hits * precision).sum(axis=1), hits.sum(axis=1))


def per_topic_scores(record: TopicRecord, system: TopicSystem) -> dict[str, dict[str, float]]:
    """Of each topic of which anything is told: precision, recall, F1, support, how often given, and pairs told.

    Returns:
        id of the topic -> numbers.
    """
    gold = record.gold * record.told
    right, given = gold * system.decided, record.told * system.decided
    hits, gave, wanted, pairs = (x.sum(axis=0) for x in (right, given, gold, record.told))
    columns = {
        "precision": _ratio(hits, gave),
        "recall": _ratio(hits, wanted),
        "f1": _ratio(2 * hits, gave + wanted),
        "support": wanted,
        "given": gave,
        "known": pairs,
    }
    return {
        topic: {key: float(column[i]) for key, column in columns.items()}
        for i, topic in enumerate(TOPIC_IDS)
        if pairs[i]
    }


def best_known(record: TopicRecord, system: TopicSystem) -> NDArray[np.bool_]:
    """[n] whether the best of the topics of which an article's gold tells is right."""
    return _best_is_right(record.gold * record.told, np.where(record.told > 0, system.scores, -np.inf))


def _ratios(record: TopicRecord, system: TopicSystem) -> dict[str, tuple[Matrix, Matrix]]:
    """Scores that are a sum over articles by another: [n] each."""
    known = record.told
    gold = record.gold * known
    hits, gave = (gold * system.decided).sum(axis=1), (known * system.decided).sum(axis=1)
    wanted = gold.sum(axis=1)
    ranked = (wanted > 0) & (wanted < known.sum(axis=1))
    ratios = {
        "micro_f1": (2 * hits, gave + wanted),
        "micro_precision": (hits, gave),
        "micro_recall": (hits, wanted),
        "p@1": (best_known(record, system) * ranked, ranked),
    }
    if record.single:
        labelled = record.gold.any(axis=1)
        ratios["accuracy"] = (_told_apart(record, system) * labelled, labelled)
    if system.sure is not None:
        sure = (known * system.sure).sum(axis=1)
        ratios["sure"], ratios["sure_precision"] = (sure, gave), ((gold * system.sure).sum(axis=1), sure)
    return {name: (np.asarray(a, np.float64), np.asarray(b, np.float64)) for name, (a, b) in ratios.items()}


def _told_apart(record: TopicRecord, system: TopicSystem) -> NDArray[np.bool_]:
    scores = system.scores if system.apart is None else system.apart
    reached = np.full(record.gold.shape[1], -np.inf)
    reached[list(record.reach)] = 0.0
    return _best_is_right(record.gold, scores + reached)


def _best_is_right(gold: Matrix, scores: Matrix) -> NDArray[np.bool_]:
    return np.asarray(gold[np.arange(len(gold)), scores.argmax(axis=1)] > 0)


def _gaps(gold: Matrix, known: Matrix, scores: Matrix) -> Matrix:
    """[n, bins] sum of gold minus score of an article's known pairs in each bin."""
    place, gaps = bin_of(scores), (gold - scores) * known
    return np.stack([(gaps * (place == i)).sum(axis=1) for i in range(BINS)], axis=1)


def _ratio(part: Matrix, whole: Matrix) -> Matrix:
    return np.divide(part, whole, out=np.zeros_like(part, dtype=np.float64), where=whole > 0)


def _mean(values: Matrix) -> Matrix:
    """[d, m] -> [d]; 0 where m is 0."""
    return values.mean(axis=1) if values.shape[1] else np.zeros(len(values))
