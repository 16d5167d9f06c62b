"""Which articles belong together: by length, by source, by language, by date."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

MOST_GROUPS = 12


def groups(articles: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, list[int]]]:
    """Places of articles by kind of slice and name of group.

    Args:
        articles: with `words`, `source`, `lang` and `date`, as a report keeps them; an older one has no `lang`.

    Returns:
        `length` (quarters of the articles by words), `source`, `language` and `date` (years; months where one year
        holds all); a kind that would have one group is left out, and so are the smallest groups beyond `MOST_GROUPS`.
    """
    found = {
        "length": _by_length([int(a["words"]) for a in articles]),
        "source": _collect([str(a["source"]) for a in articles]),
        "language": _collect([str(a.get("lang", "")) for a in articles]),
        "date": _by_date([str(a["date"]) for a in articles]),
    }
    return {kind: _largest(named) for kind, named in found.items() if len(named) > 1}


def _by_length(lengths: Sequence[int]) -> dict[str, list[int]]:
    edges = sorted({int(x) for x in np.quantile(lengths, [0.25, 0.5, 0.75], method="higher")})
    bands = zip([min(lengths), *(edge + 1 for edge in edges)], [*edges, max(lengths)], strict=True)
    names = [f"{low}–{high} words" for low, high in bands]
    return _collect([names[int(np.searchsorted(edges, n))] for n in lengths], names)


def _by_date(dates: Sequence[str]) -> dict[str, list[int]]:
    years = {date[:4] for date in dates if date}
    return _collect([date[: 7 if len(years) == 1 else 4] for date in dates])


def _collect(names: Sequence[str], order: Sequence[str] = ()) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {name: [] for name in (order or sorted(set(names)))}
    for place, name in enumerate(names):
        found[name].append(place)
    # "" is an article without a source, a language or a date.
    return {name or "unknown": places for name, places in found.items() if places}


def _largest(named: Mapping[str, list[int]]) -> dict[str, list[int]]:
    kept = sorted(named, key=lambda name: -len(named[name]))[:MOST_GROUPS]
    return {name: named[name] for name in named if name in kept}
