"""What a decoder learns to write of an article, and what it reads of it then."""

from svodka.article import Article
from svodka.heads.writer import signals_of
from svodka.training.targets import target_of

SENTENCES = [
    "Утром в порту Светлой было тихо.",
    "Паром «Чайка» сел на мель у острова Лосиный в тумане.",
    "Пассажиров парома забрали катера спасателей.",
    "У острова Лосиный в тумане паром «Чайка» ждал буксира.",
    "Погода к вечеру станет лучше.",
]
ARTICLE = Article(" ".join(SENTENCES), title="Паром сел на мель")
SUMMARY = "Паром сел на мель в тумане, людей забрали катера."


def test_a_summary_is_written_of_the_whole_article() -> None:
    found = target_of(ARTICLE, SUMMARY, kinds=["summary"], turn=5)
    assert (found.article, found.text) == (ARTICLE, SUMMARY)
    assert found.signals == signals_of("summary", 9)


def test_a_headline_is_not_read() -> None:
    found = target_of(ARTICLE, "", kinds=["headline"], turn=0)
    assert (found.article.title, found.article.text) == ("", ARTICLE.text)
    assert (found.text, found.signals) == (ARTICLE.title, signals_of("headline", 4))


def test_the_sentence_that_tells_most_of_the_rest_is_taken_out() -> None:
    found = target_of(ARTICLE, "", kinds=["gap"], turn=0)
    # The second and the fourth share most of their words.
    assert found.text in (SENTENCES[1], SENTENCES[3])
    assert found.text not in found.article.text
    assert all(sentence in found.article.text for sentence in SENTENCES if sentence != found.text)
    assert found.article.title == ARTICLE.title
    assert found.signals[0] == signals_of("summary", 1)[0]


def test_a_short_article_has_no_gap() -> None:
    found = target_of(Article(" ".join(SENTENCES[:3])), "", kinds=["gap", "headline"], turn=0)
    assert found.text == ""


def test_kinds_take_turns_and_what_an_article_lacks_is_passed_over() -> None:
    kinds = ["headline", "gap", "summary"]
    found = [target_of(ARTICLE, SUMMARY, kinds=kinds, turn=turn).text for turn in range(4)]
    assert found[0] == found[3] == ARTICLE.title
    assert found[1] in SENTENCES
    assert found[2] == SUMMARY
    assert target_of(ARTICLE, "", kinds=kinds, turn=2).text == ARTICLE.title
