"""What summaries copy and repeat, chrF, and their part of a report, against numbers worked out by hand."""

import json

import numpy as np
import pytest

from svodka.article import NO_SUMMARY, Annotation, Article, Summary
from svodka.config.summary import SummaryConfig
from svodka.errors import DataError
from svodka.evaluation.summaries.baselines import first_sentences
from svodka.evaluation.summaries.copying import compression, coverage, density, fragments, novel, repeated
from svodka.evaluation.summaries.measures import SummaryMeasures, text_rows
from svodka.evaluation.summaries.record import SummaryRecord
from svodka.evaluation.summaries.section import summary_section
from svodka.evaluation.summaries.systems import summary_record
from svodka.summaries.budget import Budget

ARTICLE = ["в", "субботу", "мост", "через", "реку", "открыли", "первым", "по", "мосту", "проехал", "автобус"]
SUMMARY = ["мост", "через", "реку", "снова", "открыли", "проехал", "автобус"]


def test_fragments_by_hand() -> None:
    # «мост через реку», then «снова» is new, «открыли», «проехал автобус».
    assert fragments(ARTICLE, SUMMARY) == [3, 1, 2]
    assert coverage(ARTICLE, SUMMARY) == pytest.approx(6 / 7)
    assert density(ARTICLE, SUMMARY) == pytest.approx((9 + 1 + 4) / 7)
    assert compression(ARTICLE, SUMMARY) == pytest.approx(11 / 7)


def test_the_longest_of_several_places_is_taken() -> None:
    assert fragments(["а", "б", "а", "б", "в"], ["а", "б", "в"]) == [3]


def test_a_copy_is_one_fragment() -> None:
    assert fragments(ARTICLE, ARTICLE) == [11]
    assert (coverage(ARTICLE, ARTICLE), density(ARTICLE, ARTICLE)) == (1, 11)


def test_novel_ngrams_by_hand() -> None:
    # Words: one of seven, «снова». Pairs: «реку снова», «снова открыли» and «открыли проехал» of six.
    assert novel(ARTICLE, SUMMARY, 1) == pytest.approx(1 / 7)
    assert novel(ARTICLE, SUMMARY, 2) == pytest.approx(3 / 6)
    assert novel(ARTICLE, SUMMARY, 8) == 0  # longer than the summary: 0 of none


def test_repeated_ngrams_by_hand() -> None:
    # Trigrams of «а б в а б в»: абв, бва, ваб, абв: one of four stood there before.
    assert repeated(["а", "б", "в", "а", "б", "в"], 3) == pytest.approx(1 / 4)
    assert repeated(["а", "а", "а"], 1) == pytest.approx(2 / 3)


def test_an_empty_summary_counts_0() -> None:
    for measure in (coverage, density, compression):
        assert measure(ARTICLE, []) == 0
    assert fragments([], SUMMARY) == []
    assert novel(ARTICLE, [], 1) == repeated([], 3) == 0


def test_chrf_by_hand() -> None:
    measures = SummaryMeasures()
    # «кит» and «кот»: 2 of 3 letters, no pair, no triple; longer ones there are none of. Precision and recall are
    # both 2/9, and so is their mean.
    assert measures.against(["кот"], ["кит"])["chrf"][0] == pytest.approx(100 * 2 / 9)
    assert measures.against(["кот"], ["кот"])["chrf"][0] == pytest.approx(100)
    assert "nc:6|nw:0" in measures.chrf_signature
    assert measures.chrf_signature.startswith("chrF2|")


def test_rows_read_title_and_body() -> None:
    rows = text_rows([Article("Его открыли.", title="Мост")], ["Мост открыли"])
    assert rows["novel_1"].tolist() == [0]
    assert rows["words"].tolist() == [2]
    assert rows["compression"].tolist() == [1.5]


def annotated(text: str | None) -> Annotation:
    return Annotation("", (), NO_SUMMARY if text is None else Summary(text, "extractive"))


ARTICLES = [
    Article("Мост открыли. Идёт снег. Поют птицы.", summary="Открыли мост."),
    Article("Никто не приехал."),
    Article("Снег растаял. Пришла весна.", summary="Весна пришла."),
]
SHORT = SummaryConfig(sentences=2, words=4)
GIVEN = [annotated("Мост открыли."), annotated("Никто не приехал."), annotated("Снег растаял.")]


def test_only_articles_with_an_editors_summary_are_scored() -> None:
    record = summary_record(ARTICLES, GIVEN, rouge="plain", settings=SHORT, baselines=True)
    assert record is not None
    assert record.places == (0, 2)
    section = summary_section(record, {"length": {"short": [0, 1], "long": [2]}})
    # Words: «мост открыли» of two and two: 100; «снег растаял» against «весна пришла»: 0.
    assert section["systems"]["model"]["rouge1"] == pytest.approx(50)
    assert section["slices"]["length"]["short"]["rouge1"] == pytest.approx(100)
    assert section["slices"]["length"]["long"]["n"] == 1
    assert section["baselines"] == ["first 2 sentences, 4 words", "first sentence", "TextRank"]
    assert section["systems"]["oracle sentences"]["rouge1"] == pytest.approx(100)
    assert section["editor"]["words"] == 2
    assert section["model - first sentence"]["rouge1"] == {"mean": 0, "low": 0, "high": 0}


def test_the_first_sentences_are_as_long_as_the_summary_may_be() -> None:
    article = Article("Мост открыли утром. Идёт снег. Поют птицы.")
    found = [first_sentences(article, 3, Budget(words)) for words in (7, 6, 5, 2)]
    assert found == [article.text, "Мост открыли утром. Идёт снег.", "Мост открыли утром. Идёт снег.", "Мост открыли…"]
    assert first_sentences(article, 2) == "Мост открыли утром. Идёт снег."


def test_nothing_to_score_is_none() -> None:
    assert summary_record(ARTICLES[1:2], GIVEN[1:2], rouge="plain", settings=SHORT, baselines=True) is None
    assert (
        summary_record(
            ARTICLES[:1],
            [annotated(None)],
            rouge="plain",
            settings=SHORT,
            baselines=False,
        )
        is None
    )


def test_a_record_comes_back_from_json_as_it_was() -> None:
    record = summary_record(ARTICLES, GIVEN, rouge="gazeta", settings=SummaryConfig(sentences=1), baselines=False)
    assert record is not None
    again = SummaryRecord.from_dict(json.loads(json.dumps(record.to_dict())))
    assert (again.places, again.signature, again.baselines) == (record.places, record.signature, ())
    for name, values in record.rows["model"].items():
        assert np.array_equal(again.rows["model"][name], values)
    with pytest.raises(DataError, match="record of the summaries is damaged"):
        SummaryRecord.from_dict({"places": [0]})
