"""JSON lines in and out: any number of articles in one request, answered in their order while they arrive."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

MOST_AT_ONCE = 64  # lines that are read before the first of them is answered
MEDIA_TYPE = "application/x-ndjson"
# Gives the answer to one line; never raises.
AnswerLine = Callable[[bytes], Coroutine[Any, Any, dict[str, Any]]]


class ClientGoneError(Exception):
    """Nobody reads the answer any more."""


class LinesResponse(Response):
    """Answers each line of the request's body by a line.

    It reads the body itself: one request's lines are answered before the last of them has arrived.
    """

    media_type = MEDIA_TYPE

    def __init__(self, answer: AnswerLine, *, line_bytes: int, seconds: float) -> None:
        """Take what answers a line.

        Args:
            answer: gives the answer to a line that is not empty.
            line_bytes: most bytes of a line; a longer one ends the answer.
            seconds: most seconds without a byte of an unfinished request.
        """
        super().__init__()
        self._answer, self._line_bytes, self._seconds = answer, line_bytes, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer until the body ends or the client has gone."""
        waiting: asyncio.Queue[asyncio.Task[dict[str, Any]] | None] = asyncio.Queue(MOST_AT_ONCE)
        headers = [(name, value) for name, value in self.raw_headers if name != b"content-length"]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        reading = asyncio.create_task(self._read(receive, waiting))
        try:
            while (task := await waiting.get()) is not None:
                line = json.dumps(await task, ensure_ascii=False).encode() + b"\n"
                await send({"type": "http.response.body", "body": line, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            reading.cancel()
            while not waiting.empty():
                left = waiting.get_nowait()
                if left is not None:
                    left.cancel()

    async def _read(self, receive: Receive, waiting: "asyncio.Queue[asyncio.Task[dict[str, Any]] | None]") -> None:
        """Begin with each line as it arrives, and put its answer's task in order."""
        trouble = ""
        try:
            async for line in self._lines(receive):
                if line.strip():
                    await self._begun(line, waiting)
        except TimeoutError:
            trouble = f"no byte for {self._seconds:g} seconds; the lines before are answered"
        except ValueError as error:
            trouble = str(error)
        except ClientGoneError:
            pass
        if trouble:
            await waiting.put(asyncio.create_task(_told(trouble)))
        await waiting.put(None)

    async def _begun(self, line: bytes, waiting: "asyncio.Queue[asyncio.Task[dict[str, Any]] | None]") -> None:
        task = asyncio.create_task(self._answer(line))
        try:
            await waiting.put(task)
        except asyncio.CancelledError:  # it stands in no queue, where the others are cancelled
            task.cancel()
            raise

    async def _lines(self, receive: Receive) -> AsyncIterator[bytes]:
        rest, more = b"", True
        while more:
            async with asyncio.timeout(self._seconds):
                message: Message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGoneError
            *lines, rest = (rest + message.get("body", b"")).split(b"\n")
            more = message.get("more_body", False)
            for line in lines:
                yield line
            if len(rest) > self._line_bytes:
                raise ValueError(f"a line has more than {self._line_bytes} bytes; the lines before it are answered")
        yield rest


async def _told(trouble: str) -> dict[str, Any]:
    return {"error": {"type": "bad_request", "message": trouble}}
