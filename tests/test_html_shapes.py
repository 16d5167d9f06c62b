"""How pages of sites are built: bodies in boxes, twice, with other articles below. All pages are invented."""

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
