"""Feeds made to hurt: one entry, one document, one server must stop neither the others nor the service."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import feedparser
import pytest

from svodka.article import Article
from svodka.errors import DataError
from svodka.inputs.aside import Aside
from svodka.inputs.feed_document import Entry, Feed, read_document
from svodka.inputs.feeds import parse_feed
from svodka.inputs.network import is_public
from svodka.inputs.readers import read_rows
from svodka.inputs.reject import Reject
from svodka.inputs.sources import Inputs
from svodka.inputs.streams import Meter
from svodka.watch import fetch as fetching
from svodka.watch import watcher
from svodka.watch.arrivals import Arrival
from svodka.watch.feeds import read_feed
from svodka.watch.fetch import FeedAddress, Fetched, feed_address, fetch
from svodka.watch.options import WatchOptions
from svodka.watch.sinks import DatabaseSink
from svodka.watch.timetable import Timetable
from watching import watch_once

ADDRESS = FeedAddress("https://vestnik.example/rss")
HERE = ("127.0.0.1",)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"


def rss(*items: str) -> bytes:
    head = '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Вестник</title>'
    return f"{head}{''.join(items)}</channel></rss>".encode()


def item(n: int, text: str = "Снег идёт.", more: str = "") -> str:
    return f"<item><guid>urn:{n}</guid><title>№ {n}</title><description>{text}</description>{more}</item>"


def parsed(*items: str) -> Feed:
    return read_document(rss(*items), url=ADDRESS.url, media_type="text/xml")


def read(feed: Feed) -> list[Article | Reject]:
    return [one.read() for one in read_feed(Fetched(ADDRESS), feed, None) if isinstance(one, Arrival)]


def texts(feed: Feed) -> list[str]:
    return [one.text if isinstance(one, Article) else one.reason for one in read(feed)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Снег &#55357;&#56832; идёт.", "Снег 😀 идёт."),
        ("Снег &amp;#xD83D;&amp;#xDE00; идёт.", "Снег 😀 идёт."),
        ("Снег &#55357; идёт.", "Снег \ufffd идёт."),
        ("Снег &#99999999999; идёт.", "Снег \ufffd идёт."),
        ("Снег &#0; идёт.", "Снег \ufffd идёт."),
        ("Снег &#8212; идёт.", "Снег — идёт."),
    ],
)
def test_a_reference_to_no_character_costs_no_entry(written: str, meant: str) -> None:
    assert texts(parsed(item(1, "Лёд."), item(2, written))) == [meant, "Лёд."]


def test_an_entry_without_an_end_to_its_description_is_set_aside_alone() -> None:
    open_ended = "<item><guid>urn:1</guid><description>Коротко.<content:encoded>Снег.</content:encoded></item>"
    assert "Лёд." in texts(parsed(item(2, "Лёд."), open_ended))


def test_an_entry_that_the_parser_fails_on_is_found_among_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    parse = feedparser.parse

    def fails_on_some(stream: Any, **more: Any) -> Any:
        document = stream.read()
        if b"BROKEN" in document:
            raise OverflowError("Python int too large to convert to C int")
        return parse(document, **more)

    monkeypatch.setattr(feedparser, "parse", fails_on_some)
    feed = parsed(*(item(n, "BROKEN" if n in (3, 4) else f"Лёд {n}.") for n in range(9)))
    assert feed.title == "Вестник"
    assert texts(feed) == [
        "Лёд 8.", "Лёд 7.", "Лёд 6.", "Лёд 5.", "unreadable", "unreadable", "Лёд 2.", "Лёд 1.", "Лёд 0.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("https://vestnik.example/1", "https://vestnik.example/1"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("file:///etc/passwd", ""),
    ],
)
def test_a_link_leads_to_a_page_or_nowhere(link: str, kept: str) -> None:
    (article,) = read(parsed(item(1, more=f"<link>{link}</link>")))
    assert isinstance(article, Article)
    assert article.url == kept


def test_whatever_an_entry_holds_can_be_stored(tmp_path: Path) -> None:
    (entry,) = parsed(item(1, more="<link>http://vestnik.example/\x00</link>")).entries
    assert "\x00" not in str(entry)


@pytest.mark.parametrize("charset", ["punycode", "undefined", "nosuch"])
def test_an_encoding_that_is_none_does_not_shut_a_feed(charset: str) -> None:
    feed = read_document(rss(item(1)), url=ADDRESS.url, media_type=f"text/xml; charset={charset}")
    assert texts(feed) == ["Снег идёт."]


def test_a_document_that_takes_too_long_is_given_up_and_the_next_one_is_read() -> None:
    process = Aside(seconds=0.0)
    try:
        with pytest.raises(DataError, match=r"rss cannot be read: it takes more than 0 seconds or 1024 MiB"):
            parse_feed(rss(item(1)), url=ADDRESS.url, media_type="", aside=process)
        process._seconds = 600.0
        found = parse_feed(rss(item(1)), url=ADDRESS.url, media_type="text/xml", aside=process)
        assert found == Feed("Вестник", "", False, (Entry("urn:1", "", "№ 1", "Снег идёт."),))
        with pytest.raises(DataError, match="is neither RSS nor Atom"):
            parse_feed(b"<p>404</p>", url=ADDRESS.url, media_type="text/html", aside=process)
    finally:
        process.end()


Act = Callable[[socket.socket], None]


@pytest.fixture
def serve(socket_enabled: None) -> Iterator[Callable[[Act], str]]:
    """Gives the address of a server that answers every request in one way."""
    opened: list[socket.socket] = []

    def start(act: Act) -> str:
        server = socket.create_server(("127.0.0.1", 0))
        opened.append(server)
        threading.Thread(target=answer, args=(server, act), daemon=True).start()
        return f"http://127.0.0.1:{server.getsockname()[1]}/rss"

    yield start
    for server in opened:
        server.close()


def answer(server: socket.socket, act: Act) -> None:
    with suppress(OSError):
        while True:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.recv(65536)
                act(connection)


def endless(start: bytes, more: bytes) -> Act:
    def act(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(more)

    return act


@pytest.mark.parametrize(
    ("start", "more"),
    [
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"A: b\r\n"),
        (HEAD + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08" + b"\0" * 7, b"\0\0\0\xff\xff"),
        (b"HTTP/1.1 302 Found\r\nLocation: /b\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
)
def test_an_answer_without_end_ends_with_the_time_of_the_exchange(
    serve: Callable[[Act], str], monkeypatch: pytest.MonkeyPatch, start: bytes, more: bytes
) -> None:
    monkeypatch.setattr(fetching, "MOST_SECONDS", 0.3)
    found = fetch(feed_address(serve(endless(start, more))), "", hosts=HERE)
    assert found.document is None
    # Some are refused by the library before their time is over.
    assert found.trouble


def test_silence_ends_with_the_time_of_the_exchange(
    serve: Callable[[Act], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MOST_SECONDS", 0.3)
    waiting = threading.Event()
    url = serve(lambda _: waiting.wait() and None)
    assert fetch(feed_address(url), "", hosts=HERE).trouble == "not all there after 0 seconds"
    waiting.set()


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True), ("2606:4700::1111", True), ("127.0.0.1", False), ("10.1.2.3", False),
        ("192.168.0.1", False), ("172.16.0.1", False), ("169.254.169.254", False), ("0.0.0.0", False),
        ("100.64.0.1", False), ("224.0.0.1", False), ("::1", False), ("fe80::1%eth0", False), ("fd00::1", False),
        ("::ffff:127.0.0.1", False), ("::ffff:93.184.216.34", True), ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
    ],
)  # fmt: skip
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_a_host_that_is_not_public_is_read_only_if_it_is_named(serve: Callable[[Act], str]) -> None:
    body = rss(item(1))
    url = serve(lambda c: c.sendall(HEAD + f"Content-Length: {len(body)}\r\n\r\n".encode() + body))
    assert fetch(feed_address(url), "").trouble == (
        "127.0.0.1 has the address 127.0.0.1, which is not public; if it is to be read all the same, allow it by "
        "--allow-host 127.0.0.1"
    )
    assert fetch(feed_address(url), "", hosts=HERE).document == body
    moved = serve(lambda c: c.sendall(f"HTTP/1.1 302 Found\r\nLocation: {url}\r\n\r\n".encode()))
    assert fetch(feed_address(moved), "", hosts=HERE).document == body
    elsewhere = url.replace("127.0.0.1", "localhost")
    moved = serve(lambda c: c.sendall(f"HTTP/1.1 302 Found\r\nLocation: {elsewhere}\r\n\r\n".encode()))
    assert fetch(feed_address(moved), "", hosts=HERE).trouble.startswith("localhost has the address")


def test_an_address_as_an_input_is_fetched_whole_from_a_public_host(
    serve: Callable[[Act], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    body = '{"text": "Снег."}\n'.encode()
    answer = HEAD + f"Content-Length: {len(body)}\r\n\r\n".encode() + body
    url = serve(lambda c: c.sendall(answer)).replace("/rss", "/rows.jsonl")
    given = Inputs((url,))
    given.check()

    def rows() -> list[bytes]:
        return [row.data for source in given.sources() for row in read_rows(source, Meter())]

    with pytest.raises(
        DataError, match=r"cannot read http.*: 127\.0\.0\.1 has the address .* which is not public; mend"
    ):
        rows()
    monkeypatch.setattr("svodka.inputs.network.is_public", lambda _: True)
    assert rows() == [body.strip()]
    answer = HEAD + b"Content-Length: 999\r\n\r\n" + body
    with pytest.raises(DataError, match=r"cannot read http.* to its end: ProtocolError: .*IncompleteRead"):
        rows()


def test_a_document_that_is_the_same_is_not_read_again(serve: Callable[[Act], str]) -> None:
    body = rss(item(1))
    feed = feed_address(serve(lambda c: c.sendall(HEAD + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)))
    first = fetch(feed, "", hosts=HERE)
    assert first.document == body
    assert fetch(feed, first.state, hosts=HERE) == Fetched(feed)


def test_a_feed_that_never_answers_is_named_and_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    never = threading.Event()
    monkeypatch.setattr(watcher, "look_at", lambda *_, **__: never.wait())
    monkeypatch.setattr(watcher, "_GIVE_UP", 0.0)
    said: list[str] = []
    sink = DatabaseSink(str(tmp_path / "news.db"), model="stub")
    counts = watch_once(WatchOptions(feeds=[ADDRESS]), sink, said=said)
    sink.close()
    assert counts.troubles == 1
    assert said == ["feed https://vestnik.example/rss: no answer, given up"]
    never.set()
    now = [0.0]
    table = Timetable([ADDRESS], interval=300, clock=lambda: now[0])
    table.due()
    assert table.unanswered(180) == []
    now[0] = 180
    assert table.unanswered(180) == [ADDRESS]
    assert table.answered(ADDRESS, trouble=True) == 30
    assert table.unanswered(0) == []


def test_a_silent_name_server_is_not_waited_for_beyond_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = threading.Event()

    def resolve(*_: object, **__: object) -> list[Any]:
        silent.wait()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(fetching, "MOST_SECONDS", 0.3)
    fetched = fetch(feed_address("http://vestnik.example/rss"), "")
    silent.set()
    assert fetched.document is None
    assert fetched.trouble in (
        "no name server told the address of vestnik.example in time", "not all there after 0 seconds"
    )  # fmt: skip
