"""Raw pages: text in the newsroom's form, and HTML."""

import gzip
from email.message import EmailMessage
from pathlib import Path

import pytest

from svodka.errors import DataError
from svodka.inputs.pages import read_page
from svodka.inputs.text_pages import Page, parse_page
from svodka.labels import TagVocabulary

TAGS = TagVocabulary(
    ("железная дорога", "культура", "лето", "музей", "музей железной дороги", "транспорт"), {"жд": "железная дорога"}
)
LEAD = "Экспонаты музея паровозов перевезут в депо до конца года."
FIRST = "Музей паровозов в Лугове закрывает старое здание. Крыша течёт с весны, и на ремонт денег нет."
SECOND = "Новый зал откроют в веерном депо, рассказала хранительница фонда Зоя Пыжова."
PAGE = f"""Музей паровозов в Лугове переезжает в депо

{LEAD}
{FIRST}

{SECOND}


Музей железной дороги Транспорт Лугово Пыжова Зоя Культура
Следите за новостями портала «Луг» в:
"""


def read(text: str, vocabulary: TagVocabulary | None = TAGS) -> Page:
    return parse_page(text, vocabulary, name="a")


def test_a_page_in_the_newsrooms_form() -> None:
    page = read(PAGE)
    assert page.article.id == "a"
    assert page.article.title == "Музей паровозов в Лугове переезжает в депо"
    assert page.article.summary == LEAD
    assert page.article.text == f"{FIRST}\n{SECOND}"
    assert page.article.tags == ("музей железной дороги", "транспорт", "культура")
    assert page.unresolved == ("Лугово Пыжова Зоя",)
    assert page.article.extra["unresolved_tags"] == ["Лугово Пыжова Зоя"]
    assert page.boilerplate == ("Следите за новостями портала «Луг» в:",)


def test_without_a_vocabulary_the_line_of_tags_is_known_by_its_form() -> None:
    page = read(PAGE, None)
    assert page.article.tags == ()
    assert page.unresolved == ("Музей железной дороги Транспорт Лугово Пыжова Зоя Культура",)
    assert page.article.text == f"{FIRST}\n{SECOND}"


@pytest.mark.parametrize(
    ("line", "tags", "unresolved"),
    [
        ("Транспорт Музей железной дороги", ("транспорт", "музей железной дороги"), ()),
        ("МУЗЕЙ ЖЕЛЕЗНАЯ ДОРОГА", ("музей", "железная дорога"), ()),
        ("ЖД Лето Тамбов", ("железная дорога", "лето"), ("Тамбов",)),
        ("Теги: музей, лето, Тамбов", ("музей", "лето"), ("Тамбов",)),
        ("#музей #транспорт #Лугово", ("музей", "транспорт"), ("Лугово",)),
        ("Музей | Лето | Усадьба Заречье", ("музей", "лето"), ("Усадьба Заречье",)),
        ("Музей Музей Лето", ("музей", "лето"), ()),
    ],
)
def test_lines_of_tags(line: str, tags: tuple[str, ...], unresolved: tuple[str, ...]) -> None:
    page = read(PAGE.replace("Музей железной дороги Транспорт Лугово Пыжова Зоя Культура", line))
    assert page.article.tags == tags
    assert page.unresolved == unresolved
    assert page.article.text == f"{FIRST}\n{SECOND}"


@pytest.mark.parametrize(
    "line",
    [
        "Вход в музей и на перрон будет бесплатным до лета.",
        "«Музей и транспорт — это одно и то же», — смеётся Пыжова.",
        "Касса работает с десяти до шести, понедельник выходной",
        "Пыжова Зоя",
    ],
)
def test_an_ordinary_last_paragraph_stays(line: str) -> None:
    page = read(f"Музей переезжает\n\n{LEAD}\n{FIRST}\n\n{line}\n")
    assert page.article.text == f"{FIRST}\n{line}"
    assert page.article.tags == ()


def test_a_title_and_a_paragraph_have_no_lead() -> None:
    page = read(f"Музей переезжает в депо\n\n{FIRST}\n\n{SECOND}\n")
    assert page.article.title == "Музей переезжает в депо"
    assert page.article.summary == ""
    assert page.article.text == f"{FIRST}\n{SECOND}"


def test_a_menu_that_was_copied_is_no_article() -> None:
    assert parse_page("Главная\nНовости\nПолитика\nСпорт\nКонтакты\n", None).article.text == ""


def test_prose_alone_is_all_body() -> None:
    page = read(f"{FIRST} {SECOND}")
    assert (page.article.title, page.article.summary) == ("", "")
    assert page.article.text == f"{FIRST} {SECOND}"


def test_a_lone_line_is_body() -> None:
    assert read("Музей переезжает в депо").article.text == "Музей переезжает в депо"


def test_boilerplate_goes_at_the_edges_and_stays_within() -> None:
    inside = "Следите за рельсами: первый рейс в полдень."
    page = read(
        "Главная / Новости / Лугово\n14 мая 2024, 10:30\n\n"
        f"Музей переезжает\n\n{FIRST}\n\n{inside}\n\n{SECOND}\n\n"
        "Читайте также:\nПаровоз нашли в лесу\nДепо ищет сторожа\n© «Луг», 2024\n"
    )
    assert page.article.title == "Музей переезжает"
    assert page.article.text == f"{FIRST}\n{inside}\n{SECOND}"
    assert page.boilerplate == (
        "Главная / Новости / Лугово", "14 мая 2024, 10:30", "Читайте также:", "Паровоз нашли в лесу",
        "Депо ищет сторожа", "© «Луг», 2024",
    )  # fmt: skip


@pytest.mark.parametrize("line", ["Больше спорта — в нашем канале", "Ещё больше видео на наших страницах:"])
def test_an_invitation_to_a_channel_is_no_sentence_of_the_article(line: str) -> None:
    page = read(f"Музей переезжает\n\n{FIRST}\n\n{SECOND}\n\n{line}\n")
    assert page.boilerplate == (line,)
    assert page.article.text == f"{FIRST}\n{SECOND}"


@pytest.mark.parametrize(
    "title",
    ["Источник: музей переедет в депо весной", "Видео: как паровоз вывозили из леса", "Фото: рельсы ушли под воду"],
)
def test_a_headline_that_begins_with_a_label_is_a_headline(title: str) -> None:
    assert read(f"{title}\n\n{FIRST}\n\n{SECOND}\n").article.title == title


def test_windows_newlines_nbsp_and_blank_lines_before_do_not_matter() -> None:
    twisted = "\n\n " + PAGE.replace("\n", "\r\n").replace(" в ", "\u00a0в ") + " "
    assert read(twisted).article == read(PAGE).article


def test_a_page_of_ten_megabytes_is_read_in_one_pass() -> None:
    page = read(PAGE.replace(SECOND, (SECOND + "\n\n") * 70_000))
    assert page.article.tags == ("музей железной дороги", "транспорт", "культура")
    assert page.article.text.count("\n") == 70_000


HTML = f"""<!DOCTYPE html><html lang="ru"><head><meta charset="{{charset}}"><title>Музей — Луг</title>
<meta property="article:published_time" content="2024-05-14T09:30:00+03:00">
<script>document.write("Никогда не исполнять")</script></head><body>
<nav><a href="/">Главная</a> <a href="/n">Новости</a></nav>
<article><h1>Музей паровозов в Лугове переезжает в депо</h1><p class="lead">{LEAD}</p>
<p>{FIRST}</p><p>{SECOND} Рельсы к нему проложат осенью, а первый паровоз пригонят своим ходом.</p>
<p>Вход обещают сделать свободным для школьников и железнодорожников на пенсии, остальным билет обойдётся дешевле.</p>
<p><a rel="tag" href="/t/1">Музей</a> <a rel="tag" href="/t/2">Транспорт</a> <a rel="tag" href="/t/3">Лугово</a></p>
</article><footer>© «Луг». Все права защищены.</footer></body></html>"""


@pytest.mark.parametrize("charset", ["utf-8", "windows-1251"])
def test_an_html_page(tmp_path: Path, charset: str) -> None:
    path = tmp_path / "muzej.html"
    path.write_bytes(HTML.format(charset=charset).encode(charset))
    article = read_page(path, TAGS).article
    assert article.id == "muzej"
    assert article.title == "Музей паровозов в Лугове переезжает в депо"
    assert article.summary == LEAD
    assert article.text.startswith(FIRST)
    assert LEAD not in article.text
    assert "исполнять" not in article.text
    assert "права защищены" not in article.text
    assert article.tags == ("музей", "транспорт")
    assert article.extra["unresolved_tags"] == ["Лугово"]
    assert (article.date, article.lang) == ("2024-05-14", "ru")


def test_a_page_in_another_encoding_than_it_says_is_read_all_the_same(tmp_path: Path) -> None:
    pages = {"old.txt": PAGE.encode("cp1251"), "lie.html": HTML.format(charset="utf-8").encode("cp1251")}
    pages["odd.html"] = HTML.format(charset="klingon").encode()
    for name, page in pages.items():
        (tmp_path / name).write_bytes(page)
        assert read_page(tmp_path / name, TAGS).article.title == "Музей паровозов в Лугове переезжает в депо"


def test_a_page_that_was_stored_packed_is_read_and_a_damaged_one_refused(tmp_path: Path) -> None:
    packed = gzip.compress(HTML.format(charset="utf-8").encode())
    (tmp_path / "a.html").write_bytes(packed)
    assert read_page(tmp_path / "a.html", TAGS).article.title == "Музей паровозов в Лугове переезжает в депо"
    (tmp_path / "b.html").write_bytes(packed[:3] + b"?" * 30)
    with pytest.raises(DataError, match=r"b\.html: a damaged gzip file"):
        read_page(tmp_path / "b.html", TAGS)


@pytest.mark.parametrize(("name", "body"), [("empty.txt", ""), ("blank.txt", "\n \n"), ("empty.html", "<html></html>")])
def test_a_page_without_an_article_is_refused(tmp_path: Path, name: str, body: str) -> None:
    (tmp_path / name).write_text(body, encoding="utf-8")
    with pytest.raises(DataError, match=r"no article was found in this page; it needs a body of text"):
        read_page(tmp_path / name, TAGS)


@pytest.mark.parametrize("cte", ["quoted-printable", "base64", "8bit"])
def test_a_stored_mail_is_an_article_with_its_subject_and_day(tmp_path: Path, cte: str) -> None:
    mail = EmailMessage()
    mail["Subject"], mail["From"] = "Музей паровозов переезжает", "press@lug.example"
    mail["Date"] = "Thu, 05 Nov 2026 10:00:00 +0300"
    mail.set_content(f"{FIRST}\n\n{SECOND}\n\n-- \nПресс-служба музея\n", charset="utf-8", cte=cte)
    (tmp_path / "mail.txt").write_bytes(mail.as_bytes())
    article = read_page(tmp_path / "mail.txt", None).article
    assert (article.title, article.date) == ("Музей паровозов переезжает", "2026-11-05")
    assert article.text == f"{FIRST}\n{SECOND}"


def test_what_people_write_around_a_text_that_they_send_goes(tmp_path: Path) -> None:
    head = "From a@lug.example Thu Nov  5 10:00:00 2026\nFrom: a@lug.example\nSubject: {}: Паром: Луг ушёл в порт\n\n"
    body = f"Добрый день, коллеги!\n\n{FIRST}\n\n{SECOND}\n\nС уважением,\nПресс-служба, 8 495 123-45-67\n"
    for prefix in ("Fwd", "RE: Fw", "Пересл"):
        (tmp_path / "mail.eml").write_text(head.format(prefix) + body, encoding="utf-8")
        article = read_page(tmp_path / "mail.eml", None).article
        assert (article.title, article.text) == ("Паром: Луг ушёл в порт", f"{FIRST}\n{SECOND}")


def test_lines_with_colons_at_the_head_of_a_page_are_no_mail(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"Museum: moved\nTrain: here\n\n{FIRST}\n\n{SECOND}", encoding="utf-8")
    assert read_page(tmp_path / "a.txt", None).article.title == "Museum: moved"
