"""Dictionaries and models that are loaded when first asked for."""

from collections.abc import Callable
from functools import cache, wraps
from threading import RLock
from typing import TypeVar

Loaded = TypeVar("Loaded")

# One for all, as what is loaded may load another; threads that come together wait, where `cache` would load for each.
_LOADING = RLock()


def loaded_once(load: Callable[[], Loaded]) -> Callable[[], Loaded]:
    """`load`, called once in a process, whichever thread comes first."""
    kept = cache(load)

    @wraps(load)
    def given() -> Loaded:
        with _LOADING:
            return kept()

    return given
