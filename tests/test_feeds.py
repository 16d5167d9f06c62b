"""Feeds: what an entry says, when a feed is asked, and what a server may do to us. The servers run in the tests."""

import base64
import gzip
import threading
from collections.abc import Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import pytest

from svodka.article import Article
from svodka.errors import ConfigError, DataError
from svodka.inputs.feed_document import read_document
from svodka.inputs.feeds import body_text
from svodka.inputs.markup import plain_text
from svodka.inputs.reject import Reject
from svodka.watch import fetch as fetching
from svodka.watch.arrivals import Arrival, Mark
from svodka.watch.feeds import read_feed
from svodka.watch.fetch import FeedAddress, Fetched, feed_address, fetch
from svodka.watch.options import WatchOptions
from svodka.watch.sinks import DatabaseSink
from svodka.watch.timetable import Timetable
from watching import rejects_of, rows_of, watch_once

HERE = ("127.0.0.1",)
FEED = FeedAddress("https://vestnik.example/rss")
RSS = """<?xml version="1.0" encoding="{encoding}"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:yandex="http://news.yandex.ru">
<channel><title>Вестник &amp; Со</title><language>ru-RU</language>{items}</channel></rss>"""
FULL = """<item><guid isPermaLink="false">17</guid><title>Мост через Сорогу &laquo;открыли&raquo;</title>
<link>https://vestnik.example/17</link><category>Транспорт</category><category>Город</category>
<pubDate>Tue, 24 Nov 2026 01:30:00 +0300</pubDate><description>Коротко о &lt;b&gt;мосте&lt;/b&gt;.</description>
<content:encoded><![CDATA[<p>Мост открыли на месяц раньше срока.</p><script>alert(1)</script>
<p>Первым проехал автобус <b>двенадцатого</b> маршрута.</p><p>Подписывайтесь на нас</p>]]></content:encoded></item>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Лента</title><entry><id>tag:lenta.example,2026:1</id>
<title>Снег</title><updated>2026-03-01T10:00:00Z</updated><content type="text">Снег идёт третий день.</content>
</entry></feed>"""


def rss(*items: str, encoding: str = "utf-8") -> bytes:
    return RSS.format(encoding=encoding, items="".join(items)).encode(encoding)


def item(n: int, text: str = "Текст.") -> str:
    return f"<item><guid>https://vestnik.example/{n}</guid><title>№ {n}</title><description>{text}</description></item>"


def read(document: bytes, media_type: str = "text/xml") -> list[Article | Reject]:
    feed = read_document(document, url=FEED.url, media_type=media_type)
    items = list(read_feed(Fetched(FEED, document, media_type), feed, None))
    assert isinstance(items[-1], Mark)
    return [one.read() for one in items if isinstance(one, Arrival)]


def test_a_teaser_that_the_full_text_goes_on_from_is_its_first_paragraph() -> None:
    start, rest = "Мост через Сорогу открыли в Заречье.", "Его длина 340 метров, сказал мэр.\nОн стоил два миллиона."
    entry = "<item><guid>urn:1</guid><title>Открыт мост</title><description>{}</description>{}</item>"
    full = "<yandex:full-text>{}</yandex:full-text>"
    (found,) = read(rss(entry.format(start, full.format(rest))))
    assert isinstance(found, Article)
    assert (found.text, found.summary) == (f"{start}\n{rest}", "")
    # One that is cut off, or needs no sentence before it, stays as it is.
    for teaser, body in ((start[:-1] + "…", rest), (start, "Длина моста 340 метров, сказал мэр.")):
        (found,) = read(rss(entry.format(teaser, full.format(body))))
        assert isinstance(found, Article)
        assert (found.text, found.summary) == (body, teaser)


def test_an_entry_with_everything() -> None:
    assert read(rss(FULL)) == [
        Article(
            "Мост открыли на месяц раньше срока.\nПервым проехал автобус двенадцатого маршрута.",
            id="https://vestnik.example/rss#17",
            title="Мост через Сорогу «открыли»",
            summary="Коротко о мосте.",
            tags=("Транспорт", "Город"),
            # By the newsroom's own clock; in UTC it is still the 23rd.
            date="2026-11-24",
            url="https://vestnik.example/17",
            source="Вестник & Со",
            lang="ru",
        )
    ]


def test_atom_and_an_entry_of_plain_text() -> None:
    (article,) = read(ATOM.encode())
    assert isinstance(article, Article)
    assert (article.id, article.text, article.date) == (
        "tag:lenta.example,2026:1", "Снег идёт третий день.", "2026-03-01",
    )  # fmt: skip


def test_the_whole_text_is_taken_where_yandex_element_gives_it() -> None:
    body = "<description>Тизер.</description><yandex:full-text>Весь текст. И ещё фраза.</yandex:full-text>"
    (article,) = read(rss(f"<item><link>https://vestnik.example/1</link>{body}</item>"))
    assert isinstance(article, Article)
    assert (article.text, article.summary, article.id) == (
        "Весь текст. И ещё фраза.", "Тизер.", "https://vestnik.example/1",
    )  # fmt: skip


def test_the_oldest_entry_comes_first_and_one_without_a_name_gets_one_by_its_content() -> None:
    nameless = "<item><description>Снег идёт.</description></item>"
    first, second = read(rss(nameless, item(1)))
    assert isinstance(first, Article)
    assert isinstance(second, Article)
    assert first.id == "https://vestnik.example/1"
    assert second.id.startswith("https://vestnik.example/rss#")
    assert read(rss(item(2), nameless))[0] == second


def test_an_encoding_other_than_utf_8() -> None:
    (article,) = read(rss(item(1, "Снег идёт."), encoding="windows-1251"), "application/xml")
    assert isinstance(article, Article)
    assert article.text == "Снег идёт."


def test_an_entry_without_text_is_a_reject() -> None:
    (reject,) = read(rss("<item><title>Только заголовок</title><link>https://vestnik.example/9</link></item>"))
    assert reject == Reject(
        "unusable", "https://vestnik.example/rss https://vestnik.example/9",
        "article 'https://vestnik.example/9' has no text; give the body in 'text'",
    )  # fmt: skip


@pytest.mark.parametrize("document", [b"", b"<html><p>404</p></html>", b"\x00\xff\xfe", b"{}"])
def test_what_is_no_feed(document: bytes) -> None:
    with pytest.raises(DataError, match=r"https://vestnik\.example/rss is neither RSS nor Atom"):
        read(document)


def test_entities_that_unfold_into_millions_stay_folded() -> None:
    more = "".join(f'<!ENTITY {y} "{f"&{x};" * 10}">' for x, y in pairwise("abcdefgh"))
    bomb = f'<!DOCTYPE rss [<!ENTITY a "{"ха" * 10}">{more}]>'
    document = rss(item(1, "&h;")).decode().replace("?>", "?>" + bomb, 1).encode()
    assert all(len(str(one)) < 1000 for one in read(document))


def test_html_without_a_page_around_it() -> None:
    assert plain_text("Счёт&nbsp;3:2<br>в <i>пользу</i> гостей<p>Вот&hellip;</p>") == "Счёт 3:2 в пользу гостей\nВот…"
    assert plain_text("5 < 6") == "5 < 6"
    assert body_text("", "Заголовок", None) == ""
    paragraphs = [f"Абзац {n}, в котором сказано довольно много о погоде, дорогах и мостах." for n in range(9)]
    markup = "".join(f"<p>{one}</p>" for one in paragraphs)
    assert body_text(markup, "Заголовок", None) == "\n".join(paragraphs)


def test_when_a_feed_is_asked() -> None:
    now = [0.0]
    table = Timetable([FEED], interval=300, clock=lambda: now[0])
    assert table.due() == [FEED]
    assert table.due() == []
    assert table.answered(FEED, trouble=False) == 300
    now[0] = 299
    assert table.due() == []
    now[0] = 300
    assert table.due() == [FEED]
    assert [table.answered(FEED, trouble=True) for _ in range(9)] == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert table.answered(FEED, trouble=True, wait=7200) == 7200
    assert table.answered(FEED, trouble=False) == 300
    assert table.answered(FEED, trouble=True) == 30


@pytest.mark.parametrize("text", ["file:///etc/passwd", "ftp://a.example/rss", "rss.xml", "http://", "gopher://a", ""])
def test_only_http_is_an_address(text: str) -> None:
    with pytest.raises(ConfigError, match="is no address of a feed; give one that begins with https:// or http://"):
        feed_address(text)


def test_a_password_stays_out_of_what_is_shown() -> None:
    assert feed_address("https://desk:secret@a.example/rss#x") == FeedAddress("https://a.example/rss", "desk:secret")


class Site:
    """A server of our own; `pages` gives status, headers and body by path."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[tuple[str, Message]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.path, self.headers))
                status, headers, body = site.pages.get(self.path, (404, {}, b""))
                if headers.get("ETag") and self.headers.get("If-None-Match") == headers["ETag"]:
                    status, body = 304, b""
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def site(socket_enabled: None) -> Iterator[Site]:
    site = Site()
    yield site
    site.server.shutdown()
    site.server.server_close()


def look(database: str, *urls: str, said: list[str] | None = None) -> tuple[int, int, int]:
    sink = DatabaseSink(database, model="stub")
    options = WatchOptions(feeds=[feed_address(url) for url in urls], hosts=HERE)
    counts = watch_once(options, sink, said=said)
    sink.close()
    return counts.annotated, counts.rejected, counts.troubles


def test_new_entries_only_across_restarts(site: Site, database: str) -> None:
    url = f"{site.url}/rss"
    for tag, entries, expected in (("1", [2, 1], 2), ("1", [2, 1], 0), ("2", [2, 1], 0), ("3", [3, 2, 1], 1)):
        site.pages["/rss"] = (200, {"ETag": f'"{tag}"', "Last-Modified": "yesterday"}, rss(*map(item, entries)))
        assert look(database, url) == (expected, 0, 0)
    assert [headers.get("If-None-Match") for _, headers in site.asked] == [None, '"1"', '"1"', '"2"']
    assert site.asked[1][1]["If-Modified-Since"] == "yesterday"
    assert set(rows_of(database)) == {f"https://vestnik.example/{n}" for n in (1, 2, 3)}


def test_an_entry_that_was_corrected_takes_the_old_ones_place(site: Site, database: str) -> None:
    for text in ("Мост открыт.", "Мост закрыт."):
        site.pages["/rss"] = (200, {}, rss(item(1, text)))
        assert look(database, f"{site.url}/rss") == (1, 0, 0)
    assert [row["summary"] for row in rows_of(database).values()] == ["Мост закрыт."]


def test_half_a_document_does_not_count_as_the_last_one(site: Site, database: str) -> None:
    whole = rss(item(2), item(1, "Мост открыт."))
    half = whole[: whole.index("открыт".encode())]
    for body, expected in ((half, (1, 1, 0)), (whole, (1, 0, 0))):
        site.pages["/rss"] = (200, {"ETag": '"1"'}, body)
        assert look(database, f"{site.url}/rss") == expected
    assert rows_of(database)["https://vestnik.example/1"]["summary"] == "Мост открыт."


def test_two_entries_of_one_name_do_not_replace_each_other_for_ever(site: Site, database: str) -> None:
    site.pages["/rss"] = (200, {}, rss(item(1, "Один."), item(1, "Два.")))
    assert look(database, f"{site.url}/rss") == (2, 0, 0)
    assert look(database, f"{site.url}/rss") == (0, 0, 0)


def test_bare_numbers_of_two_feeds_are_two_articles_and_one_link_is_one(site: Site, database: str) -> None:
    for path in ("/a", "/b"):
        site.pages[path] = (200, {}, rss(FULL, item(1)))
    assert look(database, f"{site.url}/a", f"{site.url}/b") == (3, 0, 0)
    assert set(rows_of(database)) == {f"{site.url}/a#17", f"{site.url}/b#17", "https://vestnik.example/1"}


def test_a_feed_in_trouble_is_told_and_the_others_go_on(site: Site, database: str) -> None:
    site.pages |= {"/ok": (200, {}, rss(item(1), "<item><title>Пусто</title></item>")), "/page": (200, {}, b"<p>404")}
    said: list[str] = []
    urls = [f"{site.url}/gone", f"{site.url}/page", "http://127.0.0.1:1/closed", f"{site.url}/ok"]
    assert look(database, *urls, said=said) == (1, 1, 3)
    assert f"feed {site.url}/gone: status 404" in said
    assert f"feed {site.url}/page: {site.url}/page is neither RSS nor Atom" in said
    assert any(line.startswith("feed http://127.0.0.1:1/closed: ") and "refused" in line for line in said)
    assert len(rejects_of(database)) == 1


def test_login_and_the_wait_that_a_server_asks_for(site: Site) -> None:
    site.pages["/busy"] = (503, {"Retry-After": "120"}, b"")
    feed = feed_address(site.url.replace("http://", "http://desk:s%40p%3Aé@") + "/busy")
    busy = FeedAddress(f"{site.url}/busy", "desk:s@p:é")
    assert fetch(feed, "", hosts=HERE) == Fetched(busy, trouble="status 503", wait=120)
    assert base64.b64decode(site.asked[0][1]["Authorization"].removeprefix("Basic ")).decode() == "desk:s@p:é"


@pytest.mark.parametrize("packed", [False, True])
def test_a_document_without_end_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    monkeypatch.setattr(fetching, "MOST_BYTES", 100_000)
    body = b"<rss>" + b" " * 200_000
    site.pages["/rss"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(body)) if packed else (200, {}, body)
    assert fetch(feed_address(f"{site.url}/rss"), "", hosts=HERE).trouble == "more than 100000 bytes"


def test_a_document_that_breaks_off_or_takes_for_ever(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.pages["/rss"] = (200, {"Content-Length": "9999"}, rss(item(1)))
    found = fetch(feed_address(f"{site.url}/rss"), "", hosts=HERE)
    assert found.document is None
    assert "IncompleteRead" in found.trouble
    monkeypatch.setattr(fetching, "MOST_SECONDS", 0.0)
    site.pages["/rss"] = (200, {}, rss(item(1)))
    assert fetch(feed_address(f"{site.url}/rss"), "", hosts=HERE).trouble.startswith("not all there after")


def test_redirects_lead_to_http_alone_and_not_in_circles(site: Site, tmp_path: Path) -> None:
    (tmp_path / "rss").write_bytes(rss(item(1)))
    site.pages |= {
        "/moved": (301, {"Location": "/rss"}, b""),
        "/rss": (200, {}, rss(item(1))),
        "/file": (302, {"Location": f"file://{tmp_path}/rss"}, b""),
        "/circle": (302, {"Location": "/circle"}, b""),
    }
    assert fetch(feed_address(f"{site.url}/moved"), "", hosts=HERE).document == rss(item(1))
    for path in ("/file", "/circle"):
        found = fetch(feed_address(f"{site.url}{path}"), "", hosts=HERE)
        assert found.document is None
        assert found.trouble


def test_bare_ampersands_stay_as_they_are() -> None:
    entry = (
        "<item><guid>https://v.example/?a=1&b=2</guid><title>AT&T и R&D в порту</title>"
        "<description>Паром ушёл.</description></item>"
    )
    (article,) = read(rss(entry))
    assert isinstance(article, Article)
    assert (article.title, article.id) == ("AT&T и R&D в порту", "https://v.example/?a=1&b=2")


@pytest.mark.parametrize("declared", ["utf-8", "windows-1251"])
@pytest.mark.parametrize("real", ["utf-8", "windows-1251"])
def test_what_the_bytes_of_a_feed_are_counts_before_what_it_says(declared: str, real: str) -> None:
    document = RSS.format(encoding=declared, items=item(1, "Паром ушёл из порта утром.")).encode(real)
    (article,) = read(document, "application/rss+xml")
    assert isinstance(article, Article)
    assert article.text == "Паром ушёл из порта утром."


def test_entries_that_share_a_guid_are_told_apart() -> None:
    entries = [
        f"<item><guid>https://v.example/</guid><title>№ {n}</title><description>Ушёл паром {n}.</description></item>"
        for n in (1, 2)
    ]
    assert len({one.id for one in read(rss(*entries)) if isinstance(one, Article)}) == 2


@pytest.mark.parametrize("text", ["Паром ушёл", "Читать далее на сайте", "Комментарии: 5"])
def test_a_headline_without_a_text_is_set_aside(text: str) -> None:
    entry = f"<item><guid>https://v.example/1</guid><title>Паром ушёл</title><description>{text}</description></item>"
    assert read(rss(entry)) == [
        Reject(
            "unusable",
            f"{FEED.url} https://v.example/1",
            "a headline without a text; the feed gives no more of this entry",
        )
    ]


@pytest.mark.parametrize("written", ["1764028800", "31 Feb 2026 10:00:00", "сегодня, 10:00"])
def test_what_is_no_whole_date_gives_no_year_of_its_own(written: str) -> None:
    entry = item(1, "Паром ушёл.").replace("</title>", f"</title><pubDate>{written}</pubDate>")
    (article,) = read(rss(entry))
    assert isinstance(article, Article)
    assert article.date in ("", "2025-11-25")
