"""From scores and the decoder's text to a summary."""

import numpy as np
import pytest

from svodka.article import Article, Summary
from svodka.config.summary import SummaryConfig
from svodka.engines.result import EngineResult
from svodka.model.encoding import Encoding
from svodka.summaries import clean_written, summary
from svodka.summaries.choose import chosen as choose

TITLE = "Мост через Сорогу открыли"
SENTENCES = [
    "Мост через Сорогу открыли после ремонта.",
    "Рабочие сменили опоры и настил.",
    "Первым по нему проехал автобус.",
    "Мэр Степанов перерезал красную ленту.",
]
ARTICLE = Article(" ".join(SENTENCES), title=TITLE)


def plain(**settings: object) -> SummaryConfig:
    return SummaryConfig.model_validate(settings)


def summarised(written: str | None, scores: list[float], **settings: object) -> Summary | None:
    encoding = Encoding([[]], [[]], [TITLE, *SENTENCES], n_read=len(scores), cut=0)
    nothing = np.zeros(0)
    return summary(ARTICLE, encoding, EngineResult(nothing, nothing, np.array(scores), written), plain(**settings))


def chosen(body: list[str], scores: list[float], **settings: object) -> list[int]:
    """Positions of the chosen sentences, of which none may have been changed."""
    found = choose([TITLE, *body], np.array([99.0, *scores]), plain(**settings))
    return [1 + body.index(text) for text in found]


def test_the_best_are_given_in_their_own_order_and_never_the_title() -> None:
    assert chosen(SENTENCES, [0.1, 1.1, 0.3, 2.0], sentences=2) == [2, 4]
    assert chosen(SENTENCES, [-5.0, -9.0, -7.0, -5.5], sentences=2) == [1, 4]


def test_the_longer_of_two_sentences_that_score_alike_is_taken() -> None:
    body = ["Мост открыли после ремонта.", "Мэр Степанов перерезал красную ленту в полдень у новой переправы."]
    # 4 and 10 words: 0.7 ln 2.5 = 0.641 for the longer one.
    assert chosen(body, [1.0, 0.37], sentences=1) == [2]
    assert chosen(body, [1.0, 0.35], sentences=1) == [1]


def test_without_a_number_a_long_budget_has_more_sentences() -> None:
    scores = [1.0, 0.9, 0.8, 0.7]
    assert chosen(SENTENCES, scores) == [1, 2, 3]
    assert chosen(SENTENCES, scores, words=48) == [1, 2, 3, 4]  # one to twelve words
    assert chosen(SENTENCES, scores, words=48, sentences=2) == [1, 2]
    # 1.728 logits below the best may join it in 48 words.
    assert chosen(SENTENCES, [1.0, -0.5, -2.0, -2.0], words=48) == [1, 2]
    assert chosen(SENTENCES, [1.0, -0.5, -2.0, -2.0]) == [1]


def test_of_equal_scores_the_earlier_is_taken() -> None:
    assert chosen(SENTENCES, [0.0, 0.0, 0.0, 0.0], sentences=3) == [1, 2, 3]


def test_a_sentence_that_repeats_a_trigram_is_skipped() -> None:
    twins = ["Мост через Сорогу открыли.", "Власти сообщили: мост через Сорогу готов.", "Автобусы пошли с утра."]
    assert chosen(twins, [3.5, 2.9, 3.1], sentences=2) == [1, 3]
    assert chosen(twins[:2], [3.5, 2.9], sentences=2) == [1]
    assert chosen(twins, [3.5, 2.9, 3.1], sentences=2, block_trigrams=False) == [1, 2]


def test_words_are_counted_and_never_exceeded() -> None:
    # 6, 5, 5 and 5 words.
    assert chosen(SENTENCES, [4.0, 3.9, 3.8, 3.7], words=11, sentences=4) == [1, 2]
    # A shorter one may fit where the best does not.
    assert chosen(SENTENCES, [4.0, 3.9, 3.8, 3.7], words=5, sentences=4) == [2]
    assert chosen(SENTENCES, [4.0, 3.9, 3.8, 3.7], words=4) == []


def test_characters_are_counted_with_the_spaces_between_sentences() -> None:
    both = len(SENTENCES[0]) + 1 + len(SENTENCES[1])
    assert chosen(SENTENCES, [4.0, 3.9, 3.8, 3.7], characters=both) == [1, 2]
    assert chosen(SENTENCES, [4.0, 3.9, 0.0, 0.0], characters=both - 1) == [1]


def test_a_sentence_far_below_the_best_is_left_out() -> None:
    assert chosen(SENTENCES, [4.0, 1.0, 1.0, 1.0]) == [1]


def test_a_sentence_without_words_is_no_summary() -> None:
    assert chosen(["***", "Ночью выпал первый снег."], [9.0, 1.0], sentences=2) == [2]


def test_only_sentences_that_were_read_can_be_chosen() -> None:
    assert summarised(None, [0.0, 1.0, 0.5], sentences=4) == Summary(" ".join(SENTENCES[:2]), "extractive")


def test_a_headline_alone_is_its_summary() -> None:
    assert summarised(None, [0.0]) == Summary(TITLE, "extractive")


def test_sentinels_and_spaces_are_dropped() -> None:
    assert clean_written("<extra_id_0> Мост<extra_id_17>  открыли.\n ") == "Мост открыли."


def test_a_faithful_text_is_given_as_written() -> None:
    assert summarised("Мост через Сорогу открыл Степанов.", [0, 1, 0, 0, 0]) == Summary(
        "Мост через Сорогу открыл Степанов.", "abstractive"
    )


@pytest.mark.parametrize(
    ("written", "note"),
    [
        ("", "the decoder wrote nothing"),
        ("<extra_id_0> …", "the decoder wrote nothing"),
        ("мост мост мост открыли мост мост открыли мост", "the decoder repeated itself"),
        ("Мост открыл Иванов за 5 дней.", "the decoder named what the article does not: Иванов, 5"),
    ],
)
def test_an_unfaithful_text_is_replaced_and_the_note_says_why(written: str, note: str) -> None:
    assert summarised(written, [0, 0, 1, 0, 0], sentences=1) == Summary(SENTENCES[1], "extractive", note)


def test_names_of_the_title_are_supported() -> None:
    article = Article("Движение возобновили.", title="Мост через Сорогу открыли")
    encoding = Encoding([[]], [[]], [article.title, article.text], n_read=2, cut=0)
    result = EngineResult(np.zeros(0), np.zeros(0), np.zeros(2), "Движение через Сорогу возобновили.")
    found = summary(article, encoding, result, plain())
    assert found is not None
    assert found.kind == "abstractive"


def test_the_mode_decides() -> None:
    invented = "Мост открыл Иванов."
    assert summarised(invented, [0, 1, 0, 0, 0], mode="abstractive") == Summary(invented, "abstractive")
    assert summarised(invented, [0, 1, 0, 0, 0], mode="extractive", sentences=1) == Summary(SENTENCES[0], "extractive")


def several(title: str, *texts: str, **settings: object) -> Summary | None:
    """The summary where a decoder gave several texts, best first."""
    article = Article(ARTICLE.text, title=title)
    encoding = Encoding([[]], [[]], [title, *SENTENCES], n_read=5, cut=0)
    nothing = np.zeros(0)
    result = EngineResult(nothing, nothing, np.array([0.0, 1.0, 0, 0, 0]), texts[0], others=texts[1:])
    return summary(article, encoding, result, plain(**settings))


def test_of_several_texts_the_first_that_is_faithful_is_given() -> None:
    texts = ("Мост открыл Иванов.", "Мост открыл Степанов.", "Ленту перерезал Степанов.")
    assert several("", *texts, mode="written") == Summary("Мост открыл Степанов.", "abstractive")
    assert several("", *texts, mode="abstractive") == Summary("Мост открыл Иванов.", "abstractive")


def test_a_headline_is_written_where_there_is_none() -> None:
    texts = ("Мост открыл Иванов.", "Мост через Сорогу открыл Степанов.")
    assert several("", *texts, mode="headline") == Summary("Мост через Сорогу открыл Степанов", "headline")
    assert several(TITLE, *texts, mode="headline") == Summary(TITLE, "headline")
    # Too long, and of no faithful text: a sentence, shortened.
    assert several("", texts[0], mode="headline") == Summary("Мост через Сорогу открыли после ремонта", "headline")


def test_without_any_head_there_is_no_summary() -> None:
    assert summarised(None, []) is None
    assert summarised("Мост открыли.", [], mode="extractive") is None
