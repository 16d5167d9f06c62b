"""Several batches at once on a CPU: a core that has a batch to itself waits for no other after each operator."""

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

import torch

# Python runs one thread at a time, which between operators more threads than these would wait for.
MOST_THREADS = 8
# A thread that has ended is gone from the system within microseconds. After this the fork below is no longer safe.
MOST_SECONDS_TO_END = 1.0

if hasattr(os, "register_at_fork"):
    # The threads that torch computed on are not in the child of a fork, which would wait for them for ever.
    os.register_at_fork(after_in_child=lambda: torch.set_num_threads(1))

Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side(compute: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """`compute` of each item, in their order, on as many threads as torch has here; a single item has all of these.

    Few items are taken ahead. An error of `compute` or of `items` ends it, what was not begun is left.

    Args:
        compute: is called from several threads at once.
        items: are taken in the calling thread.
    """
    given = iter(items)
    first = list(islice(given, 2))
    all_items, threads = chain(first, given), torch.get_num_threads()
    if threads == 1 or len(first) < 2:
        yield from map(compute, all_items)
        return
    n = min(threads, MOST_THREADS)
    with _pool(n, threads_of_each=threads // n) as pool:
        running: deque[Future[Result]] = deque()
        for item in all_items:
            running.append(pool.submit(compute, item))
            if len(running) == 2 * n:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


@contextmanager
def _pool(n: int, *, threads_of_each: int) -> Iterator[ThreadPoolExecutor]:
    """`n` threads, each with its own number of torch's threads. On leaving, what was not begun is cancelled."""
    own = torch.get_num_threads()
    threads: list[Path] = []
    pool = ThreadPoolExecutor(n, "svodka", initializer=_begin, initargs=(threads_of_each, threads))
    begun = threading.Barrier(n + 1)
    try:
        # What a thread sets is also what threads begin with that are new to torch, an application's among them. So all
        # are begun, and then it is set to what it was.
        for _ in range(n):
            pool.submit(begun.wait)
        begun.wait()
        torch.set_num_threads(own)
        yield pool
    finally:
        begun.abort()  # if this was interrupted, nobody waits for those that never came
        pool.shutdown(cancel_futures=True)
        _wait_for_the_end(threads)


def _wait_for_the_end(threads: list[Path]) -> None:
    """Until the system, where it tells (Linux), has these threads no more.

    Python calls a thread ended before MKL has given back its buffers. Who forks in between has a child in which the
    lock on them is held for ever.
    """
    deadline = time.monotonic() + MOST_SECONDS_TO_END
    while any(thread.exists() for thread in threads) and time.monotonic() < deadline:
        time.sleep(0)


def _begin(threads_of_each: int, threads: list[Path]) -> None:
    threads.append(Path("/proc/self/task", str(threading.get_native_id())))
    torch.set_num_threads(threads_of_each)
    # Only when a thread asks, or computes, does torch settle its number, by what was set last in any thread.
    torch.get_num_threads()
