"""Batches computed side by side: in order, on threads that leave torch's own number as it was."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
import torch

from svodka.engines.side_by_side import MOST_THREADS, side_by_side


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def threads_here(_: object = None) -> int:
    torch.zeros(1).sum()
    return torch.get_num_threads()


def asked_in_a_new_thread() -> int:
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(threads_here()))
    thread.start()
    thread.join()
    return found[0]


def test_results_come_in_order_though_later_items_are_done_first() -> None:
    second_done = threading.Event()

    def compute(item: int) -> int:
        if item == 0:
            assert second_done.wait(30), "the second item is not computed beside the first"
        if item == 1:
            second_done.set()
        return item * item

    assert list(side_by_side(compute, range(9))) == [i * i for i in range(9)]


def test_each_item_has_one_thread_and_the_callers_number_stays() -> None:
    assert list(side_by_side(threads_here, range(5))) == [1] * 5
    assert (torch.get_num_threads(), asked_in_a_new_thread()) == (2, 2)


def test_a_thread_that_begins_meanwhile_has_the_callers_number() -> None:
    found = side_by_side(threads_here, range(9))
    assert next(found) == 1
    assert asked_in_a_new_thread() == 2
    assert list(found) == [1] * 8


def test_many_threads_are_shared_out() -> None:
    torch.set_num_threads(2 * MOST_THREADS)
    assert list(side_by_side(threads_here, range(3))) == [2] * 3


@pytest.mark.parametrize(("items", "threads"), [(1, 2), (3, 1)])
def test_a_single_item_and_a_single_thread_stay_with_the_caller(items: int, threads: int) -> None:
    torch.set_num_threads(threads)
    caller = threading.get_ident()
    assert (
        list(side_by_side(lambda _: (threading.get_ident(), threads_here()), range(items)))
        == [(caller, threads)] * items
    )


def test_nothing_gives_nothing() -> None:
    assert list(side_by_side(threads_here, [])) == []


def test_few_items_are_taken_ahead() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for i in range(100):
            taken.append(i)
            yield i

    found = side_by_side(lambda item: item, items())
    for item in range(10):
        assert next(found) == item
        assert len(taken) <= item + 4
    found.close()
    assert len(taken) <= 13


def test_an_error_is_the_callers_and_ends_the_rest() -> None:
    done: list[int] = []

    def compute(item: int) -> int:
        if item == 2:
            raise ValueError("item 2 is broken")
        done.append(item)
        return item

    with pytest.raises(ValueError, match="item 2 is broken"):
        list(side_by_side(compute, range(1000)))
    assert max(done) < 10
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("svodka")]
    assert asked_in_a_new_thread() == 2


FORKED = """
import os, signal, sys
import torch
from svodka.engines.side_by_side import side_by_side

def work(size):
    return float((torch.ones(size, size) @ torch.ones(size, size)).sum())

torch.set_num_threads(2)
work(500), list(side_by_side(work, [500] * 4))
child = os.fork()
if not child:
    signal.alarm(60)  # ends it if it waits for threads that are not there
    found = [work(500), *side_by_side(work, [500] * 4)]
    os._exit(0 if found == [500.0**3] * 5 and torch.get_num_threads() == 1 else 1)
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.exit(status or torch.get_num_threads() != 2)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_the_child_of_a_process_that_computed_computes_too() -> None:
    done = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
