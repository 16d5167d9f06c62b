"""How pages of sites are built: bodies in boxes, twice, with other articles below. All pages are invented."""

import pytest

from newspages import OPENING, REST, TITLE, page
from svodka.inputs.html_pages import parse_html


def test_an_article_in_several_boxes_is_read_whole() -> None:
    line = "Улицу № {} отремонтируют до осени: положат плитку, посадят липы и поставят скамейки."
    lines = [line.format(i) for i in range(12)]
    boxes = ["".join(f'<p class="text">{line}</p>' for line in lines[i : i + 4]) for i in (0, 4, 8)]
    # One in lines is found, though as several.
    two = ["Липы привезут из питомника в Заречье, где их растят уже десять лет подряд.", "Их будет сто двадцать."]
    fourth = '<p class="text">Улицу № 3'
    boxes[0] = boxes[0].replace(fourth, f'<p class="text">{"<br><br>".join(two)}</p>{fourth}')
    lines[3:3] = two
    inside = '</div><div class="ad">Реклама окон</div><div class="article-body">'.join(boxes)
    other = "Пожар на складе в порту потушили только к утру, никто из рабочих не пострадал, сказали в порту."
    found = parse_html(
        f'<html><body><article><h1>Ремонт улиц</h1><div class="article-body">{inside}</div>'
        f'<div class="teaser"><p>{other}</p></div></article></body></html>', None
    )  # fmt: skip
    assert found.article.text == "\n".join(lines)


def test_a_body_that_a_page_has_twice_is_read_once() -> None:
    body = "".join(f"<p>{line}</p>" for line in (OPENING, *REST))
    found = parse_html(f"<html><body><h1>{TITLE}</h1><article>{body}{body}</article></body></html>", None)
    assert found.article.text == "\n".join((OPENING, *REST))


def test_links_to_other_articles_below_the_last_paragraph_go() -> None:
    links = "".join(f'<li><a href="/1">{line}</a></li>' for line in ("Снег выпал в Заречье", "Лёд сошёл с реки"))
    found = parse_html(page(paragraphs=(OPENING, *REST)).replace("</article>", f"<ul>{links}</ul></article>"), None)
    assert found.article.text == "\n".join((OPENING, *REST))


TEXT = "\n".join((OPENING, *REST))
PARAGRAPHS = "".join(f"<p>{line}</p>" for line in (OPENING, *REST))
SHARED = "<div class='share'><h3>Поделиться ссылкой:</h3><ul><li><a href='#'>ВК</a></li></ul></div><h3>Похожее</h3>"
SHORT = "".join(f"<p>{line}</p>" for line in ("Паром ушёл в ночь, сказали в порту.", "Второй ждут утром."))
STEPS = "".join(f"<div class='step'><h2>Шаг {i}</h2><p>{line}</p></div>" for i, line in enumerate((OPENING, *REST), 1))


@pytest.mark.parametrize(
    "body",
    [
        f"<article><h1>Вести Луга — новости</h1><h2>{TITLE}</h2>{PARAGRAPHS}</article>",
        f"<main><h1>{TITLE}</h1><p class='img_caption'>Паром у причала</p>{PARAGRAPHS}</main>",
        f"<article><h1>{TITLE}</h1><address><a rel='author'>Вести</a></address>{PARAGRAPHS}</article>",
        f"<div><span itemprop='headline'>{TITLE}</span><div itemprop='articleBody'>{PARAGRAPHS}</div></div>",
        f"<div class='news-detail'><h3>{TITLE}</h3>{'<br><br>'.join((OPENING, *REST))}<br>Рубрика: Общество</div>",
        f"<h1>{TITLE}</h1>{''.join(f'<div><div class=t-text>{line}</div></div>' for line in (OPENING, *REST))}",
        f"<table><tr><td><a href='/'>Главная</a></td><td><b>{TITLE}</b>{PARAGRAPHS}</td></tr></table>",
    ],
)  # fmt: skip
def test_bodies_as_sites_build_them(body: str) -> None:
    told = "Луг" if "itemprop" in body else TITLE
    found = parse_html(f"<html><head><title>{told}</title></head><body>{body}</body></html>", None).article
    assert (found.title, found.text) == (TITLE, TEXT)


def test_a_short_article_keeps_its_paragraphs_and_loses_what_stands_below() -> None:
    html = f"<html><body><article><h1>{TITLE}</h1><div class='entry'>{SHORT}{SHARED}</div></article></body></html>"
    assert parse_html(html, None).article.text == "Паром ушёл в ночь, сказали в порту.\nВторой ждут утром."


@pytest.mark.parametrize("heading", ["Шаг", "<a href='#1'>Что будет с паромом на шаге</a>"])
def test_equal_boxes_with_headings_are_the_body(heading: str) -> None:
    boxes = STEPS.replace("Шаг", heading)
    found = parse_html(f"<html><body><div><h1>{TITLE}</h1>{boxes}</div></body></html>", None).article.text
    assert all(line in found for line in (OPENING, *REST))


def test_paragraphs_of_a_few_words_each_are_an_article() -> None:
    lines = (
        "Паром сел на мель.", "Людей сняли спасатели.", "Пострадавших среди них нет.", "Причину выясняет комиссия.",
        "Рейсы отменены до среды.", "Билеты обещают вернуть.", "Вода в реке упала.", "Ждут дождей, сказал капитан.",
    )  # fmt: skip
    boxes = "".join(f"<div class='line'>{line}</div>" for line in lines)
    found = parse_html(f"<html><body><div><h1>{TITLE}</h1>{boxes}</div></body></html>", None).article
    assert found.text == "\n".join(lines)
