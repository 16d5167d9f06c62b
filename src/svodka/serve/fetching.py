"""A page behind an address that a request names: public hosts alone, bounded in size and time."""

from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError

import svodka
from svodka.article import Article
from svodka.errors import DataError
from svodka.inputs.network import Exchange, RefusedError, own_words

MOST_BYTES = 8 * 2**20
MOST_SECONDS = 20.0  # redirects included
_PIECE = 2**16


def fetched(address: str) -> Article:
    """The article of a page.

    Raises:
        DataError: it cannot be fetched, is larger or slower than allowed, or holds no article.
    """
    if urlsplit(address).scheme not in ("http", "https"):
        raise DataError(f"'{address[:200]}' is no address of a page; give one that begins with https:// or http://")
    headers = urllib3.make_headers(accept_encoding="gzip,deflate", user_agent=f"svodka/{svodka.__version__}")
    try:
        with Exchange(seconds=MOST_SECONDS) as exchange, exchange.pool() as pool:
            response = pool.request("GET", address, headers=headers, preload_content=False)
            try:
                page = _page(response, exchange)
            finally:
                # Not back to the pool: there may be more of it than we care to read.
                response.close()
    except (HTTPError, RefusedError, OSError, ValueError) as error:
        raise DataError(f"{address[:200]} cannot be fetched: {own_words(error)}") from error
    return Article.from_html(page)


def _page(response: urllib3.BaseHTTPResponse, exchange: Exchange) -> bytes:
    if response.status != 200:
        raise RefusedError(f"status {response.status}")
    page = b""
    while piece := response.read(_PIECE, decode_content=True):
        page += piece
        if len(page) > MOST_BYTES:
            raise RefusedError(f"more than {MOST_BYTES} bytes")
    if exchange.over:
        raise RefusedError(f"not all there after {MOST_SECONDS:g} seconds")
    return page
