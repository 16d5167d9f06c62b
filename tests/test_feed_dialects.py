"""Elements that feeds of one software or another have. All entries are invented."""

from pathlib import Path

import pytest

import svodka
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


EXPORT = (
    "<guid>https://lug.example/?p={}</guid><description></description><content:encoded><![CDATA[<!-- wp:paragraph -->"
    + f"<p>{LINES[0]}</p><!-- /wp:paragraph -->\n\n{LINES[1]}\n\n{LINES[2]}]]></content:encoded>"
    + f"<excerpt:encoded><![CDATA[{OTHER}]]></excerpt:encoded>"
)


def stored(path: Path, *entries: str) -> list[Article | Reject]:
    items = "".join(f"<item><title>{TITLE}</title>{entry}</item>" for entry in entries)
    spaces = f'{SPACES} xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"'
    path.write_text(f"<rss version='2.0' {spaces}><channel><title>Луг</title>{items}</channel></rss>", encoding="utf-8")
    return list(svodka.read(path))


def test_a_stored_feed_or_export_is_read_entry_by_entry(tmp_path: Path) -> None:
    article, empty = stored(tmp_path / "a.xml", EXPORT.format(5), "<guid>https://lug.example/a.jpg</guid>")
    assert isinstance(article, Article)
    assert isinstance(empty, Reject)
    assert (article.id, article.title, article.text, article.summary, article.source) == (
        "https://lug.example/?p=5", TITLE, TEXT, OTHER, "Луг",
    )  # fmt: skip


def test_entries_that_share_a_name_get_their_places(tmp_path: Path) -> None:
    found = stored(tmp_path / "a.rss", EXPORT.format(5), EXPORT.format(5), EXPORT.format(6))
    ids = [one.id for one in found if isinstance(one, Article)]
    assert ids == [f"{tmp_path / 'a.rss'}:1", f"{tmp_path / 'a.rss'}:2", "https://lug.example/?p=6"]


def test_other_xml_is_set_aside_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "b.xml").write_text("<urlset><url><loc>https://lug.example/1</loc></url></urlset>", encoding="utf-8")
    stored(tmp_path / "a.xml", EXPORT.format(5))
    article, reject = svodka.read(tmp_path)
    assert isinstance(article, Article)
    assert isinstance(reject, Reject)
    assert reject.detail == f"{tmp_path / 'b.xml'} is neither RSS nor Atom"


def test_the_day_of_dublin_core_is_by_its_own_clock() -> None:
    article = read(f"<description>{TEXT}</description><dc:date>2026-11-05T23:30:00+05:00</dc:date>")
    assert isinstance(article, Article)
    assert article.date == "2026-11-05"
