"""Numbers, dates and names that a summary has and its article has not."""

import pytest

from svodka.errors import ConfigError
from svodka.facts import Fact, check_facts, tagger
from svodka.facts.check import Method

ARTICLE = (
    "Премьер-министр Казахстана Бакытжан Сагинтаев провёл встречу в Алматы 12 марта 2018 года. "
    "На ремонт дорог выделят 10\u00a0000 тенге и ещё 1,5 миллиарда. Об этом сообщил Сергей Королёв из Росавтодора. "
    "В Москве министерство обороны поддержало план, МВД промолчало. Работали пять бригад, всего 9876 человек. "
    "В Нью-Йорке дорогами занят Департамент транспорта, а в Южной Корее и Северной Осетии строят сами."
)
BOTH = pytest.mark.parametrize("method", ["tagger", "capitals"])


def unsupported(text: str, article: str = ARTICLE, method: Method = "tagger") -> list[str]:
    return [fact.text for fact in check_facts(text, article, method=method).unsupported]


@BOTH
@pytest.mark.parametrize(
    "summary",
    [
        "Сагинтаев приехал в Алматы.",
        "Встречу с Сагинтаевым провели в Казахстане.",  # other cases of the same names
        "В РК побывал Б. Сагинтаев.",  # a country's short name, an initial
        "Встреча прошла в Республике Казахстан.",
        "Дороги отремонтируют за 10 тысяч тенге и полтора миллиарда.",  # other spellings of the same numbers
        "Дороги отремонтируют за 10 000 тенге и 1.5 млрд.",
        "Работали 5 бригад, около 10 тысяч человек.",  # a hedged number rounds the article's
        "По словам Сергея Королева, деньги пойдут Росавтодору.",  # ё as е
        "Встреча прошла 12.03.2018.",
        "Встреча прошла в марте 2018 года, двенадцатого марта.",
        "План поддержали в Минобороны.",  # a clipped compound
        "Министерство внутренних дел промолчало.",  # the words of an abbreviation
        "Московские дороги отремонтируют.",  # the adjective of a place
        "Казахстанский премьер посетил алматинскую дорогу.",
        "Нью-йоркский Департамент транспорта строит.",
        "Ремонтом займутся военные.\nДороги отремонтируют.",
        "Один из строителей сказал: «Всё хорошо».",
        "",
    ],
)
def test_what_the_article_supports(summary: str, method: Method) -> None:
    assert unsupported(summary, method=method) == []


@BOTH
@pytest.mark.parametrize(
    ("summary", "missing"),
    [
        ("Встреча прошла в Ташкенте.", ["Ташкенте"]),
        ("Встреча прошла в ташкентской школе.", ["ташкентской"]),
        ("Петров рассказал о дорогах.", ["Петров"]),
        ("Дорогу чинит компания «Буран».", ["Буран"]),  # a plain word too, but its capital tells
        ("Выделят 15 000 тенге.", ["15 000"]),
        ("Выделят 2,5 миллиарда.", ["2,5 миллиарда"]),
        ("Работали шесть бригад.", ["шесть"]),
        ("Работали около 12 тысяч человек.", ["12 тысяч"]),
        ("Встреча прошла 12 марта 2019 года.", ["12 марта 2019 года"]),
        ("Встреча прошла 13 марта.", ["13 марта"]),
        ("Встреча прошла в 2019 году.", ["2019 году"]),
        ("Выделят 10 тенге.", ["10"]),  # a part of 10 000 is another number
        ("Выделят 1 миллиард, сказал Иванов из Газпрома.", ["1 миллиард", "Иванов", "Газпрома"]),
        ("План поддержали в Минфине.", ["Минфине"]),
    ],
)
def test_what_the_article_does_not_support(summary: str, missing: list[str], method: Method) -> None:
    assert unsupported(summary, method=method) == missing


def test_parts_of_two_names_are_no_name() -> None:
    assert unsupported("Об этом сказал Сергей Сагинтаев.") == ["Сергей Сагинтаев"]
    assert unsupported("Дороги строят в Южной Осетии.") == ["Южной Осетии"]


def test_a_surname_is_not_supported_by_a_first_name() -> None:
    assert unsupported("Победил Иванов.", "Победил Иван Смирнов.") == ["Иванов"]
    assert unsupported("Победил Алексеев.", "Победил Алексей Смирнов.") == ["Алексеев"]


def test_an_ending_does_not_make_another_name() -> None:
    source = "Кубок вручили Жумагельдыевой."
    assert unsupported("Победила Жумагельдыева.", source) == []
    assert unsupported("Победила Жумабаева.", source) == ["Жумабаева"]


def test_an_abbreviation_is_spelled_out_by_words_of_one_name() -> None:
    assert unsupported("ВОЗ одобрила.", "Всемирная организация здравоохранения одобрила вакцину.") == []
    # М, В and Д open words here too, but they are a man and his deeds.
    assert unsupported("МВД одобрило.", "Михаил вчера доказал теорему.") == ["МВД"]


def test_an_abbreviation_in_brackets_is_enough() -> None:
    summary = "Международная ассоциация бегунов (МАБ) отказала."
    assert unsupported(summary, "МАБ отказала спортсменам.") == []


def test_a_latin_letter_in_a_cyrillic_word_is_read_as_cyrillic() -> None:
    assert unsupported("Победил Карлcен.", "Победил Карлсен.") == []


def test_facts_come_with_kind_and_place_in_their_order() -> None:
    check = check_facts("Иванов дал 7 рублей в Ташкенте.", ARTICLE, method="tagger")
    assert check.unsupported == (
        Fact("person", "Иванов", 0), Fact("number", "7", 11), Fact("place", "Ташкенте", 22),
    )  # fmt: skip
    assert not check
    assert check_facts("Дороги чинят.", ARTICLE)


def test_nothing_is_supported_by_nothing() -> None:
    assert unsupported("Сагинтаев назвал 5 причин.", "") == ["Сагинтаев", "5"]


def test_a_check_says_how_names_were_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_facts("Дороги чинят.", ARTICLE).method == "tagger"
    monkeypatch.setattr(tagger, "available", lambda: False)
    assert check_facts("Дороги чинят.", ARTICLE).method == "capitals"
    with pytest.raises(ConfigError, match=r"^named entities need .* pip install 'svodka\[ru\]'$"):
        check_facts("Дороги чинят.", ARTICLE, method="tagger")
