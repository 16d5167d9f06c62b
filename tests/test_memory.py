"""Forms in which a decoder holds the keys and values of articles: they give what plain attention gives."""

import pytest
import torch
from torch import Tensor

from svodka.engines.t5.keys_values import Heads, Int8Rows, Remember, Rows, as_fits
from svodka.engines.t5.workspace import Workspace

B, H, S, E = 5, 3, 17, 8


def drawn(beams: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Queries, keys and values as split heads give them, and a bias that blocks the end of an article."""
    torch.manual_seed(0)
    queries = torch.randn(B, beams, H, E).transpose(1, 2)
    keys, values = (torch.randn(B, S, H, E).transpose(1, 2) for _ in range(2))
    bias = torch.zeros(B, 1, 1, S)
    bias[1, ..., 9:] = torch.finfo(torch.float32).min
    return queries, keys, values, bias


def by_definition(queries: Tensor, keys: Tensor, values: Tensor, bias: Tensor) -> Tensor:
    return (queries @ keys.transpose(2, 3) + bias).softmax(dim=-1) @ values


@pytest.mark.parametrize("beams", [1, 4])
@pytest.mark.parametrize(("form", "error"), [(Heads, 1e-5), (Rows, 1e-5), (Int8Rows, 0.03)])
def test_a_form_gives_what_attention_is_defined_as(form: Remember, error: float, beams: int) -> None:
    queries, keys, values, bias = drawn(beams)
    with torch.inference_mode():
        memory = form(keys, values, Workspace())
        expected = by_definition(queries, keys, values, bias)
        torch.testing.assert_close(memory.find(queries, bias), expected, atol=error, rtol=0)
        left = [1, 4]
        memory.keep(left)
        torch.testing.assert_close(memory.find(queries[left], bias[left]), expected[left], atol=error, rtol=0)


def test_eight_bits_hold_a_rows_ends_exactly_and_each_row_has_its_own() -> None:
    # The query scores both keys alike, so that the mean of the values is found. One runs from -1 to 1, the other from 0
    # to 1000: with one scale for both the first would be lost.
    keys, values = torch.ones(1, 1, 2, 1), torch.tensor([[[[-1.0, 1.0], [0.0, 1000.0]]]])
    found = Int8Rows(keys, values, Workspace()).find(torch.ones(1, 1, 1, 1), torch.zeros(1, 1, 1, 2))
    torch.testing.assert_close(found, torch.tensor([[[[-0.5, 500.5]]]]), atol=1e-4, rtol=0)


def test_rows_are_for_float32_on_a_cpu() -> None:
    keys = torch.ones(1, 1, 2, 4)
    assert isinstance(as_fits(keys, keys, Workspace()), Rows)
    assert isinstance(as_fits(keys.bfloat16(), keys.bfloat16(), Workspace()), Heads)
