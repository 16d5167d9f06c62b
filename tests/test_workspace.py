"""Memory that one batch after another is computed in."""

import torch

from svodka.engines.t5.workspace import Workspace


def test_the_next_batch_has_the_memory_of_the_last() -> None:
    space, like = Workspace(), torch.empty(0)
    first = [space.take(2, 3, like=like), space.take(4, like=like)]
    space.clear()
    again = [space.take(3, 1, like=like), space.take(2, 2, like=like)]
    assert [tensor.data_ptr() for tensor in again] == [tensor.data_ptr() for tensor in first]
    assert [tensor.shape for tensor in again] == [(3, 1), (2, 2)]


def test_tensors_of_one_batch_are_apart() -> None:
    space, like = Workspace(), torch.empty(0)
    for sizes in ((2, 2), (5, 1)):
        space.clear()
        one, other = (space.take(size, like=like) for size in sizes)
        one.fill_(1.0)
        other.fill_(2.0)
        assert one.eq(1.0).all()
        assert other.eq(2.0).all()


def test_another_kind_of_numbers_has_memory_of_its_own() -> None:
    space = Workspace()
    space.take(4, like=torch.empty(0))
    space.clear()
    assert space.take(4, like=torch.empty(0, dtype=torch.bfloat16)).dtype == torch.bfloat16
