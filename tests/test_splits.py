"""Dividing articles by group, at random or by date."""

import pytest

from svodka.article import Article
from svodka.config.data import SplitConfig
from svodka.data.splits import split_of_each
from svodka.errors import DataError


def articles(n: int, dates: list[str] | None = None) -> list[Article]:
    return [Article("текст", id=f"a{i}", date=dates[i] if dates else "") for i in range(n)]


def test_sizes_are_exact_when_groups_are_single() -> None:
    splits = split_of_each(articles(100), range(100), SplitConfig(test=17, validation=0.1))
    assert (splits.count("test"), splits.count("validation"), splits.count("train")) == (17, 10, 73)


def test_a_group_is_never_torn() -> None:
    groups = [i // 3 for i in range(60)]
    splits = split_of_each(articles(60), [g * 3 for g in groups], SplitConfig(test=9, validation=6))
    assert all(len({splits[i] for i in range(60) if groups[i] == g}) == 1 for g in range(20))
    assert splits.count("test") == 9


def test_a_group_too_big_for_a_split_stays_in_train() -> None:
    groups = [0] * 50 + list(range(50, 60))
    splits = split_of_each(articles(60), groups, SplitConfig(test=5, validation=5))
    assert set(splits[:50]) == {"train"}
    assert splits.count("test") == splits.count("validation") == 5


def test_the_seed_decides_and_the_order_of_reading_does_not() -> None:
    own = articles(50)
    one = dict(zip([a.id for a in own], split_of_each(own, range(50), SplitConfig(seed=1)), strict=True))
    turned = own[::-1]
    again = dict(zip([a.id for a in turned], split_of_each(turned, range(50), SplitConfig(seed=1)), strict=True))
    other = split_of_each(own, range(50), SplitConfig(seed=2))
    assert one == again
    assert list(one.values()) != other


def test_by_date_holds_out_the_latest_and_never_the_undated() -> None:
    dates = ["2024-03-05", "", "2024-03-01", "2024-03-04", "2024-03-02"]
    splits = split_of_each(articles(5, dates), range(5), SplitConfig(by="date", test=1, validation=1))
    assert splits == ["test", "train", "train", "validation", "train"]


def test_by_date_without_dates() -> None:
    with pytest.raises(DataError, match=r"split\.by is 'date', but no article has a date; use split\.by=group"):
        split_of_each(articles(5), range(5), SplitConfig(by="date", test=1, validation=1))


def test_more_held_out_than_there_is() -> None:
    with pytest.raises(DataError, match=r"4 articles are left, but split\.test and split\.validation ask for 3 and 1"):
        split_of_each(articles(4), range(4), SplitConfig(test=3, validation=1))
