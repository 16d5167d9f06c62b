"""Elements that feeds of one software or another have. All entries are invented."""

import pytest

from svodka.article import Article
from svodka.inputs.feed_document import read_document
from svodka.inputs.feeds import entry_article
from svodka.inputs.reject import Reject

TITLE = "Паром «Луг» вернулся в порт"
LINES = ("Паром вернулся в порт утром, сообщили в управе.", "Его ждали два дня.", "Билеты вернут в кассе порта.")
TEXT = "\n".join(LINES)
HTML = "".join(f"<p>{line}</p>" for line in LINES)
OTHER = "Кто ждал и почему опоздал капитан."
SPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:turbo="http://turbo.yandex.ru" xmlns:yandex="http://news.yandex.ru" xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def read(entry: str) -> Article | Reject:
    entry = f"<title>{TITLE}</title><link>https://lug.example/1</link>{entry}"
    document = f"<rss version='2.0' {SPACES}><channel><title>Луг</title><item>{entry}</item></channel></rss>"
    feed = read_document(document.encode(), url="https://lug.example/rss", media_type="text/xml")
    return entry_article(feed.entries[0], feed, place="feed", name="1", labels=None)


@pytest.mark.parametrize(
    ("entry", "lead"),
    [
        (f"<description>{OTHER}</description><turbo:content><![CDATA[<h1>{TITLE}</h1>{HTML}]]></turbo:content>", OTHER),
        (f"<description>{OTHER}</description><fulltext><![CDATA[{HTML}]]></fulltext>", OTHER),
        (f"<description><![CDATA[{HTML}]]></description><media:description>Паром</media:description>", ""),
        (f"<content:encoded><![CDATA[<figcaption>Фото: Луг</figcaption>{HTML}]]></content:encoded>", ""),
        (f"<description><![CDATA[{HTML}<p><a href='/1'>Читать далее...</a></p>]]></description>", ""),
    ],
)  # fmt: skip
def test_the_whole_text_is_found_wherever_it_stands(entry: str, lead: str) -> None:
    article = read(entry)
    assert isinstance(article, Article)
    assert (article.title, article.text, article.summary) == (TITLE, TEXT, lead)


def test_a_list_of_headlines_and_outlets_is_no_text() -> None:
    links = f"<ol><li><a href='/1'>{TITLE}</a> <font>Вести Луга</font></li></ol>"
    assert isinstance(read(f"<description><![CDATA[{links}]]></description>"), Reject)


def test_the_day_of_dublin_core_is_by_its_own_clock() -> None:
    article = read(f"<description>{TEXT}</description><dc:date>2026-11-05T23:30:00+05:00</dc:date>")
    assert isinstance(article, Article)
    assert article.date == "2026-11-05"
