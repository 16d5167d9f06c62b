"""Products of states with fixed weights."""

import pytest
import torch
from torch.nn.functional import linear

from svodka.engines.products import Int8Linear, as_stored, for_few_rows, in_int8


@pytest.mark.parametrize("make", [as_stored, for_few_rows])
@pytest.mark.parametrize("rows", [1, 8, 300])
def test_joined_weights_give_each_its_own_product(make, rows: int) -> None:  # type: ignore[no-untyped-def]
    torch.manual_seed(0)
    weights, states = (torch.randn(24, 16), torch.randn(7, 16)), torch.randn(rows, 2, 16)
    with torch.inference_mode():
        found = make(*weights)(states)
    assert [part.shape for part in found] == [(rows, 2, 24), (rows, 2, 7)]
    for part, weight in zip(found, weights, strict=True):
        torch.testing.assert_close(part, linear(states, weight), atol=1e-5, rtol=1e-5)


def test_bfloat16_has_products_on_every_processor() -> None:
    torch.manual_seed(0)
    weight, states = torch.randn(24, 16).bfloat16(), torch.randn(3, 2, 16).bfloat16()
    with torch.inference_mode():
        torch.testing.assert_close(for_few_rows(weight)(states)[0], linear(states, weight), atol=0.05, rtol=0.05)


def test_int8_by_hand() -> None:
    # The rows' scales are 2 / 127 and 1 / 127, so that 1 is 63.5, rounded to 64, of the first: 1.00787. States from 0
    # to 1 have 127 steps, which hold 0 and 1 exactly.
    found = in_int8(torch.tensor([[2.0, 1.0]]), torch.tensor([[0.0, -1.0]]))(torch.tensor([[1.0, 1.0], [0.0, 1.0]]))
    torch.testing.assert_close(found[0], torch.tensor([[2 + 128 / 127], [128 / 127]]), atol=1e-5, rtol=0)
    torch.testing.assert_close(found[1], torch.tensor([[-1.0], [-1.0]]), atol=1e-5, rtol=0)


def test_a_large_row_leaves_a_small_one_its_bits() -> None:
    torch.manual_seed(0)
    weight = torch.randn(2, 64) * torch.tensor([[1000.0], [0.001]])
    states = torch.rand(5, 64)
    found = Int8Linear(weight, torch.tensor([1.0, 0.0]))(states)
    exact = linear(states, weight, torch.tensor([1.0, 0.0]))
    assert ((found - exact).abs().amax(dim=0) < 0.03 * exact.abs().amax(dim=0)).all()


def test_a_large_token_leaves_a_small_one_its_bits() -> None:
    torch.manual_seed(0)
    states, weight = torch.rand(2, 64) * torch.tensor([[1000.0], [0.001]]), torch.randn(5, 64)
    exact = linear(states, weight)
    assert ((Int8Linear(weight, None)(states) - exact).abs().amax(dim=1) < 0.05 * exact.abs().amax(dim=1)).all()


def test_a_token_of_zeros_gets_the_bias() -> None:
    bias = torch.tensor([1.0, -2.0, 0.5])
    assert Int8Linear(torch.randn(3, 8), bias)(torch.zeros(1, 8)).eq(bias).all()


def test_a_row_of_zeros_stays_one() -> None:
    assert Int8Linear(torch.zeros(3, 8), None)(torch.randn(2, 8)).eq(0).all()
