"""ROUGE for Cyrillic."""

import pytest
from rouge_score.rouge_scorer import RougeScorer

from svodka.evaluation.summaries.rouge import KINDS, PRESETS, Rouge, means

TEXT = "В Заречье открыли мост после ремонта. Первым по нему проехал автобус."


@pytest.mark.parametrize("preset", PRESETS)
def test_identical_cyrillic_texts_score_100(preset: str) -> None:
    # rouge_score's own tokenizer deletes every letter of it and scores 0.
    assert RougeScorer(["rouge1"]).score(TEXT, TEXT)["rouge1"].fmeasure == 0
    assert Rouge(preset).score(TEXT, TEXT) == pytest.approx(dict.fromkeys(KINDS, 100.0), abs=1e-3)


@pytest.mark.parametrize("preset", PRESETS)
def test_texts_without_a_common_word_score_0(preset: str) -> None:
    assert Rouge(preset).score("Мост открыли", "снег идёт весь день") == dict.fromkeys(KINDS, 0.0)
    assert Rouge(preset).score(TEXT, "") == dict.fromkeys(KINDS, 0.0)


def test_by_hand() -> None:
    # Reference: мост через реку открыли (4 words, 3 pairs). Summary: реку мост через открыли вчера (5 words, 4 pairs).
    # Common words 4: F1 = 2*4/9. Common pairs: «мост через», F1 = 2*1/7. Longest common subsequence:
    # мост через открыли, 3: F1 = 2*3/9; both are one sentence, and so is ROUGE-Lsum.
    found = Rouge().score("Мост через реку открыли.", "Реку мост через открыли вчера!")
    assert found == pytest.approx({"rouge1": 800 / 9, "rouge2": 200 / 7, "rougeL": 600 / 9, "rougeLsum": 600 / 9})


def test_a_word_counts_no_oftener_than_it_stands_there() -> None:
    # «мост» once in the reference of 2, three times in the summary of 3: 1 common, F1 = 2*1/5.
    assert Rouge().score("Мост открыт", "мост мост мост")["rouge1"] == pytest.approx(40)


def test_presets_read_text_as_their_signature_says() -> None:
    plain, gazeta = Rouge("plain"), Rouge("gazeta")
    assert plain.signature != gazeta.signature
    assert plain.score("Ёлка, снег!", "елка снег")["rouge1"] == 100
    # razdel keeps «,» and «!» as tokens, and ё stays: 1 common of 4 and of 2.
    assert gazeta.score("Ёлка, снег!", "елка снег")["rouge1"] == pytest.approx(200 / 6, abs=1e-4)
    assert plain.score("Санкт-Петербург", "Петербург")["rouge1"] == 0


def test_gazeta_by_hand() -> None:
    # Reference: мост через реку открыли, мост красив: 5 different words, 5 pairs over the full stop. Summary: 4 words,
    # 3 pairs. Common: мост, реку, открыли, P = 3/4, R = 3/5, F1 = 2/3; no pair. The longest common subsequence with the
    # first sentence is «реку открыли», with the second «мост»: 3 words, and with beta = P / R = 5/4
    # F = (1 + 25/16) * 9/20 / (3/5 + 25/16 * 3/4) = 41/63.
    found = Rouge("gazeta").score("Мост через реку открыли. Мост красив.", "Реку мост открыли вчера.")
    expected = {"rouge1": 200 / 3, "rouge2": 0, "rougeL": 4100 / 63, "rougeLsum": 4100 / 63}
    assert found == pytest.approx(expected, abs=1e-4)


# Reference, summary, and ROUGE-1/2/L in percent as IlyaGusev/rouge at 84f2530 gives them behind summarus' evaluate.py,
# and as csebuetnlp's multilingual_rouge_scoring at 6b97e97 does for `russian` with its stemmer.
OWN_SCORERS = [
    (
        "В Заречье открыли мост после ремонта. Первым по нему проехал автобус.",
        "Мост в Заречье после ремонта открыт, первым проехал автобус.",
        (76.1905, 31.5789, 66.3664),
        (90.0, 33.3333, 70.0),
    ),
    (
        "Бюджет вырос на 2,5% до 14.7 млрд руб. Школы получат 300 млн.",
        "Школы получат 300 млн руб., бюджет вырос до 14.7 млрд. Бюджет, бюджет, бюджет...",
        (84.6154, 53.8462, 83.6315),
        (78.5714, 53.8462, 42.8571),
    ),
    (
        "Мэр сказал: «Потом всегда будет хуже». Потом он ушёл, а над рекой шёл снег.",
        "Всегда потом хуже, сказал мэр. Над рекой был снег, и мэр ушёл.",
        (68.9655, 6.6667, 52.1608),
        (69.2308, 8.3333, 38.4615),
    ),
    (
        "Врачи из ФК-2 приняли 15чел. и №7",
        "Врачи приняли 15 чел. № 7 из ФК–2",
        (82.3529, 40.0, 81.7889),
        (94.7368, 58.8235, 63.1579),
    ),
    ("Снег.", "Дождь и ветер.", (0, 0, 0), (0, 0, 0)),
]


@pytest.mark.parametrize(("reference", "summary", "gazeta", "xlsum"), OWN_SCORERS)
def test_published_presets_score_as_their_own_scorers_do(
    reference: str, summary: str, gazeta: tuple[float, ...], xlsum: tuple[float, ...]
) -> None:
    for preset, expected in (("gazeta", gazeta), ("xlsum", xlsum)):
        found = Rouge(preset).score(reference, summary)
        assert [found[kind] for kind in KINDS[:3]] == pytest.approx(expected, abs=1e-3)


def test_lsum_takes_each_sentence_by_itself() -> None:
    # The sentences stand the other way round. As one text the longest common subsequence is «мост открыт», 2 of 4 and
    # 4; for each sentence of the reference the other text holds it whole.
    found = Rouge().score("Мост открыт. Снег растаял.", "Снег растаял. Мост открыт.")
    assert found["rougeL"] == pytest.approx(50)
    assert found["rougeLsum"] == pytest.approx(100)


def test_xlsum_compares_stems() -> None:
    # мост/мосты and река/реки share stems; «через» and «у» do not: 2 of 3 and 3.
    found = Rouge("xlsum").score("Мосты через реки", "«Мост» у реки.")
    assert found["rouge1"] == pytest.approx(200 / 3)
    assert Rouge("plain").score("Мосты через реки", "«Мост» у реки.")["rouge1"] == pytest.approx(100 / 3)
    # Neither words of up to three letters nor stop words, here «этот» and «будет», are stemmed.
    assert Rouge("xlsum").score("Только дом", "только дома")["rouge1"] == 100
    assert Rouge("xlsum").score("Этот ряд будет", "эти ряды будут")["rouge1"] == pytest.approx(100 / 3)
    # A hyphen is punctuation there: «Санкт-Петербург» is two words.
    assert Rouge("xlsum").score("Санкт-Петербург", "Петербург")["rouge1"] == pytest.approx(200 / 3)


ENGLISH = [
    ("The bridge over the river was opened after repairs.", "The bridge was opened on Saturday after long repairs."),
    ("Rain and wind are expected in the north.", "Expect wind, rain and snow in the north of the country."),
    ("Police killed the gunman", "the gunman killed police"),
    ("A museum shows 100 paintings.", "Nothing in common here"),
]


def test_english_scores_are_those_of_rouge_score() -> None:
    reference = RougeScorer(list(KINDS), use_stemmer=False)
    for target, summary in ENGLISH:
        expected = reference.score(target, summary)
        found = Rouge().score(target, summary)
        for kind in KINDS:
            assert found[kind] == pytest.approx(100 * expected[kind].fmeasure, abs=1e-9)


def test_rows_are_pairs_and_the_mean_is_over_them() -> None:
    rouge = Rouge()
    # 100 and 2*1/4 in percent.
    rows = rouge.rows(["Мост открыт", "Снег идёт"], ["мост открыт", "снег лежит"])
    assert rows["rouge1"].tolist() == pytest.approx([100, 50])
    assert means(rows)["rouge1"] == pytest.approx(75)
    assert means(rouge.rows([], [])) == dict.fromkeys(KINDS, 0)
    with pytest.raises(ValueError, match="shorter"):
        rouge.rows(["Мост открыт", "Снег идёт"], ["мост"])
