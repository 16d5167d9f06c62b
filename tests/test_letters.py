"""A text as the model is to read it."""

import pytest

from svodka.letters import as_learned


def test_stress_marks_go() -> None:
    assert as_learned(["", "Он откры\u0301л мост, а ёлка стои\u0301т."]) == ["", "Он открыл мост, а ёлка стоит."]


def test_words_of_two_scripts_are_folded_into_cyrillic() -> None:
    # The letters e, o, c, x and p of these words are Latin.
    assert as_learned(["", "Мэp oткpыл мocт и пapк."]) == ["", "Мэр открыл мост и парк."]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Мοст οткрыли в пοрту.", "Мост открыли в порту."),  # Greek
        ("Бiлiм туралы заң.", "Білім туралы заң."),  # Latin i in Kazakh
        ("М О С Т открыли и в Ч0рном.", "МОСТ открыли и в Чорном."),
        ("𝐁𝐫𝐢𝐝𝐠𝐞 и Ｍoст открыли.", "Bridge и Мост открыли."),
        ("Он откры\u0300л мѐст много.", "Он открыл мест много."),
        ("Из β-частиц и α-лучей в 10 м.", "Из β-частиц и α-лучей в 10 м."),
    ],
)
def test_odd_letters_are_read_as_usual_ones(written: str, read: str) -> None:
    assert as_learned(["", written]) == ["", read]


def test_latin_words_stay() -> None:
    assert as_learned(["", "Нефть Brent и COVID-19 в Xerox, iPhone у мэра."]) == [
        "",
        "Нефть Brent и COVID-19 в Xerox, iPhone у мэра.",
    ]


def test_a_text_in_capitals_is_lowered_and_one_with_an_abbreviation_is_not() -> None:
    assert as_learned(["МОСТ ОТКРЫЛИ В ПОРТУ", "МЭР ОТКРЫЛ МОСТ ЧЕРЕЗ РЕКУ.", "ОН ДОВОЛЕН."]) == [
        "Мост открыли в порту", "Мэр открыл мост через реку.", "Он доволен.",
    ]  # fmt: skip
    # Names and abbreviations keep theirs, by the dictionary.
    assert as_learned(["", "ИВАН ПЕТРОВ ПРИЕХАЛ ИЗ КАЗАНИ В США, СООБЩИЛИ В МВД."]) == [
        "", "Иван Петров приехал из Казани в США, сообщили в МВД.",
    ]  # fmt: skip
    assert as_learned(["МЧС и МВД", "Спасатели МЧС нашли катер."]) == ["МЧС и МВД", "Спасатели МЧС нашли катер."]


def test_a_paragraph_in_capitals_is_written_as_the_rest_of_the_article() -> None:
    loud = "МОСТ ЧЕРЕЗ РЕКУ ПЛЕСНУ ОТКРЫЛИ В ЛУГОВСКЕ, СООБЩИЛИ В ПКБ."
    quiet = "На реку Плесну смотрели из окон ПКБ, которое строило мост."
    assert as_learned(["Праздник в Луговске", loud, quiet]) == [
        "Праздник в Луговске", "Мост через реку Плесну открыли в Луговске, сообщили в ПКБ.", quiet,
    ]  # fmt: skip


@pytest.mark.parametrize("short", ["США, РФ, КНР, ООН, МВД, ФСБ, МЧС.", "МЧС и МВД"])
def test_abbreviations_alone_are_no_text_in_capitals(short: str) -> None:
    assert as_learned(["", short, "Об этом договорились вчера."])[1] == short


@pytest.mark.parametrize(
    "written",
    [
        "Президент Соединённых Штатов прилетел в Саудовскую Аравию.",  # as newsrooms write it
        "Московские и украинские компании продали 12 млн тонн зерна.",  # adjectives of places, units
        "Самолёт Су-24 сел в Санкт-Петербурге и из-за снега не взлетел.",
        "Хоккеисты провели плей-офф, торгово-промышленная палата помогла.",
        "Дмитрий Песков ответил. Слова Пескова передал Reuters, а не BBC.",
        "Глава ФКНЦ Степан Лугинин рассказал, что он думает.",  # what no dictionary has
    ],
)
def test_words_in_capitals_are_written_as_newsrooms_do(written: str) -> None:
    assert as_learned(["", written.upper()]) == ["", written]


def test_a_text_in_capitals_in_another_language_gets_no_capitals_for_unknown_words() -> None:
    written = "Көпір арқылы алғашқы автобустар жүрді, деді әкім орынбасары."
    assert as_learned(["", written.upper()]) == ["", written]
    assert as_learned(["", "THE BRIDGE WAS OPENED ON MONDAY. BUSES RUN."]) == [
        "", "The bridge was opened on monday. Buses run.",
    ]  # fmt: skip
