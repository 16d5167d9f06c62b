"""A document by HTTP: bounded in size and time, from where it may come, and only if it is not the one of last time."""

import base64
import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import urllib3
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url

import svodka
from svodka.errors import ConfigError
from svodka.inputs.network import Exchange, RefusedError, own_words

MOST_BYTES = 16 * 2**20
MOST_SECONDS = 60.0  # of one exchange, redirects included

_PIECE = 2**16
_MOST_VALIDATOR = 1000  # characters
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1"
)


@dataclass(frozen=True, slots=True)
class FeedAddress:
    """Where a feed is: the URL without a password, which may be printed and stored, and the user and password."""

    url: str
    login: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of asking for a document.

    Attributes:
        feed: its address.
        document: its bytes; None if it is the one that was read last, or if there is trouble.
        media_type: what the server says it is.
        state: validators to send with the next request, and the document's digest, as JSON; "": as before.
        trouble: why there is no document, or "".
        wait: seconds that the server asks to wait.
    """

    feed: FeedAddress
    document: bytes | None = None
    media_type: str = ""
    state: str = ""
    trouble: str = ""
    wait: float = 0.0


def feed_address(text: str) -> FeedAddress:
    """Check a URL. A user or password in it may hold characters as `%40`.

    Raises:
        ConfigError: not an http or https URL.
    """
    try:
        url = parse_url(text)
    except HTTPError:
        url = None
    if url is None or url.scheme not in ("http", "https") or not url.host:
        shown = "with a password" if "@" in text else f"'{text}'"
        raise ConfigError(f"--feed {shown} is no address of a feed; give one that begins with https:// or http://")
    return FeedAddress(url._replace(auth=None, fragment=None).url, unquote(url.auth or ""))


def fetch(feed: FeedAddress, state: str, *, hosts: Collection[str] = ()) -> Fetched:
    """Ask for a document; every trouble with it comes as a sentence, not as an exception.

    Args:
        feed: its address; the server it is on may redirect, to http and https alone.
        state: what the last `Fetched` said, or "".
        hosts: names and addresses of hosts that need not be public.
    """
    known: dict[str, str] = json.loads(state) if state else {}
    advice = "; if it is to be read all the same, allow it by --allow-host {host}"
    with Exchange(seconds=MOST_SECONDS, hosts=hosts, advice=advice) as exchange:
        try:
            with exchange.pool() as pool:
                response = pool.request("GET", feed.url, headers=_headers(feed, known), preload_content=False)
                try:
                    return _answer(feed, response, exchange, known)
                finally:
                    # Not back to the pool: there may be more of it than we care to read.
                    response.close()
        except Exception as error:  # whatever may come over a network
            if exchange.over:
                return Fetched(feed, trouble=f"not all there after {MOST_SECONDS:.0f} seconds")
            return Fetched(feed, trouble=own_words(error))


def _answer(
    feed: FeedAddress, response: urllib3.BaseHTTPResponse, exchange: Exchange, known: Mapping[str, str]
) -> Fetched:
    if response.status == 304:
        return Fetched(feed)
    if response.status != 200:
        return Fetched(feed, trouble=f"status {response.status}", wait=_seconds(response.headers.get("Retry-After")))
    document = b"".join(_pieces(response, exchange))
    digest = hashlib.blake2b(document, digest_size=16).hexdigest()
    names = {"etag": "ETag", "modified": "Last-Modified"}
    validators = {key: response.headers.get(name, "") for key, name in names.items()}
    fresh = {key: value for key, value in validators.items() if 0 < len(value) <= _MOST_VALIDATOR} | {"digest": digest}
    # Many servers know no validators, and give the same document again and again.
    if digest == known.get("digest"):
        return Fetched(feed, state="" if fresh == known else json.dumps(fresh))
    return Fetched(feed, document, response.headers.get("Content-Type", ""), json.dumps(fresh))


def _pieces(response: Any, exchange: Exchange) -> Iterator[bytes]:
    size = 0
    while piece := response.read1(_PIECE, decode_content=True):
        size += len(piece)
        if size > MOST_BYTES:
            raise RefusedError(f"more than {MOST_BYTES} bytes")
        if exchange.over:
            break
        yield piece
    # A connection that was cut may look like one that ended.
    if exchange.over:
        raise RefusedError(f"not all there after {MOST_SECONDS:.0f} seconds")


def _headers(feed: FeedAddress, known: Mapping[str, str]) -> Mapping[str, str]:
    headers = urllib3.make_headers(accept_encoding="gzip,deflate", user_agent=f"svodka/{svodka.__version__}") | {
        "Accept": _ACCEPT
    }
    if feed.login:
        headers["Authorization"] = f"Basic {base64.b64encode(feed.login.encode()).decode()}"
    conditions = {"If-None-Match": known.get("etag"), "If-Modified-Since": known.get("modified")}
    return headers | {name: value for name, value in conditions.items() if value}


def _seconds(retry_after: str | None) -> float:
    # The other form, a date, is rare; the usual wait then does.
    return float(retry_after) if retry_after and retry_after.isdecimal() and len(retry_after) < 7 else 0.0
