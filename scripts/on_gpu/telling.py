"""What a run tells while it goes."""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def telling(path: Path) -> Callable[[Mapping[str, Any]], None]:
    """Prints facts as lines of JSON with the second, and adds them to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()

    def say(facts: Mapping[str, Any]) -> None:
        told = {"second": round(time.monotonic() - began, 1)}
        told |= {name: round(value, 4) if isinstance(value, float) else value for name, value in facts.items()}
        print(json.dumps(told), flush=True)
        with path.open("a") as file:
            file.write(json.dumps(told) + "\n")

    return say
