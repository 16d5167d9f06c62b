"""Connections that go where they may and end in time, whatever the server does."""

import queue
import socket
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from types import TracebackType
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import Retry, Timeout

SILENCE_SECONDS = 20.0
_REDIRECTS = 5
_Address = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[Any, ...]]
_NAT64 = IPv6Network("64:ff9b::/96")


class RefusedError(Exception):
    """An exchange that we end ourselves."""


class Exchange:
    """One exchange with a server, redirects included; use it in a `with`.

    When its time is over every connection is cut, so that whatever waits for bytes goes on with an error at once.

    Attributes:
        over: whether the time is over.
    """

    def __init__(self, *, seconds: float, hosts: Collection[str] = (), advice: str = "") -> None:
        """Open nothing yet.

        Args:
            seconds: for all of it.
            hosts: names and addresses of hosts that need not be public.
            advice: how to allow another one, `{host}`; it follows the reason why it is refused.
        """
        self.over = False
        self._hosts, self._end = frozenset(host.lower() for host in hosts), time.monotonic() + seconds
        self._advice = advice
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(max(0.0, seconds), self._cut)
        self._timer.daemon = True

    def __enter__(self) -> "Exchange":
        self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._timer.cancel()
        with self._lock:
            for opened in self._sockets:
                opened.close()

    def pool(self) -> PoolManager:
        """What makes the connections of this exchange."""
        exchange = self

        # What urllib3's own SOCKS support overrides to open a connection in another way.
        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return exchange.connect(self.host, self.port or 80)

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return exchange.connect(self.host, self.port or 443)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        # The caller decides when to ask again.
        retries = Retry(
            total=_REDIRECTS, connect=0, read=0, status=0, other=0, redirect=_REDIRECTS,
            respect_retry_after_header=False,
        )  # fmt: skip
        manager = PoolManager(retries=retries, timeout=Timeout(connect=SILENCE_SECONDS, read=SILENCE_SECONDS))
        manager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
        return manager

    def connect(self, host: str, port: int) -> socket.socket:
        """A connection to a host, looked up once: what was checked is what is connected to.

        Raises:
            RefusedError: none of its addresses is public, and it is not among the hosts that need not be.
            OSError: it cannot be reached.
        """
        host = host.strip("[]")
        found = looked_up(host, port, seconds=max(0.001, self._end - time.monotonic()))
        allowed = [one for one in found if host.lower() in self._hosts or is_public(str(one[4][0]))]
        if not allowed:
            raise RefusedError(
                f"{host} has the address {found[0][4][0]}, which is not public{self._advice.format(host=host)}"
            )
        trouble: OSError | None = None
        for family, kind, protocol, _, address in allowed:
            try:
                return self._opened(family, kind, protocol, address)
            except OSError as error:
                trouble = error
        assert trouble
        raise trouble

    def _opened(self, family: int, kind: int, protocol: int, address: tuple[object, ...]) -> socket.socket:
        opened = socket.socket(family, kind, protocol)
        try:
            opened.settimeout(max(0.001, min(SILENCE_SECONDS, self._end - time.monotonic())))
            opened.connect(address)
            opened.settimeout(SILENCE_SECONDS)
            with self._lock:
                # A second handle on the same connection: TLS takes the first one over.
                self._sockets.append(opened.dup())
        except BaseException:
            opened.close()
            raise
        if self.over:
            self._cut()
        return opened

    def _cut(self) -> None:
        self.over = True
        with self._lock:
            for opened in self._sockets:
                # The server may have closed it already.
                with suppress(OSError):
                    opened.shutdown(socket.SHUT_RDWR)


def looked_up(host: str, port: int, *, seconds: float) -> Sequence[_Address]:
    """What `socket.getaddrinfo` says of a host, if it says it in time: it takes none, and a name server may be silent.

    Raises:
        RefusedError: the time is over.
        OSError: there is no such host.
    """
    answers: queue.SimpleQueue[Sequence[_Address] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except Exception as error:  # such as a name that no encoding of names takes
            answers.put(error)

    # One that nobody waits for any more ends with the resolver's own patience.
    threading.Thread(target=ask, daemon=True).start()
    try:
        found = answers.get(timeout=seconds)
    except queue.Empty:
        raise RefusedError(f"no name server told the address of {host} in time") from None
    if isinstance(found, Exception):
        raise found
    return found


def own_words(error: BaseException) -> str:
    """What to say of an error of an exchange: our own reason, if that is what is behind it."""
    cause: BaseException | None = error
    while cause and not isinstance(cause, RefusedError):
        cause = cause.__cause__ or cause.__context__ or getattr(cause, "reason", None)
    return str(cause) if cause else f"{type(error).__name__}: {error}"


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, those within it counted too (NAT64, 6to4, Teredo)."""
    ip = ip_address(address.partition("%")[0])
    return all(one.is_global and not one.is_multicast for one in _meant(ip))


def _meant(ip: IPv4Address | IPv6Address) -> Iterator[IPv4Address | IPv6Address]:
    if isinstance(ip, IPv4Address):
        yield ip
        return
    inside = [ip.ipv4_mapped, ip.sixtofour, ip.teredo[1] if ip.teredo else None]
    inside.append(IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None)
    found = [one for one in inside if one is not None]
    yield from found
    if not found:
        yield ip
