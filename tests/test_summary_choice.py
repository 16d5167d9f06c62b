"""Which sentences a summary may have, when the title stands for it, and headlines."""

import numpy as np
import pytest

from svodka.config.summary import SummaryConfig
from svodka.facts.language import language_of
from svodka.summaries.candidates import is_printable
from svodka.summaries.choose import as_sentence, chosen
from svodka.summaries.headline import headline
from svodka.summaries.quotes import torn
from svodka.summaries.standing import dangles, speaks_of_itself

TITLE = "Мост через Сорогу открыли после ремонта"
NEWS = "Рабочие починили мост через Сорогу."


def given(*body: tuple[float, str], title: str = TITLE, **settings: object) -> list[str]:
    scores = np.array([9.0, *(score for score, _ in body)])
    return chosen([title, *(text for _, text in body)], scores, SummaryConfig.model_validate(settings))


DANGLING = [
    "Он открыл мост в субботу.",
    "По его словам, мост починили.",
    "Это третий мост в городе.",
    "Там построят школу.",
    "Тогда мост закрыли на ремонт.",
    "Мост построили здесь в мае.",
    "Как он отметил, мост починили.",
    "Соответствующее решение принял суд.",
    "В ведомстве отметили, что мост починили.",
    "По словам чиновника, мост починили.",
    "Согласно документу, мост откроют в мае.",
    "По версии горожан, он сгорел ночью.",
    "Мэр Степанов также открыл школу.",
    "Далее следуют мосты Омска.",
    "Документ вводит плату за мосты.",
    "После указанного срока мост закроют.",
    "В документе есть план моста.",
    "На заседании фракции она открыла мост.",
    "«Мост починили», — сказал он рабочим.",
    "«Мост починили», — говорится в сообщении.",
    "Рабочие сообщили, что эта авария не первая.",
    "За його словами, міст полагодили.",
    "Цей міст полагодили.",
    "Оның айтуынша, көпір ашылды.",
    "Бұл көпір ашылды.",
    "He opened the bridge.",
    "This bridge was opened in May.",
]


@pytest.mark.parametrize("sentence", DANGLING)
def test_a_sentence_that_points_at_another_dangles(sentence: str) -> None:
    assert dangles(sentence)


STANDING = [
    NEWS,
    "Мэр Степанов сказал, что он откроет мост.",
    "Рабочие починили мост, и его открыли.",
    "В этом году в Заречье откроют мост.",
    "В компании «Мост» отметили, что мост починили.",
    "По словам мэра Степанова, мост починили.",
    "Так назвали новый мост.",
    "В городе Заречье здесь стоял мост.",
    "Проект Степанова вводит плату за мосты.",
    "Книгу привезли в школу, и она понравилась.",
    "Мэр заявил: «Он будет лучшим мостом».",
    "Он адам қаза тапты.",
    "Көпір ашылды.",
    "Міст відкрили у суботу.",
    "The mayor said he would open the bridge.",
]


@pytest.mark.parametrize("sentence", STANDING)
def test_a_sentence_that_names_what_it_speaks_of_stands_alone(sentence: str) -> None:
    assert not dangles(sentence)


def test_a_dangling_sentence_may_only_follow_the_one_before_it() -> None:
    told = "Его открыл мэр Степанов."
    assert given((0.0, NEWS), (0.0, told)) == [NEWS, told]
    assert given((0.0, NEWS), (-9.0, "Погода была хорошей весь день."), (0.0, told)) == [NEWS]
    assert given((0.0, told), (-0.1, NEWS)) == [NEWS]


def test_a_pronoun_follows_only_a_sentence_that_names_what_it_may_mean() -> None:
    news = "Городской мост через реку открыли после ремонта."
    assert given((0.0, news), (0.0, "Они стали намного шире.")) == [news]
    assert given((0.0, news), (0.0, "Он стал намного шире.")) == [news, "Он стал намного шире."]


@pytest.mark.parametrize(
    "sentence",
    [
        "Стало известно, кто починил мост через Сорогу.",
        "Трещины моста объясняют двумя причинами.",
        "Рабочие починили мосты, дороги, крыши и т.д.",
        "Об этом сообщила пресс-служба полиции.",
        "Фото: архив редакции «Сорога».",
        "Подписывайтесь на наш канал в мессенджере.",
        "Мост через Сорогу и школа рядом с ним",
        "Мост через Сорогу, старый и новый.",
        "В день, когда открыли мост через реку.",
        "Рабочие починили вот что:",
        "– Мы починили мост через Сорогу.",
        "Книга вышла тиражом 500, ISBN 5-01.",
        "Снег идёт.",
    ],
)
def test_what_is_no_sentence_of_the_news_is_never_printed(sentence: str) -> None:
    assert not is_printable(sentence)
    assert given((5.0, sentence), (4.9, NEWS)) == [NEWS]


def test_no_part_of_a_quotation_is_printed() -> None:
    body = ["«Мост починили.", "Работали долго.", "Все рады», — сказал мэр.", "Мэр сказал: «Мост починили»."]
    assert torn(body) == [True, True, True, False]
    straight = ['Мэр сказал: "Мост починили.', "Работали долго.", 'Все рады".', 'Мост "Сорога" открыт.']
    assert torn(straight) == [True, True, True, False]


def test_old_news_does_not_come_first_and_is_told_without_its_mark() -> None:
    assert given((0.0, "Напомним, мост закрыли в мае из-за трещины."), (-0.5, NEWS)) == [NEWS]
    told = "Суд оштрафовал подрядчика на миллион."
    assert given((0.0, NEWS), (0.9, f"Напомним, {told}")) == [NEWS, told]


def test_two_sentences_do_not_say_the_same() -> None:
    assert given((0.0, NEWS), (-0.1, "Мост через реку Сорога рабочие починили.")) == [NEWS]


@pytest.mark.parametrize(
    "body",
    [
        ((-3.0, "Погода была хорошей весь день."),),
        ((-0.5, "Он открыл мост в субботу."), (-1.7, "Погода была хорошей весь день.")),
        ((0.0, "Об этом сообщила полиция."),),
    ],
)
def test_the_title_stands_where_no_sentence_tells_the_news(body: tuple[tuple[float, str], ...]) -> None:
    assert given(*body) == []


@pytest.mark.parametrize("title", ["", "Мост открыт", "Откроют ли мост через реку Сорогу?", "«Мост нам важнее всего»"])
def test_a_title_that_tells_nothing_does_not_stand_for_a_summary(title: str) -> None:
    assert given((-3.0, NEWS), title=title) == [NEWS]


SIDE = "Движение по набережной наладили в субботу."


def test_the_title_opens_a_summary_whose_sentences_do_not_tell_its_news() -> None:
    assert given((0.0, SIDE)) == [f"{TITLE}.", SIDE]
    assert given((0.0, NEWS)) == [NEWS]
    assert given((0.0, SIDE), (-0.1, "Он стал шире."), sentences=1) == [f"{TITLE}.", SIDE]


def test_a_sentence_whose_words_come_again_is_worth_more() -> None:
    weather, bridge = "Погода стояла сухая весь день.", "Рабочие починили мост через реку."
    again = (-9.0, "Новый мост через реку шире старого.")
    # Three of five words stand in another sentence too: 0.6 ln 2 = 0.416.
    assert given((0.40, weather), (0.0, bridge), again, title="", sentences=1) == [bridge]
    assert given((0.43, weather), (0.0, bridge), again, title="", sentences=1) == [weather]


def test_behind_the_title_a_short_sentence_is_enough() -> None:
    long = "Движение по набережной вдоль городского парка наладили в субботу вечером, и автобусы снова пошли."
    short = "Школу рядом построят осенью."
    assert given((0.1, long), (0.0, short), sentences=1) == [f"{TITLE}.", short]
    assert given((0.1, long), (0.0, short), title="", sentences=1) == [long]


def test_what_stands_behind_the_title_does_not_repeat_it() -> None:
    assert given((0.0, SIDE), (0.0, "Мост открыли, стало шире."), sentences=1) == [f"{TITLE}.", SIDE]
    assert given((0.0, "Мост открыли, стало шире.")) == ["Мост открыли, стало шире."]


def test_beside_the_title_the_best_sentence_is_shortened_or_stands_without_it() -> None:
    long = "Движение по набережной (вдоль парка) наладили в субботу."
    assert given((0.0, long), words=12) == [f"{TITLE}.", SIDE]
    assert given((0.0, SIDE), words=11) == [SIDE]


@pytest.mark.parametrize(
    ("title", "sentence"),
    [
        (f"{TITLE} (фото)", f"{TITLE}."),
        (f"{TITLE}!", f"{TITLE}!"),
        ("Дождались. Мост в Заречье снова открыт для машин", "Мост в Заречье снова открыт для машин."),
        ("Мост в Заречье снова открыт. Он стал шире", "Мост в Заречье снова открыт."),
        ("Степанов: мост в Заречье откроют осенью", "Степанов: мост в Заречье откроют осенью."),
        ("«Стал шире». Мост в Заречье снова открыт", "Мост в Заречье снова открыт."),
        ("Міст у Заріччі знову відкрили", "Міст у Заріччі знову відкрили."),
        ("Как открывали мост через реку Сорогу", ""),
        ("Стало известно, кто откроет мост через Сорогу", ""),
        ("Його відкрили після довгого ремонту", ""),
        ("Мост через Сорогу и новая школа рядом", ""),
        ("Мост через Сорогу открыт | Новости Заречья", ""),
        ("Степанов о мосте: В моей жизни он первый", ""),
        ("Степанов: «Мост через Сорогу открыт", ""),
    ],
)
def test_a_title_opens_a_summary_only_where_it_is_a_sentence(title: str, sentence: str) -> None:
    assert as_sentence(title) == sentence


def test_somebody_who_speaks_of_himself_outside_a_quotation_is_known() -> None:
    assert speaks_of_itself("Мы починили наш мост.")
    assert speaks_of_itself("Мост новый, рассчитываем на него.")
    assert speaks_of_itself("Надеюсь на новый мост.")
    assert speaks_of_itself("Пройдёмся по мосту.")
    assert not speaks_of_itself("Мэр сказал: «Мы починили наш мост».")


@pytest.mark.parametrize(
    ("text", "language"),
    [("Мост открыли", "ru"), ("Міст відкрили", "uk"), ("Көпір ашылды", "kk"), ("The bridge", "en")],
)
def test_the_letters_tell_the_language(text: str, language: str) -> None:
    assert language_of(text) == language


def headed(title: str, *body: str, words: int = 8) -> str:
    scores = np.array([0.0, *(-float(place) for place in range(len(body)))])
    return headline([title, *body], scores, SummaryConfig(mode="headline", headline_words=words))


def test_a_title_that_fits_is_the_headline_without_the_mark_of_its_page() -> None:
    assert headed(f"{TITLE} (фото)", NEWS) == TITLE
    assert headed(f"{TITLE} [ВИДЕО]", NEWS) == TITLE


def test_a_long_title_is_shortened_and_none_of_its_denial_lost() -> None:
    long = "Мост через Сорогу открыли в Заречье после долгого ремонта"
    assert headed(long, words=6) == "Мост через Сорогу открыли в Заречье"
    assert headed("Суд арестовал мэра Степанова, который строил мост", words=4) == "Суд арестовал мэра Степанова"
    assert headed("Мэр Степанов не признал вину в краже моста", words=6) == "Мэр Степанов не признал вину…"


@pytest.mark.parametrize(
    ("sentence", "words", "expected"),
    [
        ("Мост через Сорогу открыли в субботу, 5 мая.", 4, "Мост через Сорогу открыли"),
        ("Черный кот угодил под колеса автобуса днем 7 июня.", 6, "Черный кот угодил под колеса автобуса"),
        ("Мэр Степанов 5 мая открыл новый мост.", 5, "Мэр Степанов открыл новый мост"),
        ("Мэр Заречья Иван Орлов открыл мост через Сорогу.", 7, "Мэр Заречья Орлов открыл мост через Сорогу"),
        ("Мэр Заречья Иван Орлов открыл мост через Сорогу.", 5, "Орлов открыл мост через Сорогу"),
        ("Сторож завода Иван Орлов открыл мост через Сорогу.", 6, "Сторож завода Орлов открыл мост…"),
        ("Полиция задержала сторожа завода за кражу.", 4, "Полиция задержала сторожа завода"),
        # What is ruled, denied or tried holds then, there and for them alone.
        ("Магазины города не работают 5 мая.", 4, "Магазины города не работают…"),
        ("Суд разрешил продажу пива в Омске.", 4, "Суд разрешил продажу пива…"),
        ("Учёные нашли лекарство от рака у мышей.", 5, "Учёные нашли лекарство от рака…"),
        ("Старая школа района закрыта до 5 мая.", 6, "Старая школа района закрыта…"),
        # A cut does not end with an adjective, a number or an initial.
        ("Рабочие нашего города красят железный старый мост.", 6, "Рабочие нашего города красят…"),
        ("Врачи городской больницы спасли тридцать человек.", 5, "Врачи городской больницы спасли…"),
    ],
)
def test_a_headline_made_of_a_sentence_loses_first_names_dates_and_circumstances(
    sentence: str, words: int, expected: str
) -> None:
    assert headed("", sentence, words=words) == expected


def test_without_a_title_the_best_sentence_that_fits_is_the_headline() -> None:
    assert headed("", NEWS, "Погода была хорошей.") == NEWS.removesuffix(".")
    assert headed("") == ""


def test_the_first_sentence_is_the_headline_where_another_is_hardly_better() -> None:
    other = "Школу рядом с мостом закрыли на ремонт."
    settings = SummaryConfig(mode="headline")
    assert headline(["", NEWS, other], np.array([0.0, 1.0, 1.5]), settings) == NEWS.removesuffix(".")
    assert headline(["", NEWS, other], np.array([0.0, 1.0, 2.0]), settings) == other.removesuffix(".")


def test_text_that_has_lost_its_full_stops_is_no_sentence() -> None:
    # Looking for the publisher at its end took the square of its length: hours.
    endless = "сообщили о мосте, а " * 5000
    assert given((5.0, endless), (4.9, NEWS)) == [NEWS]
    assert given((5.0, endless), (1.0, NEWS)) == []
    asked = SummaryConfig.model_validate({"words": 8})
    assert headline(["", endless], np.array([9.0, 5.0]), asked) == "сообщили о мосте, а сообщили о мосте…"
