"""Windows over a long sequence."""

import pytest

from svodka.model.windows import Window, cut


def test_by_hand() -> None:
    # 20 tokens, windows of 10 that share 4: they start at 0, 6 and, moved back so that it is full, at 10.
    # Shared are 6..9 (their middle is 8) and 10..15 (their middle is 13).
    assert cut(20, 10, overlap=4, limit=9) == [Window(0, 10, 0, 8), Window(6, 16, 8, 13), Window(10, 20, 13, 20)]


def test_a_short_sequence_is_one_window() -> None:
    assert cut(7, 10, overlap=4, limit=9) == [Window(0, 7, 0, 7)]
    assert cut(10, 10, overlap=4, limit=9) == [Window(0, 10, 0, 10)]
    assert cut(0, 10, overlap=4, limit=9) == [Window(0, 0, 0, 0)]


def test_one_token_more_opens_a_second_window() -> None:
    assert cut(11, 10, overlap=4, limit=9) == [Window(0, 10, 0, 5), Window(1, 11, 5, 11)]


def test_what_the_limit_cannot_cover_is_left_out_at_the_end() -> None:
    assert cut(1000, 10, overlap=4, limit=2)[-1] == Window(6, 16, 8, 16)
    assert cut(1000, 10, overlap=4, limit=1) == [Window(0, 10, 0, 10)]


@pytest.mark.parametrize(("capacity", "overlap"), [(5, 0), (5, 2), (6, 3), (7, 6), (1, 0)])
@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_every_token_is_owned_once(capacity: int, overlap: int, limit: int) -> None:
    for n in range(60):
        windows = cut(n, capacity, overlap=overlap, limit=limit)
        assert 1 <= len(windows) <= limit
        owned = [i for w in windows for i in range(w.own_start, w.own_stop)]
        assert owned == list(range(min(n, capacity + (limit - 1) * (capacity - overlap))))
        assert all(w.start <= w.own_start <= w.own_stop <= w.stop <= n for w in windows)
        assert all(w.stop - w.start == min(n, capacity) for w in windows)
