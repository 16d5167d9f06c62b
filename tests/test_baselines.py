"""The baselines that a model must beat."""

import numpy as np
import pytest

from svodka.article import Article
from svodka.evaluation.summaries.baselines import first_sentences, oracle_sentences, textrank, textrank_sentences
from svodka.evaluation.tags.baselines import frequent_tags, linear_tags

ARTICLE = Article(
    "Погода стоит тёплая. Мост через реку открыли в субботу.\nПервым проехал автобус. Опоры сменили за лето.",
    summary="В субботу открыли мост через реку. Опоры сменили.",
)


def test_frequent_tags_by_hand() -> None:
    # Uses 1, 4, 3 of 4 articles: 2 tags an article, so the second and the third tag for everybody.
    train = np.array([[0, 1, 1], [0, 1, 1], [1, 1, 0], [0, 1, 1]], dtype=float)
    decided, scores = frequent_tags(train, 2)
    assert decided.tolist() == [[0, 1, 1], [0, 1, 1]]
    assert scores.tolist() == [[0.25, 1, 0.75]] * 2


def test_at_least_one_tag_is_given() -> None:
    decided, _ = frequent_tags(np.array([[0.0, 1.0], [0.0, 0.0], [0.0, 0.0]]), 1)
    assert decided.tolist() == [[0, 1]]


def test_first_sentences() -> None:
    assert first_sentences(ARTICLE, 1) == "Погода стоит тёплая."
    assert first_sentences(ARTICLE, 3).endswith("в субботу. Первым проехал автобус.")
    assert first_sentences(ARTICLE, 9) == ARTICLE.text.replace("\n", " ")
    assert first_sentences(Article(""), 2) == ""


def test_oracle_sentences() -> None:
    assert oracle_sentences(ARTICLE, 2) == "Мост через реку открыли в субботу. Опоры сменили за лето."
    assert oracle_sentences(ARTICLE, 1) == "Мост через реку открыли в субботу."


def corpus(n: int) -> tuple[list[Article], np.ndarray]:
    """Articles on hockey or snow, by turns; the third tag is given to none, the fourth to all."""
    bodies = ["Сборная забросила шайбу номер {}.", "Синоптики обещают снег и ветер {} числа."]
    articles = [Article(bodies[i % 2].format(i), title=("Хоккей", "Погода")[i % 2]) for i in range(n)]
    return articles, np.array([[i % 2 == 0, i % 2 == 1, 0, 1] for i in range(n)], dtype=float)


def test_a_linear_model_learns_what_words_tell() -> None:
    train, gold = corpus(20)
    validation, test = corpus(8), corpus(6)
    decided, scores = linear_tags(train, gold, validation=validation, test=test[0])
    assert decided.shape == scores.shape == (6, 4)
    assert decided[:, :2].tolist() == test[1][:, :2].tolist()
    assert (scores[:, :2].argmax(axis=1) == test[1][:, :2].argmax(axis=1)).all()
    assert decided[:, 2].sum() == 0


def test_without_a_validation_split_the_margin_decides() -> None:
    train, gold = corpus(20)
    decided, scores = linear_tags(train, gold, validation=([], np.zeros((0, 4))), test=train[:3])
    assert (decided == (scores >= 0)).all()
    assert decided[:, :2].tolist() == gold[:3, :2].tolist()


@pytest.mark.parametrize("size", [1, 3])
def test_rows_keep_their_order(size: int) -> None:
    train, gold = corpus(20)
    test = [train[i] for i in (5, 2, 9)[:size]]
    _, scores = linear_tags(train, gold, validation=(train[:4], gold[:4]), test=test)
    _, alone = linear_tags(train, gold, validation=(train[:4], gold[:4]), test=test[-1:])
    assert scores[-1].tolist() == pytest.approx(alone[0].tolist())


def test_textrank_by_hand() -> None:
    # Three sentences of three words each; the first shares one word with each of the others, which share none:
    # all links weigh 1 / (log 3 + log 3), so the walk goes from the ends to the middle and from it to either end.
    # rank(middle) = 0.05 + 0.85 * (1 - rank(middle)), that is 0.9 / 1.85.
    rank = textrank(["мост открыт вчера", "мост снова закрыт", "вчера выпал снег"])
    assert rank.tolist() == pytest.approx([0.9 / 1.85, 0.475 / 1.85, 0.475 / 1.85], abs=1e-6)


def test_textrank_weighs_by_length() -> None:
    # One word in common of 2 and 2 words: 1 / (2 log 2); of 2 and 4 words: 1 / (log 2 + log 4): 3/5 and 2/5 of the way.
    rank = textrank(["мост открыт", "мост закрыт", "открыт новый большой музей"])
    assert rank[0] == pytest.approx(0.9 / 1.85, abs=1e-6)
    assert rank[1] == pytest.approx(0.05 + 0.85 * 0.6 * rank[0], abs=1e-6)


def test_textrank_of_little() -> None:
    assert textrank([]).tolist() == []
    assert textrank(["Снег."]).tolist() == pytest.approx([1])
    # Nothing in common: no sentence is above another.
    assert textrank(["Мост открыт.", "Идёт снег."]).tolist() == pytest.approx([0.5, 0.5])
    assert textrank_sentences(Article(""), 2) == ""


def test_textrank_sentences_keep_their_order() -> None:
    found = textrank_sentences(ARTICLE, 2)
    first, second = found.split(". ", 1)
    assert ARTICLE.text.index(first) < ARTICLE.text.index(second)
    assert textrank_sentences(ARTICLE, 9) == ARTICLE.text.replace("\n", " ")
