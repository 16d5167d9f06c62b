"""What a bundle costs: bytes on disk, and articles a second beside another bundle, in turns on the same machine."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from svodka.annotator import Annotator
from svodka.article import Article


def size_of(bundle: Path) -> dict[str, Any]:
    """Bytes of all files of a bundle, and of its weights."""
    files = [path for path in bundle.rglob("*") if path.is_file()]
    return {
        "bytes": sum(path.stat().st_size for path in files),
        "weight_bytes": sum(path.stat().st_size for path in files if path.suffix == ".safetensors"),
    }


def speeds(
    annotators: Mapping[str, Annotator], articles: Sequence[Article], rounds: int,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, Any]:  # fmt: skip
    """Articles a second of each, which take turns; a first round does not count.

    Returns:
        `articles`, `rounds`, `cores`, `threads`; under `bundles` {name: `median`, `least`, `most`, `engine`}; `ratio`,
        the median over the rounds of the first one's rate to that of each other, by name.
    """
    import torch

    rates: dict[str, list[float]] = {name: [] for name in annotators}
    for _ in range(rounds + 1):
        for name, annotator in annotators.items():
            begin = clock()
            annotator(list(articles))
            rates[name].append(len(articles) / (clock() - begin))
    first, *others = [values[1:] for values in rates.values()]
    names = list(rates)
    return {
        "articles": len(articles),
        "rounds": rounds,
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "bundles": {
            name: {
                "median": median(values[1:]),
                "least": min(values[1:]),
                "most": max(values[1:]),
                "engine": annotators[name].engine,
            }
            for name, values in rates.items()
        },
        "ratio": {
            name: median(a / b for a, b in zip(first, other, strict=True))
            for name, other in zip(names[1:], others, strict=True)
        },
    }
