"""Credits of pictures on lines of their own, and glued to paragraphs. All texts are invented."""

import pytest

from svodka.article import Article
from svodka.inputs.checking import checked
from svodka.inputs.credits import is_credit, without_credits

FIRST = "Паромщики Берёзовки открыли переправу, сообщили в управе."
SECOND = "Паром берёт двадцать машин."


@pytest.mark.parametrize(
    "line",
    [
        "Улита Варнавина / ТАСС", "Прохор Лугинин / РИА Новости", "РИА Новости / Прохор Лугинин",
        "© Shutterstock / FOTODOM", "НАСА / ESA / Хаббл", "Wikimedia Commons / CC BY-SA 3.0",
        "U. Meadow et al. / arXiv.org, 2019", "U. Meadow et al. / Nature Ferries, 2018", "lug_news / Flickr",
        "Прохор Лугинин/Reuters", "Lars Berg / Bloomberg via Getty Images", "Flickr/Lars Berg",
        ": Улита Варнавина / Unsplash", "varnavina © lug.example", "Улита Варнавина © «Луг»",
        "Паром у причала // pixabay.com / lug", "Паром у причала / фото Улиты Варнавиной",
        "Паром у причала / REUTERS", "Паром у причала (фото: Прохор Лугинин / ТАСС)",
        "Переправа (Прохор Лугинин / ТАСС)", "Паром в Берёзовке / 12 фотографий",
        "Паром у причала, 5 ноября Фото: Прохор Лугинин / ТАСС",
        "5 ноября 2026, 10:15 Фото: Прохор Лугинин/ТАСС Текст: Улита Варнавина",
        "Фото: Прохор Лугинин/ЛУГ; Улита Варнавина/ЛУГ; Асқар Тоғай / Заря; Lars Berg / Meadow News",
        "Фото на превью Паром / Студия «Луг»", "Фото автора.", "Featured image from Shutterstock.",
        "Bridge image via Meadow Archives", "Текст и фото: Улита Варнавина",
        "Улита Варнавина / «Вести Луга»",
    ],
)  # fmt: skip
def test_a_credit_on_its_own_line_goes(line: str) -> None:
    assert checked(Article(f"{FIRST}\n{line}\n{SECOND}")).text == f"{FIRST}\n{SECOND}"


@pytest.mark.parametrize(
    "line",
    [
        "Матч ЦСКА / Динамо", "Первый тайм и/или овертайм", "Картофель стоит 40 руб./кг",
        "Вершина паромов / Top of the Ferry, 2013", "Оценка журнала — 9 / 10", "Скорость ветра до 15 м / с",
        "ул. Луговая, 4 / корпус 15", "Ижевск / Удмуртия", "Паром = Выручка / Число машин",
        "Улита Варнавина / Прохор Лугинин", "На каких условиях дают визу / паспорт?",
        "Улита Варнавина. Паромы: роман / Пер. с англ. П. Лугинина", "Инженер / паромщик в управе Берёзовки",
        "Знак © ставят рядом с именем правообладателя", "Через приложение «Луг» (AppStore / PlayMarket);",
        "Капитан показал фото: на нём паром без мачты", "Суд запретил Instagram / Facebook рекламировать паром",
        "Конкурс видео / фото продлится до мая", "Он снял паром (фото стало знаменитым)",
        "She captions the image: “Ferry.”", "Источник / сток воды проверят летом",
        "За один рейс / день берут сто рублей", "Рейсы 12/24 и 24/7 отменены",
    ],
)  # fmt: skip
def test_a_line_with_a_slash_or_a_sign_that_is_no_credit_stays(line: str) -> None:
    assert not is_credit(line)
    assert without_credits(line) == line


@pytest.mark.parametrize(
    "credit",
    [
        "Lug Robotics / YouTube", "Улита Варнавина / ТАСС", "РИА Новости / Прохор Лугинин",
        "Meadow et al. / CVPR 2020", "U. Meadow et al., PNFS, 2016", "Ferry Club / 21st Century Lug, 1999",
        "Giphy", "Wikimedia Commons", "Фото: Meadow Navy", "Паром у причала. Фотография: Lars Berg / flickr.com",
        "Улита Варнавина / Wikimedia Commons", "L. Berg/ Nature, 2018",
    ],
)  # fmt: skip
def test_a_credit_glued_to_the_head_of_a_paragraph_goes(credit: str) -> None:
    assert checked(Article(f"{credit} {FIRST}\n{SECOND}")).text == f"{FIRST}\n{SECOND}"


@pytest.mark.parametrize(
    "paragraph",
    [
        "Lug Bank и Berg Bank открыли паромную переправу.", "VK Видео показало паромную переправу всем.",
        "AC / DC выступили на пароме в Берёзовке.", "Versa / Almera стоят на пароме третий день.",
        "Lug.example / Паромы. Вечером переправу закрыли до утра.",
        "ТАСС и РИА Новости Берёзовки сообщили о пароме.",
        "Улита Варнавина и Прохор Лугинин / паромщики / остались без работы.",
        "Wikimedia Commons открыла архив паромов.",
    ],
)  # fmt: skip
def test_a_paragraph_that_begins_with_names_stays_whole(paragraph: str) -> None:
    assert without_credits(paragraph) == paragraph


@pytest.mark.parametrize(
    "credit",
    [
        "Прохор Лугинин / ТАСС", "© lug_1 / Pikabu", "(Фото: Прохор Лугинин)", "FOTO: Lars Berg/Reuters",
        "© Фото: ИД «Луг» / архив.",
    ],
)  # fmt: skip
def test_a_credit_behind_the_last_sentence_goes(credit: str) -> None:
    assert without_credits(f"{FIRST} {SECOND} {credit}") == f"{FIRST} {SECOND}"


def test_a_sentence_keeps_its_end_when_the_credit_before_it_goes() -> None:
    assert without_credits("Паром сел на мель (фото: Прохор Лугинин).") == "Паром сел на мель."


@pytest.mark.parametrize("end", ["(24 / 7)", "(подробнее: раздел 4)", "/ сутки", "© и ™"])
def test_other_ends_stay(end: str) -> None:
    assert without_credits(f"{FIRST} Паром ходит {end}") == f"{FIRST} Паром ходит {end}"
