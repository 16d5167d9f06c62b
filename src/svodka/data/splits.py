"""Dividing articles into train, validation and test, whole groups at a time."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from svodka.article import Article
from svodka.config.data import SplitConfig
from svodka.errors import DataError

SPLITS = ("train", "validation", "test")


def split_of_each(articles: Sequence[Article], groups: Sequence[int], config: SplitConfig) -> list[str]:
    """The split of each article; near-duplicates share one.

    A split is filled with groups that fit, so that its size is what the config asks wherever groups are small.
    The random order comes from the seed and the ids alone: the same article stays where it was when others come.

    Raises:
        DataError: fewer articles than the splits ask for, or a split by date with no dates.
    """
    n = len(articles)
    wanted = {"test": _size(config.test, n), "validation": _size(config.validation, n)}
    if n and sum(wanted.values()) >= n:
        raise DataError(
            f"{n} articles are left, but split.test and split.validation ask for {wanted['test']} and "
            f"{wanted['validation']}: nothing would remain to train on; lower them or loosen the filter"
        )
    members: dict[int, list[int]] = defaultdict(list)
    for position, group in enumerate(groups):
        members[group].append(position)
    splits = ["train"] * n
    room = dict(wanted)
    for group in _order(articles, members, config):
        name = next((name for name, left in room.items() if len(members[group]) <= left), None)
        if name:
            room[name] -= len(members[group])
            for position in members[group]:
                splits[position] = name
    return splits


def _size(asked: float, n: int) -> int:
    return round(asked * n) if asked < 1 else int(asked)


def _order(articles: Sequence[Article], members: dict[int, list[int]], config: SplitConfig) -> list[int]:
    if config.by == "group":
        return sorted(members, key=lambda group: _shuffled(articles[group].id, config.seed))
    latest = {group: max(articles[i].date for i in own) for group, own in members.items()}
    dated = [group for group, date in latest.items() if date]
    if articles and not dated:
        raise DataError("split.by is 'date', but no article has a date; use split.by=group")
    # Articles without a date are never held out: nothing says that they are late.
    return sorted(dated, key=lambda group: (latest[group], articles[group].id), reverse=True)


def _shuffled(name: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{name}".encode("utf-8", "surrogatepass")).hexdigest()
