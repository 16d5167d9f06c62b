"""What a model must beat: tags by frequency and by a linear model."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from svodka.article import Article
from svodka.text import words
from svodka.training.thresholds import best_threshold

Matrix = NDArray[np.float64]


def frequent_tags(train: Matrix, n_articles: int) -> tuple[Matrix, Matrix]:
    """The most frequent tags for every article, as many as an article has on average.

    Args:
        train: gold of the training split [articles, l].
        n_articles: n, articles to tag.

    Returns:
        Decisions [n, l] and scores [n, l].
    """
    share = train.mean(axis=0)
    mean_tags = max(1, round(float(train.sum(axis=1).mean())))
    decided = np.zeros_like(share)
    decided[np.argsort(-share, kind="stable")[:mean_tags]] = 1.0
    return np.tile(decided, (n_articles, 1)), np.tile(share, (n_articles, 1))


def linear_tags(
    train: Sequence[Article], gold: Matrix, *, validation: tuple[Sequence[Article], Matrix], test: Sequence[Article]
) -> tuple[Matrix, Matrix]:
    """TF-IDF of word 1-2-grams (title and body) and a linear SVM a tag, one threshold from the validation split.

    Args:
        train: training articles; gold: their tags [articles, l].
        validation: articles and gold that the threshold is chosen on; 0 if there are none.
        test: n articles to tag.

    Returns:
        Decisions [n, l] and scores [n, l].
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    few = len(train) < 500
    vectorizer = TfidfVectorizer(analyzer=_word_pairs, min_df=1 if few else 3, max_features=300_000, sublinear_tf=True)
    features = vectorizer.fit_transform([_input(a) for a in train])
    others = [vectorizer.transform([_input(a) for a in articles]) for articles in (validation[0], test) if articles]
    columns = [np.full((len(validation[0]) + len(test),), -1.0) for _ in range(gold.shape[1])]
    for tag in range(gold.shape[1]):
        if 0 < gold[:, tag].sum() < len(train):
            machine = LinearSVC(random_state=0).fit(features, gold[:, tag])
            columns[tag] = np.concatenate([machine.decision_function(x) for x in others])
    margins = np.stack(columns, axis=1)
    tuned, scores = margins[: len(validation[0])], margins[len(validation[0]) :]
    threshold = best_threshold(tuned.ravel(), validation[1].ravel()) if len(validation[0]) else 0.0
    return (scores >= threshold).astype(np.float64), scores


def _input(article: Article) -> str:
    return f"{article.title}\n{article.text}"


def _word_pairs(text: str) -> list[str]:
    tokens = words(text)
    return tokens + [f"{a} {b}" for a, b in pairwise(tokens)]
