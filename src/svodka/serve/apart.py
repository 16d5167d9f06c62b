"""Work with a model beside the batches."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Found = TypeVar("Found")


async def apart(work: Callable[[], Found]) -> Found:
    """The result of work in a thread that ends with it.

    Not `asyncio.to_thread`, whose threads stay: with OpenMP's idle threads of one that has computed beside those of the
    batches there are more of them than cores, and then OpenMP puts them to sleep after every operation of a batch.
    """
    pool = ThreadPoolExecutor(1, "svodka-apart")
    try:
        return await asyncio.get_running_loop().run_in_executor(pool, work)
    finally:
        pool.shutdown(wait=False)
