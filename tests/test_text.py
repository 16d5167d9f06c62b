"""Text in one form: cleaning, sentences, words, spelling of tags."""

import random

import pytest

from svodka.sentences import segmenter
from svodka.text import clean, normalise_tag, split_sentences, words


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Цена&nbsp;&mdash; 5&#8239;руб.", "Цена — 5 руб."),
        ("  Снег \t идёт\u00a0 весь  день. ", "Снег идёт весь день."),
        ("Один.\r\nДва.\rТри.\u2028Четыре.", "Один.\nДва.\nТри.\nЧетыре."),
        ("Абзац.  \n \n\n  Второй.", "Абзац.\nВторой."),
        ("пе\u00adре\u200bнос\ufeff", "перенос"),
        ("и\u0306од", "йод"),  # NFD
        ("и&shy;\u0306од", "йод"),  # the entity is an invisible character between a letter and its breve
        ("а\x00б\x1bв\x7fг", "а б в г"),
        ("битый \ud800 символ", "битый символ"),
        ("\u202bтекст\u202c", "текст"),
        (" \n\u200b\n ", ""),
        ("", ""),
    ],
)
def test_cleaning(given: str, expected: str) -> None:
    assert clean(given) == expected


def test_cleaning_twice_changes_nothing() -> None:
    draw = random.Random(5)
    letters = "аиеА \n\r\t;«»—.!?\u0306\u0308\u00ad\u200b\ufeff\u2028\u2029\x0b\x0c\x85\u00a0\u202f"
    pieces = [*letters, "&shy;", "&nbsp;", "&lt;", "&#13;", "&#x308;"]
    for _ in range(3000):
        once = clean("".join(draw.choices(pieces, k=draw.randrange(12))))
        assert clean(once) == once
        assert "  " not in once
        assert "\n\n" not in once


def test_sentences_stand_where_they_say() -> None:
    first = "Мост открыли в 1987 г. при мэре А. С. Иванове. Он стоит до сих пор!"
    text = f"{first}\n«Куда едем?» — спросил водитель.\n\nКонец."
    found = split_sentences(text)
    assert [s.text for s in found] == [
        "Мост открыли в 1987 г. при мэре А. С. Иванове.",
        "Он стоит до сих пор!",
        "«Куда едем?» — спросил водитель.",
        "Конец.",
    ]
    assert all(text[s.start : s.stop] == s.text for s in found)


def test_a_line_break_ends_a_sentence() -> None:
    assert [s.text for s in split_sentences("Погода на завтра\nСнег и ветер")] == ["Погода на завтра", "Снег и ветер"]


@pytest.mark.parametrize("text", ["", "\n", "  \n "])
def test_no_text_has_no_sentences(text: str) -> None:
    assert split_sentences(text) == []


def test_a_letter_keeps_as_many_marks_as_a_language_writes() -> None:
    # 30 marks, none of which composes with the letter; a word after them is whole.
    assert clean("м" + "\u0323" * 30 + "ост") == "м" + "\u0323" * 30 + "ост"
    assert clean("м" + "\u0323\u0307" * 5000 + "ост") == "м" + "\u0323" * 15 + "\u0307" * 15 + "ост"
    assert clean("м" + "&#803;" * 5000) == "м" + "\u0323" * 30
    assert clean("—" * 100 + "«»" * 50) == "—" * 100 + "«»" * 50


@pytest.mark.parametrize("reference", ["&#" + "9" * 5000 + ";", "&#x" + "F" * 5000, "&#" + "0" * 5000 + "65;"])
def test_a_reference_to_no_character_is_one_sign(reference: str) -> None:
    assert clean(f"до {reference} после") == "до \ufffd после"


ODD = [
    "А. ",
    "г. ",
    "т. е. ",
    "1) ",
    "8.1. ",
    "«Слово» ",
    '" ',
    "»",
    "(да) ",
    "...",
    "; ",
    "! ",
    "— он ",
    "Дом ",
    "в 5 ",
    ":) ",
]


@pytest.mark.parametrize("seed", range(40))
def test_the_linear_splitter_cuts_as_razdel_does(seed: int) -> None:
    from razdel import sentenize

    text = "".join(random.Random(seed).choices(ODD, k=60))
    cut, wanted = ([(s.text, s.start, s.stop) for s in split(text) if s.text] for split in (segmenter(), sentenize))
    assert cut == wanted


def test_words() -> None:
    assert words("Ёлка — в Санкт-Петербурге, №5: 10,5%!") == ["елка", "в", "санкт-петербурге", "5", "10", "5"]
    assert words("—…!") == []


@pytest.mark.parametrize(
    "spelling",
    [
        "Чёрное море",
        "черное  море",
        " #ЧЁРНОЕ МОРЕ.",
        "«Чёрное\u00a0море»",
        "Че\u0308рное&nbsp;мо\u00adре",
        "чёрное\nморе",
    ],
)
def test_spellings_of_one_tag(spelling: str) -> None:
    assert normalise_tag(spelling) == "черное море"


def test_a_tag_keeps_what_is_inside() -> None:
    assert normalise_tag("Санкт-Петербург (город)") == "санкт-петербург (город)"
    assert normalise_tag("(«Известия» и другие)") == "«известия» и другие"
    assert normalise_tag("С&Т: итоги") == "с&т: итоги"
    assert normalise_tag("…«»") == "…"
