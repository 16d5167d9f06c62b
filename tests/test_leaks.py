"""The last look before data are written."""

import pytest

from svodka.article import Article
from svodka.data.leaks import check_leaks
from svodka.errors import DataError

LEAD = "Новый автобус пойдёт от вокзала до больницы с первого июня."


def test_clean_data_pass() -> None:
    check_leaks([Article("Один текст.", id="a"), Article("Другой.", id="b")], ["train", "test"], [])


def test_near_duplicates_within_a_split_pass() -> None:
    check_leaks([Article("Один текст.", id="a"), Article("Один текст!", id="b")], ["train", "train"], [(0, 1)])


def test_a_near_duplicate_across_splits_is_named() -> None:
    pair = [Article("Один текст.", id="a"), Article("Один текст!", id="b")]
    with pytest.raises(DataError, match=r"1 near-duplicate pair\(s\) lie in different .*: a \(train\) and b \(test"):
        check_leaks(pair, ["train", "test"], [(0, 1)])


def test_a_lead_left_in_the_text_is_named() -> None:
    told = Article(f"{LEAD} Билет подорожает.", id="r-7", summary=LEAD)
    with pytest.raises(DataError, match=r"1 article\(s\) still hold their summary or tags in the text: r-7"):
        check_leaks([told], ["train"], [])


def test_many_are_counted_and_a_few_shown() -> None:
    told = [Article("Автобус едет.\nТранспорт Общество", id=f"t{i}", tags=("транспорт", "общество")) for i in range(8)]
    with pytest.raises(DataError, match=r"8 article\(s\) .*: t0; t1; t2; t3; t4 and 3 more"):
        check_leaks(told, ["train"] * 8, [])
