"""JSON lines of the service, without a model."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from svodka.serve import lines


def test_whoever_has_gone_has_no_line_answered_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MOST_AT_ONCE", 1)
    ended: list[bytes] = []
    never = asyncio.Event()

    async def answer(line: bytes) -> dict[str, Any]:
        try:
            await never.wait()
        finally:
            ended.append(line)
        return {}

    async def receive() -> dict[str, Any]:
        if arriving:
            return {"type": "http.request", "body": arriving.pop(), "more_body": True}
        await never.wait()
        return {}

    async def send(message: Any) -> None:
        pass

    async def asked() -> list[bytes]:
        response = lines.LinesResponse(answer, line_bytes=9, seconds=9)
        request = asyncio.create_task(response({"type": "http"}, receive, send))
        for _ in range(9):
            await asyncio.sleep(0)
        request.cancel()
        with suppress(asyncio.CancelledError):
            await request
        for _ in range(9):
            await asyncio.sleep(0)
        return sorted(ended)

    arriving = [b"1\n2\n3\n4\n"]
    # The first is waited for, the second waits behind it, the third has no place in the queue; the fourth is not begun.
    assert asyncio.run(asked()) == [b"1", b"2", b"3"]
