"""Near-duplicates and their groups."""

from svodka.config.data import DuplicateConfig
from svodka.data.duplicates import groups, jaccard, near_duplicates

BODY = (
    "Паром «Северянка» вернулся на переправу через Вятку после ремонта. Рейсы идут каждые сорок минут, последний "
    "отходит от левого берега в девять вечера. Цену билета обещают не поднимать до конца навигации."
)


def test_jaccard_by_hand() -> None:
    # {1,2,3} and {2,3,4,5}: two shared of five.
    assert jaccard(frozenset({1, 2, 3}), frozenset({2, 3, 4, 5})) == 2 / 5
    assert jaccard(frozenset(), frozenset()) == 0.0


def test_a_retold_ending_is_still_a_near_duplicate() -> None:
    retold = BODY.replace("до конца навигации", "до весны")
    other = "Сборная области по лыжным гонкам выиграла эстафету на первенстве округа, обойдя хозяев на финише."
    assert near_duplicates([BODY, other, retold], DuplicateConfig()) == [(0, 2)]


def test_punctuation_case_and_yo_do_not_hide_a_copy() -> None:
    shouted = BODY.upper().replace(",", " —").replace(".", "!")
    assert near_duplicates([BODY, shouted], DuplicateConfig()) == [(0, 1)]


def test_texts_shorter_than_a_shingle_are_compared_whole() -> None:
    assert near_duplicates(["Матч отменён", "матч отменен", "Матч перенесён"], DuplicateConfig(shingle=3)) == [(0, 1)]


def test_empty_texts_are_no_duplicates_of_each_other() -> None:
    assert near_duplicates(["", " …", ""], DuplicateConfig()) == []


def test_many_copies_make_a_linear_number_of_pairs() -> None:
    assert near_duplicates([BODY] * 500, DuplicateConfig()) == [(0, i) for i in range(1, 500)]


def test_the_threshold_is_kept_exactly() -> None:
    # Words a..j give shingles of one word; ten against ten with eight shared: 8 / 12 = 0.667.
    one, other = "а б в г д е ж з и к", "а б в г д е ж з л м"
    assert near_duplicates([one, other], DuplicateConfig(shingle=1, threshold=0.66)) == [(0, 1)]
    assert near_duplicates([one, other], DuplicateConfig(shingle=1, threshold=0.67)) == []


def test_groups_join_chains_under_their_first_article() -> None:
    assert groups(6, [(4, 5), (1, 3), (3, 4)]) == [0, 1, 2, 1, 1, 1]
