"""What the encoder has read once is not read again, whatever is beside it, and what nobody asks for goes."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from networks import with_random_heads
from svodka.article import Article
from svodka.bundle import load_bundle
from svodka.learning.kept import KeptStates
from svodka.learning.readings import read

ARTICLES = [
    Article("Мост через Каменку открыли. По мосту проехал автобус.", title="Город ждал моста"),
    Article("Новый мост построят за рекой. Опоры моста уже стоят. Их красят.", title="Опоры готовы"),
]


class Counting:
    """An encoder of width 2 whose states are the token and its double; counts its windows."""

    def __init__(self) -> None:
        self.windows = 0

    def __call__(self, ids: Tensor, mask: Tensor) -> Tensor:
        self.windows += len(ids)
        return torch.stack([ids, 2 * ids], dim=-1).float()


def windows(*rows: list[int]) -> tuple[Tensor, Tensor]:
    """Rows of tokens padded by 9, and their mask."""
    width = max(map(len, rows))
    ids = [[*row, *[9] * (width - len(row))] for row in rows]
    return torch.tensor(ids), torch.tensor([[int(i < len(row)) for i in range(width)] for row in rows])


def test_a_window_is_computed_once_however_it_is_padded() -> None:
    compute = Counting()
    encode = KeptStates().encoder(compute)
    assert encode(*windows([1, 2, 3], [4])).tolist() == [[[1, 2], [2, 4], [3, 6]], [[4, 8], [0, 0], [0, 0]]]
    assert compute.windows == 2
    # «4» is known; «4, 5» is another window, and behind its end stands nothing.
    assert encode(*windows([4], [4, 5])).tolist() == [[[4, 8], [0, 0]], [[4, 8], [5, 10]]]
    assert compute.windows == 3
    assert encode(*windows([4, 5])).tolist() == [[[4, 8], [5, 10]]]
    assert compute.windows == 3


def test_what_nobody_asked_for_is_forgotten() -> None:
    kept, compute = KeptStates(), Counting()
    encode = kept.encoder(compute)
    encode(*windows([1], [2]))
    kept.forget_unasked()
    encode(*windows([2], [3]))
    kept.forget_unasked()
    assert compute.windows == 3
    encode(*windows([1], [2], [3]))
    assert compute.windows == 4


def test_what_does_not_fit_is_computed_each_time() -> None:
    # A token has two numbers: one window of two tokens fits, and nothing beside it.
    compute = Counting()
    encode = KeptStates(most=4).encoder(compute)
    for _ in range(2):
        assert encode(*windows([1, 2], [3])).tolist() == [[[1, 2], [2, 4]], [[3, 6], [0, 0]]]
    assert compute.windows == 3


def test_readings_are_the_same_and_the_encoder_stands_still(trained: Path, tmp_path: Path) -> None:
    bundle = load_bundle(with_random_heads(trained / "run" / "bundle", tmp_path / "bundle", weight=False))
    kept = KeptStates()
    plain, first = read(bundle, ARTICLES), read(bundle, ARTICLES[:1], kept=kept)
    second = read(bundle, ARTICLES, kept=kept)
    assert np.allclose(first.odds, plain.odds[:1], atol=1e-5)
    assert np.allclose(second.odds, plain.odds, atol=1e-5)
    assert np.allclose(second.attended, plain.attended, atol=1e-5)

    def never(ids: Tensor, mask: Tensor) -> Tensor:
        pytest.fail("the encoder was asked again")

    bundle.model.token_states = never
    again = partial(read, kept=kept)(bundle, list(reversed(ARTICLES)))
    assert np.allclose(again.odds[::-1], plain.odds, atol=1e-5)
