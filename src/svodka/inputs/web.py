"""Files behind http and https addresses, as a file system of fsspec: fetched whole, from public hosts alone."""

import tempfile
from contextlib import ExitStack
from typing import IO, BinaryIO, cast

from urllib3.exceptions import HTTPError

from svodka.inputs.network import Exchange, RefusedError, own_words

_MOST_SECONDS = 3600.0  # of one file
_PIECE = 1 << 20


class Web:
    """What is asked of a file system for one address; there is nothing to list."""

    def isfile(self, address: str) -> bool:
        """Nobody knows before it is fetched."""
        return True

    def glob(self, address: str) -> list[str]:
        """The address itself: a `?` in it begins a query."""
        return [address]

    def unstrip_protocol(self, address: str) -> str:
        """The address itself."""
        return address

    def size(self, address: str) -> int:
        """Unknown."""
        return 0

    def open(self, address: str, mode: str = "rb") -> BinaryIO:
        """Fetch the file into a temporary one.

        Raises:
            OSError: it cannot be fetched, or its host is not public.
        """
        with ExitStack() as stack:
            file = stack.enter_context(tempfile.TemporaryFile())
            try:
                _fetch(address, file)
            except (HTTPError, RefusedError) as error:
                raise OSError(own_words(error)) from error
            file.seek(0)
            stack.pop_all()
            return cast("BinaryIO", file)


def _fetch(address: str, file: IO[bytes]) -> None:
    with Exchange(seconds=_MOST_SECONDS) as exchange, exchange.pool() as pool:
        response = pool.request("GET", address, preload_content=False)
        if response.status != 200:
            raise OSError(f"status {response.status}")
        for piece in response.stream(_PIECE, decode_content=False):
            file.write(piece)
        if exchange.over:
            raise OSError(f"not all there after {_MOST_SECONDS:.0f} seconds")
