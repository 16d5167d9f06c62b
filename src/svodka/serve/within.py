"""Work for a request, which ends with it."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from fastapi import Request
from starlette.exceptions import HTTPException

Found = TypeVar("Found")


async def within(request: Request, seconds: float, work: Coroutine[Any, Any, Found]) -> Found:
    """The result of `work`, which ends when its time is over or the client has gone.

    Raises:
        TimeoutError: the time is over.
        HTTPException: the client has gone; nobody reads it.
    """
    task, gone = asyncio.ensure_future(work), asyncio.ensure_future(_gone(request))
    try:
        done, _ = await asyncio.wait({task, gone}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if task in done:
            return task.result()
        if gone in done:
            raise HTTPException(499, "the client has gone")
        raise TimeoutError
    finally:
        task.cancel()
        gone.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
