"""Where sentences end, in Russian and its neighbours. All texts are invented."""

import pytest

from svodka.text import split_sentences


@pytest.mark.parametrize(
    "sentence",
    [
        "«Мы дошли! Это наша победа», – сказал капитан.",
        "– Мы дошли! – сказал капитан.",
        "«Куда вы идёте?» – спросил инспектор.",
        "Сделка стоила 30 млн долл. США и заняла год.",
        "В 2019–2020 гг. Берёзовка росла быстрее всех.",
        "Учениями командует ген. А. Варнавин.",
        "В мкр. Северный нет света.",
        "Жители Ольховской обл. Казахстана ждут паводка.",
        "Б.Варнавин и К.-Ж. Лугинов приехали на ул. Садовую.",
        "Приехал проф. Лугинов из п. Дальний.",
        "Варнавин работал с янв. 2025 г. до весны.",
        "По ч. 3 ст. 188 ему грозит срок (см. п. 2).",
        "1. Купить билет.",
    ],
)
def test_a_sentence_is_not_cut(sentence: str) -> None:
    assert [s.text for s in split_sentences(f"{sentence} Об этом рассказали в порту.")] == [
        sentence, "Об этом рассказали в порту.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Закон принят в 2023 г.", "Президент подписал его."),
        ("«Луг» играет в Серии А.", "Матч прошёл вчера."),
        ("Врачи советуют витамин D.", "Опыт длился год."),
        ("Билет стоит 500 р.", "Он действует день."),
        ("Поезд опоздал на 2 ч.", "Пассажиры мёрзли."),
        ("Курс – 90 за 1 долл.", "Эксперты спокойны."),
        ("Привезли доски, гвозди и т.д.", "Также купили краску."),
        ("Награду получил Варнавин.", "Он живёт в порту."),
        ("Данные собраны в табл. 3.", "Дальше идут выводы."),
        ("Днём будет 5 °С.", "Снег растает."),
        ("Мост построили в 2026 году.", "Он длинный."),
        ("The port opened Nov. 25.", "Ships came."),
        ("He lives in the U.S.", "She left."),
        ("„Мы рады. Спасибо всем“, — сказал мэр.", "Зал хлопал."),
    ],
)
def test_two_sentences_are_told_apart(first: str, second: str) -> None:
    assert [s.text for s in split_sentences(f"{first} {second}")] == [first, second]


def test_a_missing_space_does_not_join_sentences() -> None:
    text = "Движение перекрыто.На месте спасатели. Так решил он.Потом дорогу открыли 1 мая.Она цела."
    assert [s.text for s in split_sentences(text)] == [
        "Движение перекрыто.", "На месте спасатели.", "Так решил он.", "Потом дорогу открыли 1 мая.", "Она цела.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "text", "n"),
    [
        ("en", "Mr. Hill of Port Ltd. paid approx. $4 million. It opens on Dec. 1.", 2),
        ("kk", "Көпірдің ұзындығы 340 м. Оны әкімдік салды.", 2),
        ("uk", "Міст на вул. Садовій відкрили. Його будували 2 роки.", 2),
        ("uk", "Міст коштував 3 млн дол. США. Його відкрила т.зв. «Громада».", 2),
        ("kk", "2026 ж. 5 қарашада көпір ашылды. Сағ. 10 кезінде жиналды.", 2),
        ("", "Паром купили в 1970 г. В порту он стоит и теперь. Ширина 180 см. Длина больше.", 4),
        ("", '"Мы успели! Паром цел", – сказал капитан. Его ждали.', 2),
        ("", "Mr. Hill opened a bridge. It is long.", 2),
    ],
)
def test_the_language_of_the_article_counts(lang: str, text: str, n: int) -> None:
    assert len(split_sentences(text, lang)) == n


def test_places_are_those_in_the_text() -> None:
    text = "Он пришёл. «Стой! Кто идёт?» – крикнул часовой.\nВсё тихо."
    assert [text[s.start : s.stop] for s in split_sentences(text)] == [s.text for s in split_sentences(text)]


def test_a_quotation_that_is_never_closed_swallows_nothing() -> None:
    assert len(split_sentences("Он сказал: «Иду. Дождь кончился. Пора домой.")) == 3
