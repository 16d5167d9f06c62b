"""A document by HTTP: bounded in size and time, and only if it is another one than last time."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url

import svodka
from svodka.errors import ConfigError

MOST_BYTES = 16 * 2**20
MOST_SECONDS = 60.0

_SILENCE_SECONDS = 20.0
_REDIRECTS = 5
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
        state: validators to send with the next request, as JSON.
        trouble: why there is no document, or "".
        wait: seconds that the server asks to wait.
    """

    feed: FeedAddress
    document: bytes | None = None
    media_type: str = ""
    state: str = ""
    trouble: str = ""
    wait: float = 0.0


class _RefusedError(Exception):
    pass


def feed_address(text: str) -> FeedAddress:
    """Check a URL.

    Raises:
        ConfigError: not an http or https URL.
    """
    try:
        url = parse_url(text)
    except HTTPError:
        url = None
    if url is None or url.scheme not in ("http", "https") or not url.host:
        raise ConfigError(f"--feed '{text}' is no address of a feed; give one that begins with https:// or http://")
    return FeedAddress(url._replace(auth=None, fragment=None).url, url.auth or "")


def fetch(feed: FeedAddress, state: str) -> Fetched:
    """Ask for a document; every trouble with it comes as a sentence, not as an exception.

    Args:
        feed: its address; the server it is on may redirect, to http and https alone.
        state: what the last `Fetched` said, or "".
    """
    retries = urllib3.Retry(
        total=_REDIRECTS,
        connect=0,
        read=0,
        status=0,
        other=0,
        redirect=_REDIRECTS,
        # The timetable waits, not the connection.
        respect_retry_after_header=False,
    )
    timeout = urllib3.Timeout(connect=_SILENCE_SECONDS, read=_SILENCE_SECONDS)
    try:
        with urllib3.PoolManager(retries=retries, timeout=timeout) as pool:
            response = pool.request("GET", feed.url, headers=_headers(feed, state), preload_content=False)
            try:
                return _answer(feed, response)
            finally:
                # Not back to the pool: there may be more of it than we care to read.
                response.close()
    except _RefusedError as error:
        return Fetched(feed, trouble=str(error))
    except Exception as error:  # whatever may come over a network
        return Fetched(feed, trouble=f"{type(error).__name__}: {error}")


def _answer(feed: FeedAddress, response: urllib3.BaseHTTPResponse) -> Fetched:
    if response.status == 304:
        return Fetched(feed)
    if response.status != 200:
        return Fetched(feed, trouble=f"status {response.status}", wait=_seconds(response.headers.get("Retry-After")))
    names = {"etag": "ETag", "modified": "Last-Modified"}
    validators = {key: response.headers.get(name, "") for key, name in names.items()}
    state = json.dumps({key: value for key, value in validators.items() if 0 < len(value) <= _MOST_VALIDATOR})
    return Fetched(feed, _body(response), response.headers.get("Content-Type", ""), state)


def _body(response: Any) -> bytes:
    body, end = bytearray(), time.monotonic() + MOST_SECONDS
    while piece := response.read1(_PIECE, decode_content=True):
        body += piece
        if len(body) > MOST_BYTES:
            raise _RefusedError(f"more than {MOST_BYTES} bytes")
        if time.monotonic() > end:
            raise _RefusedError(f"not all there after {MOST_SECONDS:.0f} seconds")
    return bytes(body)


def _headers(feed: FeedAddress, state: str) -> Mapping[str, str]:
    known: dict[str, str] = json.loads(state) if state else {}
    headers = urllib3.make_headers(
        accept_encoding="gzip,deflate", user_agent=f"svodka/{svodka.__version__}", basic_auth=feed.login or None
    )
    headers |= {"Accept": _ACCEPT}
    conditions = {"If-None-Match": known.get("etag"), "If-Modified-Since": known.get("modified")}
    return headers | {name: value for name, value in conditions.items() if value}


def _seconds(retry_after: str | None) -> float:
    # The other form, a date, is rare; the usual wait then does.
    return float(retry_after) if retry_after and retry_after.isdecimal() and len(retry_after) < 7 else 0.0
