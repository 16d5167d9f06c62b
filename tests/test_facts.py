"""Numbers and names that a summary has and its article has not."""

import pytest
from svodka.faithfulness import unsupported

ARTICLE = (
    "Премьер-министр Казахстана Бакытжан Сагинтаев провёл встречу в Алматы 12 марта 2018 года. "
    "На ремонт дорог выделят 10\u00a0000 тенге и ещё 1,5 миллиарда. Об этом сообщил Сергей Королёв из Росавтодора."
)


@pytest.mark.parametrize(
    "summary",
    [
        "Сагинтаев приехал в Алматы.",
        "Встречу с Сагинтаевым провели в Казахстане.",  # other cases of the same names
        "Дороги отремонтируют за 10 000 тенге и 1.5 миллиарда.",  # other spellings of the same numbers
        "По словам Сергея Королева, деньги пойдут Росавтодору.",  # ё as е
        "Дороги отремонтируют.",  # a plain word opens a sentence
        "Деньги выделят. Встреча прошла.",
        "Буран пришёл на север.",
        "",
    ],
)
def test_what_the_article_supports(summary: str) -> None:
    assert unsupported(summary, ARTICLE) == []


@pytest.mark.parametrize(
    ("summary", "missing"),
    [
        ("Встреча прошла в Ташкенте.", ["Ташкенте"]),
        ("Москва выделит деньги.", ["Москва"]),  # a name that opens a sentence
        ("Петров рассказал о дорогах.", ["Петров"]),
        ("Дорогу чинит компания «Буран».", ["Буран"]),  # a plain word too, but its capital tells
        ("Выделят 15 000 тенге.", ["15 000"]),
        ("Выделят 2,5 миллиарда.", ["2,5"]),
        ("Встреча прошла 12 марта 2019 года.", ["2019"]),
        ("Выделят 10 тенге.", ["10"]),  # a part of 10 000 is another number
        ("Выделят 1 миллиард, сказал Иванов из Газпрома.", ["1", "Иванов", "Газпрома"]),
    ],
)
def test_what_the_article_does_not_support(summary: str, missing: list[str]) -> None:
    assert unsupported(summary, ARTICLE) == missing


def test_nothing_is_supported_by_nothing() -> None:
    assert unsupported("Сагинтаев назвал 5 причин.", "") == ["5", "Сагинтаев"]


def test_a_surname_unknown_to_the_dictionary_is_known_by_its_first_letters() -> None:
    source = "Кубок вручили Жумагельдыевой."
    assert unsupported("Победила Жумагельдыева.", source) == []
    assert unsupported("Победила Жумабаева.", source) == ["Жумабаева"]


def test_a_full_stop_behind_a_number_is_no_part_of_it() -> None:
    assert unsupported("Это было в 2018.", "В 2018 году выпал снег.") == []
