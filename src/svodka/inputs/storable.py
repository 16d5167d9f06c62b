"""Values that every file and database takes."""

import math
from collections.abc import Mapping
from typing import Any

_NOT_STORABLE = {0: "\ufffd"} | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


def storable(value: Any) -> Any:
    """A JSON value that every file and database takes: no NUL, no lone surrogate, no number that JSON lacks."""
    if isinstance(value, str):
        return value.translate(_NOT_STORABLE) if not value.isascii() or "\0" in value else value
    if isinstance(value, Mapping):
        return {storable(str(key)): storable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [storable(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
