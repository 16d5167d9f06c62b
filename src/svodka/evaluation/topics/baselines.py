"""What a model must beat: the topic that most articles have, and a linear model on words and letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from svodka.article import Article
from svodka.evaluation.packed import Matrix
from svodka.evaluation.topics.gold import TopicGold
from svodka.text import words
from svodka.training.thresholds import best_threshold

_FEATURES = 300_000  # of words, and as many of letters
# Of an article's beginning, title included: those of whole articles by the ten thousand fill a machine's memory.
_LETTERS = 2_000
# Training articles, chosen at random: more of them take hours.
LINEAR_MOST = 20_000
LINEAR_SIGNATURE = (
    f"tf-idf:words1-2+letters3-5 of the first {_LETTERS}|linear svm a topic, C=1|negatives:told or all others, the "
    f"better on validation|one threshold by validation|at most {LINEAR_MOST} articles"
)
_FEW = 500  # articles below which every word counts


def frequent_topic(train: TopicGold, n: int) -> tuple[Matrix, Matrix]:
    """The topic that most articles have, for every article.

    Args:
        train: topics of the training articles.
        n: articles to give it to.

    Returns:
        Decisions [n, k] and scores [n, k], each topic's share of the articles of which it is known.
    """
    share = train.gold.sum(axis=0) / np.maximum(train.known.sum(axis=0), 1)
    decided = np.zeros_like(share)
    decided[np.argmax(train.gold.sum(axis=0))] = 1.0
    return np.tile(decided, (n, 1)), np.tile(share, (n, 1))


@dataclass(frozen=True)
class LinearTopics:
    """Answers of the linear model to n articles.

    Attributes:
        decided: [n, k], 0 or 1.
        scores: [n, k] margins.
        apart: [n, k] margins of a model that was told to tell each topic from all other articles, also from those whose
            label leaves it open; None: nobody asked.
    """

    decided: Matrix
    scores: Matrix
    apart: Matrix | None


def linear_topics(
    train: tuple[Sequence[Article], TopicGold],
    *,
    validation: tuple[Sequence[Article], TopicGold],
    test: Sequence[Article],
    apart: bool,
) -> LinearTopics:
    """TF-IDF of words and letters and a linear SVM a topic, one threshold from the validation split.

    Words alone and in pairs, letters by threes to fives within words, of title and body. What a topic is learnt against
    are the articles that are known to lack it, or all that are not known to have it, whichever gives the better
    micro-F1 on the validation split: where a corpus' labels deny little, either may be.

    Args:
        train, validation: articles and their topics; without validation the first way is taken, and the margin 0.
        test: n articles.
        apart: also score them for telling one topic from all others, as in a corpus of one label an article.
    """
    union = _features(len(train[0]))
    features = union.fit_transform([_input(article) for article in train[0]])
    others = [union.transform([_input(a) for a in articles]) for articles in (validation[0], test) if articles]
    gold, filled = train[1].gold, np.ones_like(train[1].known)
    # Of a topic that no label denies, nothing but the other articles tells what it is not.
    denied = (train[1].known > gold).any(axis=0)
    told, alone = (
        _margins(features, others, gold=gold, known=known) for known in (np.where(denied, train[1].known, 1.0), filled)
    )
    n = len(validation[0])
    tried = [_tuned(margins[:n], validation[1]) for margins in (told, alone)]
    scores, threshold = (told, tried[0][1]) if tried[0][0] >= tried[1][0] else (alone, tried[1][1])
    decided = (scores[n:] >= threshold).astype(np.float64)
    return LinearTopics(decided, scores[n:], alone[n:] if apart else None)


def _tuned(margins: Matrix, gold: TopicGold) -> tuple[float, float]:
    """Micro-F1 of the known pairs at its best threshold, and that threshold; 0 and 0 where nothing is known."""
    told = gold.known > 0
    if not told.any():
        return 0.0, 0.0
    scores, right = margins[told], gold.gold[told]
    threshold = best_threshold(scores, right)
    given = scores >= threshold
    return float(2 * right[given].sum() / max(given.sum() + right.sum(), 1)), threshold


def _margins(features: Any, others: Sequence[Any], *, gold: Matrix, known: Matrix) -> Matrix:
    """Margins [m, k] of all articles of `others`; -1 of a topic that there is nothing to learn of."""
    from sklearn.svm import LinearSVC

    columns = [np.full(sum(part.shape[0] for part in others), -1.0) for _ in range(gold.shape[1])]
    for topic in range(gold.shape[1]):
        rows = np.flatnonzero(known[:, topic])
        if 0 < gold[rows, topic].sum() < len(rows):
            machine = LinearSVC(random_state=0).fit(features[rows], gold[rows, topic])
            columns[topic] = np.concatenate([machine.decision_function(part) for part in others])
    return np.stack(columns, axis=1)


def _features(n: int) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion

    shared: dict[str, Any] = {"min_df": 1 if n < _FEW else 3, "max_features": _FEATURES, "sublinear_tf": True}
    by_word = TfidfVectorizer(analyzer=_word_pairs, **shared)
    by_letter = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), preprocessor=_beginning, **shared)
    return FeatureUnion([("words", by_word), ("letters", by_letter)])


def _input(article: Article) -> str:
    return f"{article.title}\n{article.text}"


def _beginning(text: str) -> str:
    return text[:_LETTERS].lower()


def _word_pairs(text: str) -> list[str]:
    tokens = words(text)
    return tokens + [f"{a} {b}" for a, b in pairwise(tokens)]
