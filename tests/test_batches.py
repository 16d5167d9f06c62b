"""What is prepared and computed together."""

from svodka.engines.batches import Budget, batches, budget, portions
from svodka.model.encoding import Encoding


def encoding(windows: int, width: int) -> Encoding:
    return Encoding([[7] * width] * windows, [[0] * width] * windows, ["Заголовок"], 1, 0)


def test_a_batch_holds_like_shapes_and_its_padding_counts() -> None:
    given = [encoding(1, 30), encoding(2, 40), encoding(1, 50), encoding(1, 20)]
    # Largest first: [2, 40] alone has 80; with [1, 50] it would be padded to 2 of 2 x 50.
    assert list(batches(given, Budget(tokens=100))) == [[1], [2, 0], [3]]
    assert list(batches(given, Budget(tokens=400))) == [[1, 2, 0, 3]]
    assert list(batches(given, Budget(tokens=400, articles=3))) == [[1, 2, 0], [3]]


def test_what_exceeds_the_budget_is_a_batch_of_its_own() -> None:
    assert list(batches([encoding(9, 50), encoding(1, 5)], Budget(tokens=100))) == [[0], [1]]


def test_portions_are_longest_first_and_shared_out() -> None:
    each = Budget(1, side_by_side=True)
    # Few characters: 4,096 a portion, and an article that exceeds them is one of its own.
    assert list(portions([1000, 3000, 5000, 100, 2000], each)) == [[2], [1], [4, 0, 3]]
    # 320 articles of 1,000: a thirty-second is 10,000 characters.
    assert [len(portion) for portion in portions([1000] * 320, each)] == [10] * 32
    # A million: never more than 16,384.
    assert {len(portion) for portion in portions([1000] * 1000, each)} == {16, 8}


def test_what_is_not_shared_out_is_one_portion_of_so_many_articles() -> None:
    assert list(portions([1, 2, 3], Budget(1, articles=2))) == [[2, 1], [0]]
    assert list(portions([9000, 20_000, 30_000], Budget(1))) == [[2, 1, 0]]
    assert list(portions([], Budget(1, side_by_side=True))) == []


def test_only_a_cpu_that_reads_has_articles_side_by_side() -> None:
    assert budget("cpu", writes=False).side_by_side
    assert budget("cpu:0", writes=False) == budget("cpu", writes=False)
    assert not budget("cpu", writes=True).side_by_side
    assert not budget("cuda", writes=False).side_by_side
    assert budget("cuda", writes=True, tokens=640).tokens == budget("cpu", writes=False, tokens=640).tokens == 640
