"""Windows over a long sequence."""

from itertools import pairwise

import pytest

from svodka.model.windows import Window, cut


def test_by_hand() -> None:
    # 18 tokens in windows of at most 10 that share 4: two reach 16, so there are three, of (18 + 2 * 4) / 3 rounded up,
    # 9 tokens. The last starts at 9, the one between at 4. Shared are 4..8 (middle 6) and 9..12 (middle 11).
    assert cut(18, 10, overlap=4, limit=9) == [Window(0, 9, 0, 6), Window(4, 13, 6, 11), Window(9, 18, 11, 18)]


def test_windows_are_full_where_they_have_to_be() -> None:
    assert cut(22, 10, overlap=4, limit=9) == [Window(0, 10, 0, 8), Window(6, 16, 8, 14), Window(12, 22, 14, 22)]


def test_a_short_sequence_is_one_window() -> None:
    assert cut(7, 10, overlap=4, limit=9) == [Window(0, 7, 0, 7)]
    assert cut(10, 10, overlap=4, limit=9) == [Window(0, 10, 0, 10)]
    assert cut(0, 10, overlap=4, limit=9) == [Window(0, 0, 0, 0)]


def test_one_token_more_opens_a_second_window_and_both_are_short() -> None:
    # (11 + 4) / 2 rounded up is 8 tokens a window, where two full ones would read 20 for 11.
    assert cut(11, 10, overlap=4, limit=9) == [Window(0, 8, 0, 5), Window(3, 11, 5, 11)]


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
        sizes = {w.stop - w.start for w in windows}
        assert len(sizes) == 1
        assert max(sizes) <= capacity
        assert all(a.stop - b.start >= overlap for a, b in pairwise(windows))
        # No window could be a token shorter, and none could be spared.
        k, covered = len(windows), windows[-1].stop
        assert k * (max(sizes) - 1) < covered + (k - 1) * overlap or covered == 0
        assert k == 1 or (k - 1) * capacity - (k - 2) * overlap < covered
