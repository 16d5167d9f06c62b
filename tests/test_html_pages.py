"""HTML pages: headline, lead, body, tags and date from what a page really says. All pages are invented."""

import pytest

import svodka
from newspages import LEAD, OPENING, REST, TITLE, linked, meta, page
from svodka.errors import DataError
from svodka.inputs import html_body
from svodka.inputs.aside import Aside
from svodka.inputs.html_pages import parse_html
from svodka.labels import TagVocabulary


@pytest.mark.parametrize("n", [30, 41, len(OPENING)])
def test_a_description_copied_from_the_opening_is_no_lead_and_costs_no_word(n: int) -> None:
    article = parse_html(page(head=meta("og:description", OPENING[:n])), None).article
    assert article.text == "\n".join((OPENING, *REST))
    assert article.summary == ""


@pytest.mark.parametrize(
    "description",
    [
        f"{TITLE}. {OPENING[:60]}", f"Луг: {OPENING[:50]}", f"БЕРЁЗОВКА, 5 ноя — Луг. {OPENING[:70]}",
        "Главные события озёрного края и области за сегодня. Читайте на сайте",
    ],
)  # fmt: skip
def test_a_description_that_goes_over_into_the_opening_or_is_the_sites_is_no_lead(description: str) -> None:
    article = parse_html(page(head=meta("og:description", description)), None).article
    assert (article.summary, article.text) == ("", "\n".join((OPENING, *REST)))


def test_a_lead_of_the_page_is_taken_out_of_the_body() -> None:
    article = parse_html(page(f'<div class="lead">{LEAD}</div>'), None).article
    assert article.summary == LEAD
    assert article.text == "\n".join((OPENING, *REST))


def test_a_description_that_software_has_cut_is_no_lead() -> None:
    article = parse_html(page(head=meta("og:description", f"{OPENING[:50]} Читать далее")), None).article
    assert (article.summary, article.text) == ("", "\n".join((OPENING, *REST)))


def test_a_description_of_its_own_is_a_lead() -> None:
    assert parse_html(page(head=meta("og:description", LEAD)), None).article.summary == LEAD


def test_breaks_within_a_sentence_are_spaces() -> None:
    broken = OPENING.replace(" открыли", "<br>\nоткрыли").replace(" сообщили", "<br>сообщили")
    assert parse_html(page(paragraphs=(broken, *REST)), None).article.text.startswith(OPENING)


def test_a_word_that_breaks_divide_is_one_and_a_compound_keeps_its_hyphen() -> None:
    broken = OPENING.replace("Переправу через", "Перепра-<br>ву из-<br>за").replace(" во вторник", " во<br>вторник")
    whole = OPENING.replace("через", "из-за")
    assert parse_html(page(paragraphs=(broken, *REST)), None).article.text.startswith(whole)


def test_an_opening_in_the_words_of_the_headline_is_no_copy_of_it() -> None:
    opening = f"{TITLE.removesuffix(' в Берёзовке')} вчера в Берёзовке, говорят в управе."
    assert parse_html(page(paragraphs=(opening, *REST)), None).article.text.startswith(opening)


def test_a_first_line_that_goes_on_is_no_copy_of_the_heading() -> None:
    lines = ("Переправу открыли в Берёзовке вчера", "утром, сообщили в управе посёлка.")
    assert parse_html(page(paragraphs=(*lines, *REST)), None).article.text.startswith(" ".join(lines))


def test_the_name_of_the_site_is_no_title() -> None:
    html = page(head=meta("og:title", TITLE), h1="Луг — новости озёрного края")
    assert parse_html(html, None).article.title == TITLE


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (meta("og:title", TITLE), "Вести Луга"),
        (meta("og:site_name", "Вести Луга"), TITLE),
        ("", f"Вести Луга — {TITLE}"),
    ],
)
def test_the_name_of_the_site_in_the_only_heading_is_no_title(head: str, told: str) -> None:
    html = page(head=head, h1="Вести Луга").replace(f"{TITLE} — Луг", told)
    assert parse_html(html, None).article.title == TITLE


def test_an_address_in_a_text_keeps_its_parameters() -> None:
    html = page(paragraphs=(OPENING, *REST, "Билеты: https://lug.example/?id=1&copy=2&reg=3, касса закрыта."))
    assert parse_html(html, None).article.text.endswith("https://lug.example/?id=1&copy=2&reg=3, касса закрыта.")


def test_a_title_with_the_name_of_the_site_before_it_loses_that() -> None:
    html = page(h1="").replace(f"{TITLE} — Луг", f"Луг | {TITLE}")
    assert parse_html(html, None).article.title == TITLE


@pytest.mark.parametrize(
    ("told", "title"),
    [
        ("Праздники - без происшествий! - Звезда Луга", "Праздники - без происшествий!"),
        ("Сети Луга: приоритет - надёжный свет - Звезда Луга", "Сети Луга: приоритет - надёжный свет"),
        ("«Никому нет дела» - жители дач отрезаны от воды", "«Никому нет дела» - жители дач отрезаны от воды"),
        ("Мост через Тихую открыли до срока — lug.example", "Мост через Тихую открыли до срока"),
        ("Луг | Мост через Тихую, который строили одиннадцать лет, открыли до срока при всём городе",
         "Мост через Тихую, который строили одиннадцать лет, открыли до срока при всём городе"),
    ],
)  # fmt: skip
def test_dashes_within_a_headline_are_no_border_of_the_sites_name(told: str, title: str) -> None:
    html = page(h1="").replace(f"{TITLE} — Луг", told)
    assert parse_html(html, None).article.title == title


def test_the_name_of_the_site_in_a_heading_of_its_own_is_no_title() -> None:
    html = page().replace("<nav>", "<h1>Луг</h1><nav>")
    article = parse_html(html, None).article
    assert (article.title, article.text) == (TITLE, "\n".join((OPENING, *REST)))


@pytest.mark.parametrize("copy", [f"<p>{TITLE}</p>", f"<p><b>{TITLE.upper()}</b></p>", f"<p>{TITLE}.</p>"])
def test_a_copy_of_the_heading_above_the_text_goes(copy: str) -> None:
    assert parse_html(page(copy), None).article.text == "\n".join((OPENING, *REST))


def test_a_table_that_lays_out_the_page_is_no_table() -> None:
    html = page().replace("<article>", "<table><tr><td>Меню</td><td>").replace("</article>", "</td></tr></table>")
    assert parse_html(html, None).article.text == "\n".join((OPENING, *REST))


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (meta("article:published_time", "2026-11-05T23:30:00+05:00"), ""),
        ('<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2026-11-05"}</script>', ""),
        ("", "<p>5 ноября 2026, 10:15</p>"),
        ("", "<div><span>5 ноября 2026 г. в 10:15</span></div>"),
        ('<meta name="Mediator_published_time" content="2026-11-05T10:15:00+03:00">', ""),
        ("", "<time datetime='2026-11-05'>вчера</time>"),
    ],
)
def test_the_date_is_the_one_that_the_page_gives(head: str, body: str) -> None:
    article = parse_html(page(body, head=head), None).article
    assert (article.date, article.text.startswith(OPENING)) == ("2026-11-05", True)


def test_a_year_in_the_footer_and_a_date_in_a_sentence_are_no_date() -> None:
    told = (OPENING, *REST, "Напомним, старый паром утонул 3 марта 2021 года.")
    assert parse_html(page(paragraphs=told), None).article.date == ""


@pytest.mark.parametrize(
    "head",
    [
        meta("article:tag", "порт") + meta("article:tag", "Озеро Дальнее"),
        '<meta name="keywords" content="порт, Озеро Дальнее">',
        linked({"@graph": [{"@type": "NewsArticle", "keywords": "порт, Озеро Дальнее"}]}),
    ],
)
def test_tags_come_from_the_head_where_the_body_links_none(head: str) -> None:
    article = parse_html(page(head=head), TagVocabulary(("порт",))).article
    assert article.tags == ("порт",)
    assert article.extra["unresolved_tags"] == ["Озеро Дальнее"]


def test_a_body_that_only_the_head_has_is_read() -> None:
    body = {"@type": "NewsArticle", "headline": TITLE, "articleBody": " ".join((OPENING, *REST))}
    html = page(head=linked(body), paragraphs=())
    assert parse_html(html, None).article.text == " ".join((OPENING, *REST))


@pytest.mark.parametrize(
    "paragraphs",
    [
        (),
        ("Для просмотра включите JavaScript в вашем браузере.",),
        ("Мы используем файлы cookie, чтобы сайт был удобнее.",),
        ("Подождите, мы проверяем ваш браузер.", "DDoS-защита от «Щита»"),
        ("Доступ запрещён. У вас нет прав для просмотра этой страницы, обратитесь к администратору.",),
        ("Сайт временно недоступен. Приносим извинения, зайдите, пожалуйста, немного позже.",),
        ("Подтвердите, что запросы отправляли вы, а не робот, и вернитесь на страницу.",),
        ("По вашему запросу ничего не найдено, попробуйте искать иначе или зайдите позже.",),
    ],
)
def test_a_page_without_an_article_is_refused(paragraphs: tuple[str, ...]) -> None:
    with pytest.raises(DataError, match="no article was found in this page"):
        svodka.Article.from_html(page(paragraphs=paragraphs))


@pytest.mark.parametrize("title", ["Вход", "Вход на сайт", "Политика конфиденциальности", "О проекте", "Контакты"])
def test_a_page_of_the_site_about_itself_is_no_article(title: str) -> None:
    assert parse_html(page(h1=title).replace(f"{TITLE} — Луг", title), None).article.text == ""


def test_a_list_of_articles_is_no_article_and_a_section_with_a_link_in_its_heading_is_one() -> None:
    cards = "".join(
        f'<div><h3><a href="/{i}">Паром номер {i} пришёл в порт</a></h3><p>{line}</p></div>'
        for i, line in enumerate(REST)
    )
    assert parse_html(page(cards, paragraphs=()), None).article.text == ""
    linked_heading = '<h2><a href="/1">Паром номер один пришёл</a></h2>'
    assert parse_html(page(linked_heading), None).article.text.endswith("\n".join((OPENING, *REST)))


def test_a_menu_is_no_article() -> None:
    items = "".join(f'<li><a href="/{i}">Раздел новостей номер {i}</a></li>' for i in range(12))
    assert parse_html(f"<html><body><ul>{items}</ul></body></html>", None).article.text == ""
    assert parse_html(f"<html><body><article><ul>{items}</ul></article></body></html>", None).article.text == ""


def test_of_two_articles_on_a_page_the_first_counts() -> None:
    second = "".join(f"<p>{text}</p>" for text in ("На Ольхе затопило сады, спасатели вывезли жителей.", *REST))
    first = "".join(f"<p>{text}</p>" for text in (OPENING, *REST))
    html = f'<div class="a"><h1>{TITLE}</h1>{first}</div><div class="a"><h1>Паводок на Ольхе</h1>{second}</div>'
    assert "Ольхе" not in parse_html(f"<html><body>{html}</body></html>", None).article.text


def test_the_library_reads_a_page_as_the_command_does() -> None:
    text = f"{TITLE}\n\n{LEAD}\n{OPENING}\n\n{REST[0]}\n\nПорт Озеро Паром Берёзовка\nПодписывайтесь на наш канал\n"
    article = svodka.Article.from_page(text)
    assert (article.title, article.summary, article.text) == (TITLE, LEAD, f"{OPENING}\n{REST[0]}")


def test_bytes_are_decoded_by_what_they_are() -> None:
    assert svodka.Article.from_html(page(head='<meta charset="utf-8">').encode("cp1251")).title == TITLE


def test_a_page_of_very_many_elements_is_read_aside_as_it_is_read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = "".join(
        f"<p>Дом № {i} на Речной улице <b>подключили</b> к теплу, сообщили <i>в мэрии</i>.</p>" for i in range(40)
    )
    page = f"<html><body><article><h1>Тепло дали всем</h1>{parts}</article></body></html>"
    here = parse_html(page, None).article
    monkeypatch.setattr(html_body, "_MANY_ELEMENTS", 50)
    assert parse_html(page, None).article == here
    assert here.text.count("подключили") == 40


def test_a_page_that_takes_too_long_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html_body, "_MANY_ELEMENTS", 1)
    monkeypatch.setattr(html_body, "_ASIDE", Aside(seconds=0.0))
    with pytest.raises(DataError, match=r"^most cannot be read: it takes more than 0 seconds or 1024 MiB$"):
        parse_html("<p>Мост открыли утром.</p>", None, name="most")


def test_lines_of_one_paragraph_are_joined_however_many_they_are() -> None:
    lines = "<br>".join(["и ещё одна улица нашего города получила"] * 2000)
    found = parse_html(f"<article><h1>Новые имена улиц</h1><p>Совет решил: {lines} имя.</p></article>", None)
    assert found.article.text.count("\n") == 0
    assert found.article.text.endswith("получила и ещё одна улица нашего города получила имя.")
