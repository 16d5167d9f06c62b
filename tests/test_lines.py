"""Bodies put in order: wrapped lines, repeated headlines, markup, mojibake. All texts are invented."""

from base64 import b64encode

import pytest

from svodka.article import Article
from svodka.errors import DataError
from svodka.inputs.checking import checked
from svodka.inputs.lines import joined, without_title
from svodka.inputs.markup import plain_text
from svodka.inputs.targets import parted

FIRST = "В Берёзовке открыли паромную переправу, сообщили в управе."
SECOND = "Паром берёт двадцать машин."


def body(text: str, title: str = "") -> str:
    return checked(Article(text, title=title)).text


def test_lines_wrapped_at_a_column_are_joined() -> None:
    wrapped = (
        "Управа посёлка сообщает: на озере Дальнем\nБерёзовского района утонул катер, на ко-\nтором везли почту. "
        "Поиски\nидут второй день."
    )
    assert joined(wrapped) == (
        "Управа посёлка сообщает: на озере Дальнем Берёзовского района утонул катер, на котором везли почту. "
        "Поиски идут второй день."
    )


def test_blank_lines_between_wrapped_paragraphs_tell_where_they_end() -> None:
    first = "Катер нашли у острова.\nПочту спасли, она лежит\nв управе до субботы."
    assert joined(f"{first}\n\n{first}").split("\n\n") == [first.replace("\n", " ")] * 2


def test_a_subheading_is_not_joined_with_the_paragraph_under_it() -> None:
    text = f"{FIRST}\nЧто известно о переправе\n{SECOND}\n20 машин проедут за час."
    assert joined(text) == text


def test_an_abbreviation_that_a_name_must_follow_ends_no_line() -> None:
    assert joined("Паром ходит из г.\nДальнего к ул.\nСадовой.\nБилет 5 руб.\nОн годен день.") == (
        "Паром ходит из г. Дальнего к ул. Садовой.\nБилет 5 руб.\nОн годен день."
    )


def test_a_compound_keeps_the_hyphen_that_ends_its_line() -> None:
    assert joined("Приехал вице-\nпремьер, его встретили.") == "Приехал вице-премьер, его встретили."
    wrapped = "Из Нью-\nЙорка красно-\nбелый Ту-\n154 (темно-\nсиний) вёз авто-\nмобили."
    assert joined(wrapped) == "Из Нью-Йорка красно-белый Ту-154 (темно-синий) вёз автомобили."


def test_a_sentence_without_a_space_before_it_is_set_apart() -> None:
    assert body("Паром пришёл вовремя.Его встретили жители.") == "Паром пришёл вовремя. Его встретили жители."


@pytest.mark.parametrize("between", ["\n", ". ", " ", "! "])
def test_a_title_at_the_head_of_the_text_goes(between: str) -> None:
    assert body(f"Переправу открыли в Берёзовке{between}{FIRST}", "Переправу открыли в Берёзовке") == FIRST


@pytest.mark.parametrize(
    "head",
    [
        "«Переправу открыли в Берёзовке»\n",
        "Переправу открыли в Берёзовке — Луг\n",
        "5 мая 2026, 10:15\nПереправу открыли в Берёзовке\n",
        "Переправу открыли в Берёзовке\n5 мая 2026, 10:15\n",
        "Общество\n",
        "5 мая 2026 г.\n",
        "Берёзовка, 5 мая\n",
        "Переправу открыли в Берёзовке (видео)\n",
        "СРОЧНО: переправу открыли в Берёзовке\n",
        "Луг\nПереправу открыли в Берёзовке\n",
    ],
)
def test_what_stands_around_a_repeated_headline_goes_with_it(head: str) -> None:
    assert (
        checked(Article(f"{head}{FIRST}\n{SECOND}", title="Переправу открыли в Берёзовке")).text == f"{FIRST}\n{SECOND}"
    )


def test_a_title_at_the_end_of_the_text_goes() -> None:
    text = f"{FIRST}\n{SECOND}\nПереправу открыли в Берёзовке"
    assert checked(Article(text, title="Переправу открыли в Берёзовке")).text == f"{FIRST}\n{SECOND}"


def test_a_first_sentence_that_goes_on_after_the_words_of_the_title_stays() -> None:
    text = "Переправу открыли в Берёзовке вчера утром. Паром берёт двадцать машин."
    assert without_title(text, "Переправу открыли в Берёзовке") == text


def test_a_text_that_is_its_title_stays() -> None:
    assert body("Переправу открыли в Берёзовке", "Переправу открыли в Берёзовке") == "Переправу открыли в Берёзовке"


@pytest.mark.parametrize(
    "lines", [("— Когда паром придёт?", "— К ночи."), ("Корреспондент: Где паром?", "Капитан: В пути. Ждите.")]
)
def test_a_question_of_an_interview_is_no_headline(lines: tuple[str, str]) -> None:
    assert body("\n".join(lines)) == "\n".join(lines)


def test_signs_before_a_headline_are_no_part_of_it() -> None:
    assert checked(Article("⚡️ Паром вернулся на Ольху\nОн берёт двадцать машин, сказал капитан.")).title == (
        "Паром вернулся на Ольху"
    )


def test_a_headline_over_paragraphs_becomes_the_missing_title() -> None:
    article = checked(f"Переправу открыли в Берёзовке\n\n{FIRST}\n{SECOND}")
    assert (article.title, article.text) == ("Переправу открыли в Берёзовке", f"{FIRST}\n{SECOND}")


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        (f"<p>{FIRST}</p><script>alert(1)</script><p>{SECOND}</p>", f"{FIRST}\n{SECOND}"),
        ("&lt;p&gt;Паром&amp;nbsp;пришёл.&lt;/p&gt;", "Паром пришёл."),
        ("[b]Паром[/b] пришёл в [url=x]порт[/url].", "Паром пришёл в порт."),
        ("**Паром** пришёл в [порт](https://a.example/1). ![фото](a.jpg)", "Паром пришёл в порт."),
        ("<![CDATA[<p>Паром пришёл.</p>]]>", "Паром пришёл."),
        ("[caption width=3]Паром[/caption]\n[gallery ids=1]\nПаром пришёл.", "Паром пришёл."),
        ("[b]Паром[/b] пришёл.", "Паром пришёл."),
        ("> Паром пришёл\n> в порт вчера.", "Паром пришёл в порт вчера."),
        ("*Паром пришёл.*\n\n---\n\n_Порт рад._", "Паром пришёл.\nПорт рад."),
        ("[Паром][1] пришёл.\n\n[1]: https://a.example/1", "Паром пришёл."),
        ("'''Паром''' пришёл в [[порт|большой порт]].", "Паром пришёл в большой порт."),
        ("Паром пришёл.\\nПорт рад.", "Паром пришёл.\nПорт рад."),
        ("Паром пришёл\rв порт вчера.", "Паром пришёл в порт вчера."),
        ("<nobr>Паром</nobr> пришёл, <cite>говорят</cite> в порту.<o:p></o:p>", "Паром пришёл, говорят в порту."),
        ("<p>Паром пришёл.<sup>1</sup> В порту 5 м<sup>2</sup> льда.</p>", "Паром пришёл. В порту 5 м2 льда."),
        ("~~Паром~~ ||пришёл|| в *порт* и `встал`, _тихо_.[^1]\n\n[^1]: Так.", "Паром пришёл в порт и встал, тихо."),
        ("| Порт | Паром |\n|---|---|\n| Дальний | пришёл |", "Порт Паром\nДальний пришёл"),
        ("{{ banner }}Паром пришёл.[attach]12[/attach] [read_more] [adsense id=1]", "Паром пришёл."),
        ("[color=red]Паром[/color] пришёл [sic] в порт [1].", "Паром пришёл [sic] в порт [1]."),
        ("\\u041f\\u0430\\u0440\\u043e\\u043c.\\n\\u041f\\u043e\\u0440\\u0442.", "Паром.\nПорт."),
        ("=D0=9F=D0=B0=\n=D1=80=D0=BE=D0=BC =D0=B8=D0=B4=D1=91=D1=82.", "Паром идёт."),
        ("%D0%9F%D0%B0%D1%80%D0%BE%D0%BC", "Паром"),
        ("Паром: https://a.example/%D0%9F%D0%B0%D1%80 здесь.", "Паром: https://a.example/%D0%9F%D0%B0%D1%80 здесь."),
        ("Паром привёз 2*3*4 мешка, snake_case_name и __init__.", "Паром привёз 2*3*4 мешка, snake_case_name и init."),
        ("Паром привёз\\nпочту.", "Паром привёз почту."),
        ("Файл C:\\new лежит там. It's > 5 = 5 - 1.", "Файл C:\\new лежит там. It's > 5 = 5 - 1."),
        ("Если a<b и b>c, то <5 рублей.", "Если a<b и b>c, то <5 рублей."),
        ("https://a.example/?id=1&copy=2&lt=5 и AT&T", "https://a.example/?id=1&copy=2&lt=5 и AT&T"),
        ("<table><tr><th>Порт</th><th>Паром</th></tr><tr><td>Луг</td><td>5</td></tr></table>", "Порт Паром\nЛуг 5"),
        ('Паром пришёл.[[{"fid": "12", "type": "media"}]]', "Паром пришёл."),
        ("Паром привёз мешки,<br>говорят в управе, почты.", "Паром привёз мешки, говорят в управе, почты."),
    ],
)  # fmt: skip
def test_markup_in_a_text_goes_and_what_only_looks_like_it_stays(marked: str, plain: str) -> None:
    assert plain_text(marked) == plain


@pytest.mark.parametrize(
    "text",
    [
        "Паром пришёл в порт Берёзовки".encode().decode("cp1251", "replace"),
        "Паром пришёл в порт Берёзовки".encode().decode("latin-1"),
        "Паром {} в порт {}.".format(*(word.encode().decode("cp1251", "replace") for word in ("пришёл", "Берёзовки"))),
        "Паром пришёл в порт Берёзовки".encode("cp1251").decode("latin-1"),
        "Паром пришёл в порт Берёзовки".encode("koi8-r").decode("cp1251"),
        "ПАВОДОК ЗАЛИЛ ПОЛЯ, СООБЩИЛИ В УПРАВЕ".encode("cp1251").decode("koi8-r"),
        "Паром пришёл в порт Берёзовки".encode().decode("cp866"),
        "Паром пришёл в порт Берёзовки".encode("cp866").decode("cp1251"),
        "Паром пришёл в порт Берёзовки".encode("cp1251").decode("cp437"),
        "????? ?????? ? ???? ?????????.",
        b64encode(f"{FIRST} {SECOND}".encode()).decode(),
    ],
)
def test_mojibake_is_refused_by_that_name(text: str) -> None:
    with pytest.raises(DataError, match=r"mojibake|question marks|base64"):
        checked(text)


@pytest.mark.parametrize(
    "text", ["Кто? Что? Где? Когда?", "Café déjà vu à Genève.", "РСФСР и СССР. РФ.", "Ёлка", "Ґанок у Їжакова"]
)
def test_text_that_only_resembles_mojibake_is_read(text: str) -> None:
    assert checked(text).text == text


def test_tidying_twice_changes_nothing() -> None:
    once = checked(Article(f"<p>{FIRST}</p><p>Фото: «Луг»</p><p>{SECOND}</p>", title="<b>Паром</b> пришёл"))
    assert checked(once) == once


def test_a_summary_that_breaks_off_within_the_opening_is_no_lead() -> None:
    text = "Суд в Берёзовке вчера не признал капитана парома виновным. Приговор обжалуют."
    for cut in (
        "Суд в Берёзовке вчера не признал…",
        "Суд в Берёзовке вчера не призн",
        "Суд в Берёзовке вчера не признал капитана парома",
        "Суд в Берёзовке вчера не признал капитана парома Подробнее →",
    ):
        assert parted(text, cut) == (text, "")
    assert parted("Суд г. Дальнего оправдал капитана.", "Суд г.") == ("Суд г. Дальнего оправдал капитана.", "")


def test_a_lead_is_taken_out_by_whole_sentences_and_never_all_of_the_text() -> None:
    lead = "Суд в Берёзовке вчера не признал капитана парома виновным."
    assert parted(f"{lead} Приговор обжалуют.", lead) == ("Приговор обжалуют.", lead)
    assert parted(lead, lead) == (lead, "")
    assert parted(f"{lead} Приговор обжалуют.", lead, keep=True) == (f"{lead} Приговор обжалуют.", "")
