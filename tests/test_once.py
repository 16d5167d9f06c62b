"""What is loaded on first use is loaded once, also by threads that come together."""

import threading
from concurrent.futures import ThreadPoolExecutor

from svodka.facts.once import loaded_once


def test_threads_that_come_together_load_once() -> None:
    loading, may_end, asking = (threading.Event() for _ in range(3))
    loads: list[object] = []

    @loaded_once
    def table() -> object:
        loads.append(object())
        loading.set()
        assert may_end.wait(30)
        return loads[-1]

    def ask() -> object:
        asking.set()
        return table()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(table)
        assert loading.wait(30)
        second = pool.submit(ask)
        assert asking.wait(30)
        may_end.set()
        assert first.result() is second.result() is loads[0]
    assert len(loads) == 1


def test_one_may_load_another() -> None:
    @loaded_once
    def rows() -> list[int]:
        return [1, 2]

    @loaded_once
    def table() -> list[list[int]]:
        return [rows()]

    assert table() == [[1, 2]]
    assert table()[0] is rows()
