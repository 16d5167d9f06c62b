"""One input that makes a computation fail shall not take the others with it."""

from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def isolated(compute: Callable[[Sequence[Item]], Sequence[Result]], items: Sequence[Item]) -> list[Result | Exception]:
    """Compute all at once; if that fails, each half, down to the item that makes it fail.

    Args:
        compute: gives one result an item, in their order.
        items: any number of them.

    Returns:
        For each item its result, or the exception that it alone raises.
    """
    try:
        return list(compute(items))
    except Exception as error:
        if len(items) == 1:
            return [error]
    middle = len(items) // 2
    return [*isolated(compute, items[:middle]), *isolated(compute, items[middle:])]
