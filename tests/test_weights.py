"""Weights on disk: formats, what int8 costs, ties, and files that do not fit."""

from pathlib import Path

import pytest
import safetensors.torch
import torch
from transformers import BertConfig, T5Config

from svodka.errors import BundleError
from svodka.model import weights as module
from svodka.model.news_config import NewsConfig
from svodka.model.news_model import NewsModel
from svodka.model.weights import load_weights, quantised, save_weights

BERT = BertConfig(vocab_size=50, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8)
T5 = T5Config(
    vocab_size=50, d_model=8, d_kv=4, num_heads=2, num_layers=1, num_decoder_layers=1, d_ff=8,
    decoder_start_token_id=0, pad_token_id=0,
)  # fmt: skip


def model(backbone: BertConfig | T5Config = BERT) -> NewsModel:
    torch.manual_seed(1)
    decoder = 1.0 if backbone.is_encoder_decoder else 0.0
    made = NewsModel(NewsConfig(backbone=backbone, n_tags=6, lexical=True, decoder_weight=decoder))
    torch.nn.init.normal_(made.lexical.weight)
    return made


@pytest.mark.parametrize("backbone", [BERT, T5])
@pytest.mark.parametrize("kind", ["float32", "float16", "bfloat16", "int8"])
def test_every_format_comes_back_whole(
    backbone: BertConfig | T5Config, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LARGE", 100)
    before = model(backbone)
    save_weights(before, tmp_path / "w", kind)
    after = NewsModel(before.config)
    load_weights(after, tmp_path / "w")
    error = {"float32": 0, "float16": 1e-3, "bfloat16": 1e-2, "int8": 1 / 127}[kind]
    for name, tensor in after.state_dict().items():
        assert torch.allclose(tensor, before.state_dict()[name], rtol=error, atol=error * 2), name
        assert tensor.dtype == before.state_dict()[name].dtype


def test_only_large_matrices_are_quantised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LARGE", 50 * 6)
    save_weights(model(), tmp_path / "w", "int8")
    kinds = {name: tensor.dtype for name, tensor in safetensors.torch.load_file(tmp_path / "w").items()}
    assert kinds["lexical.weight"] == torch.int8
    assert kinds["lexical.weight::scale"] == torch.float32
    assert kinds["tag_head.readout.weight"] == torch.float16


def test_a_row_is_off_by_half_its_own_scale_by_hand() -> None:
    # Scales 1.27 / 127 and 254 / 127; 0.014 is nearest to one step of 0.01, 5 to three steps of 2 (ties to even: 2).
    ints, scale = quantised(torch.tensor([[1.27, 0.014], [254.0, -5.1], [0.0, 0.0]]))
    assert scale[:2].flatten().tolist() == pytest.approx([0.01, 2.0])
    assert ints.tolist() == [[127, 1], [127, -3], [0, 0]]


def test_weights_that_are_missing_or_of_another_model(tmp_path: Path) -> None:
    save_weights(model(), tmp_path / "w", "float32")
    body = safetensors.torch.load_file(tmp_path / "w")
    safetensors.torch.save_file({k: v for k, v in body.items() if k != "tag_head.bias"}, tmp_path / "less")
    with pytest.raises(BundleError, match=r"missing weights \['tag_head\.bias'\], unexpected \[\]"):
        load_weights(model(), tmp_path / "less")
    safetensors.torch.save_file(body | {"extra": torch.zeros(1)}, tmp_path / "more")
    with pytest.raises(BundleError, match=r"unexpected \['extra'\]"):
        load_weights(model(), tmp_path / "more")
    narrow = body | {"tag_head.bias": torch.zeros(1)}
    safetensors.torch.save_file(narrow, tmp_path / "narrow")
    with pytest.raises(BundleError, match=r"'tag_head\.bias' is \[1\] in the file, but \[6\] in the model"):
        load_weights(model(), tmp_path / "narrow")
    (tmp_path / "bad").write_bytes(b"no weights")
    with pytest.raises(BundleError, match="the weights do not fit the architecture"):
        load_weights(model(), tmp_path / "bad")


def test_half_precision_that_overflows_is_refused(tmp_path: Path) -> None:
    big = model()
    with torch.no_grad():
        big.tag_head.bias[0] = 1e6
    with pytest.raises(BundleError, match=r"'tag_head\.bias' is not finite as torch\.float16"):
        save_weights(big, tmp_path / "w", "float16")
