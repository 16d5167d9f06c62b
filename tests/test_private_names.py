"""Private names of libraries that we rely on: on the day one vanishes, a test says which and what stands on it."""

import inspect

import pytest
import torch


def test_transformers_leaves_alone_what_is_marked_as_initialised() -> None:
    # Else `heads/sentences.py` has to keep its own initial weights another way.
    from transformers import PreTrainedModel

    assert "_is_hf_initialized" in inspect.getsource(PreTrainedModel._initialize_weights)


def test_a_dataset_has_a_fingerprint_that_follows_its_rows() -> None:
    # Else `training/features.py` has to name its cache files by another hash of the rows.
    from datasets import Dataset

    one, other = (Dataset.from_dict({"text": [text]}) for text in ("Мост открыли.", "Снег идёт."))
    assert isinstance(one._fingerprint, str)
    assert one._fingerprint != other._fingerprint


@pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="this build of torch has no oneDNN")
def test_torch_has_the_products_of_packed_weights() -> None:
    # Else `engines/products.py` leaves the weights as they are, and the engine `fast` is slower.
    for name in ("_reorder_linear_weight", "_linear_pointwise", "_is_mkldnn_bf16_supported"):
        assert getattr(torch.ops.mkldnn, name, None) is not None, name
