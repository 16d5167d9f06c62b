"""Authors who are named without a label, above and below a body. All texts are invented."""

import pytest

from svodka.article import Article
from svodka.inputs.checking import checked

TITLE = "Паром вернулся на Ольху"
FIRST = "В Берёзовке открыли паромную переправу, сообщили в управе."
SECOND = "Паром берёт двадцать машин и ходит каждый час."


def body(text: str, title: str = TITLE) -> str:
    return checked(Article(text, title=title)).text


@pytest.mark.parametrize(
    "author",
    [
        "Мария Варнавина", "Мария Варнавина.", "Варнавина Мария", "М. Варнавина", "Автор Мария Варнавина",
        "Анна-Мария Варнавина",
        "Мария Варнавина, корреспондент «Луга»", "Обозреватель Иван Лугинин", "Иван Лугинин, «Луг»",
        "Беседовал Иван Лугинин",
    ],
)  # fmt: skip
def test_an_author_above_and_below_goes(author: str) -> None:
    assert body(f"{author}\n{FIRST}\n{SECOND}") == f"{FIRST}\n{SECOND}"
    assert body(f"{author}\n25 ноября 2026\n{FIRST}\n{SECOND}") == f"{FIRST}\n{SECOND}"
    assert body(f"{FIRST}\n{SECOND}\n{author}") == f"{FIRST}\n{SECOND}"


@pytest.mark.parametrize(
    "text",
    [
        f"{FIRST}\n{SECOND}\nБерёзовка Ольха",
        f"{FIRST}\n{SECOND}\nПаромная переправа",
        f"{FIRST}\nПаромщица Варнавина водит паром двадцать лет подряд.\nМария Варнавина",
        f"{FIRST}\nНаграды за спасение людей на Ольхе получили:\nМария Варнавина",
        f"{FIRST}\nИван Лугинин\nМария Варнавина",
        f"Мария Варнавина\nСегодня Варнавина водит паром одна.\n{SECOND}",
        f"Мария Варнавина\nИван Лугинин\n{FIRST}",
    ],
)
def test_a_line_that_names_a_subject_or_one_of_several_stays(text: str) -> None:
    assert body(text) == text


def test_a_name_that_may_be_the_headline_stays() -> None:
    assert body(f"Мария Варнавина\n{FIRST}\n{SECOND}", title="") == f"Мария Варнавина\n{FIRST}\n{SECOND}"


def test_an_author_above_the_headline_of_a_page_is_no_headline() -> None:
    page = Article.from_page(f"Мария Варнавина\n\n{TITLE}\n\n{FIRST}\n\n{SECOND}\n\n{FIRST}\n")
    assert (page.title, page.text) == (TITLE, f"{FIRST}\n{SECOND}\n{FIRST}")


def test_a_person_whom_a_page_is_about_is_its_headline() -> None:
    page = Article.from_page(f"Мария Варнавина\n\nПаромщица года с Ольхи\n\n{FIRST}\n\nВарнавина не скрывает слёз.\n")
    assert page.title == "Мария Варнавина"
