"""A text as the model is to read it."""

from svodka.letters import as_learned


def test_stress_marks_go() -> None:
    assert as_learned(["", "Он откры\u0301л мост, а ёлка стои\u0301т."]) == ["", "Он открыл мост, а ёлка стоит."]


def test_words_of_two_scripts_are_folded_into_cyrillic() -> None:
    # The letters e, o, c, x and p of these words are Latin.
    assert as_learned(["", "Мэp oткpыл мocт и пapк."]) == ["", "Мэр открыл мост и парк."]


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
