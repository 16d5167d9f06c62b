"""A request's bytes and the time in which they arrive, before anything reads it."""

import asyncio
import time
from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from svodka.serve.options import Limits
from svodka.serve.problems import answer_of

# Counts a request: the pattern of its path, its status, its seconds.
Count = Callable[[str, int, float], None]


class Bounded:
    """Middleware that refuses what is too large or too slow, and counts every request."""

    def __init__(self, app: ASGIApp, limits: Limits, count: Count, streams: frozenset[str] = frozenset()) -> None:
        """Wrap an app.

        Args:
            app: what answers.
            limits: of a request.
            count: is told of every request that was answered.
            streams: paths whose requests may be of any length, as they are read in pieces.
        """
        self._app, self._limits, self._count, self._streams = app, limits, count, streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.monotonic(), 0

        async def noted(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            if scope["path"] in self._streams:
                await self._app(scope, receive, noted)
            elif self._is_too_long(scope):
                await answer_of(self._refusal())(scope, receive, noted)
            else:
                await self._app(scope, self._bounded(receive, begun + self._limits.seconds), noted)
        finally:
            self._count(getattr(scope.get("route"), "path", "other"), status or 499, time.monotonic() - begun)

    def _is_too_long(self, scope: Scope) -> bool:
        lengths = [value for name, value in scope["headers"] if name == b"content-length"]
        return any(int(value) > self._limits.body for value in lengths if value.isdigit())

    def _refusal(self) -> HTTPException:
        return HTTPException(413, f"a request has at most {self._limits.body} bytes; send fewer articles at once")

    def _bounded(self, receive: Receive, end: float) -> Receive:
        size, whole = 0, False

        async def next_message() -> Message:
            nonlocal size, whole
            if whole:  # what comes now is that the client has gone
                return await receive()
            try:
                async with asyncio.timeout(end - time.monotonic()):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, f"not all there after {self._limits.seconds:g} seconds") from None
            size += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if size > self._limits.body:
                raise self._refusal()
            return message

        return next_message
