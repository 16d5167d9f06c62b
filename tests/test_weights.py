"""Weights on disk: formats, what fewer bits cost, ties, and files that do not fit."""

from pathlib import Path

import pytest
import safetensors.torch
import torch
from transformers import BertConfig, T5Config

from networks import network
from svodka.errors import BundleError
from svodka.model import weights as module
from svodka.model.news_model import NewsModel
from svodka.model.weights import in_blocks, load_weights, quantised, save_weights

BERT = BertConfig(vocab_size=50, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8)
T5 = T5Config(
    vocab_size=50, d_model=8, d_kv=4, num_heads=2, num_layers=1, num_decoder_layers=1, d_ff=8,
    decoder_start_token_id=0, pad_token_id=0,
)  # fmt: skip


def model(backbone: BertConfig | T5Config = BERT) -> NewsModel:
    torch.manual_seed(1)
    decoder = 1.0 if backbone.is_encoder_decoder else 0.0
    made = NewsModel(network(backbone, n_tags=6, lexical=True, decoder_weight=decoder))
    torch.nn.init.normal_(made.lexical.weight)
    return made


@pytest.mark.parametrize("backbone", [BERT, T5])
@pytest.mark.parametrize("kind", ["float32", "float16", "bfloat16", "int8", "int4"])
def test_every_format_comes_back_whole(
    backbone: BertConfig | T5Config, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LARGE", 100)
    before = model(backbone)
    save_weights(before, tmp_path / "w", kind)
    after = NewsModel(before.config)
    load_weights(after, tmp_path / "w")
    error = {"float32": 0, "float16": 1e-3, "bfloat16": 1e-2, "int8": 1 / 127, "int4": 1 / 127}[kind]
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


def wide() -> NewsModel:
    """A model whose token embedding has whole blocks, and weights in 4 bits: 600 rows of 32."""
    torch.manual_seed(2)
    shape = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 512}
    made = NewsModel(network(BertConfig(vocab_size=600, **shape), n_tags=6))
    steps = torch.randint(0, 16, (600, 32)).float() - 8
    steps[:, 5] = -8  # as Q4_0 makes it: the entry of largest magnitude is -8 steps
    steps[7] = 0
    with torch.no_grad():
        made.get_input_embeddings().weight.copy_(steps * (torch.randn(600, 1) * 0.01).half().float())
    return made


def test_weights_that_came_out_of_4_bits_go_in_again_without_loss(tmp_path: Path) -> None:
    before = wide()
    save_weights(before, tmp_path / "w", "int4")
    stored = safetensors.torch.load_file(tmp_path / "w")
    name = "backbone.embeddings.word_embeddings.weight"
    assert (stored[name].dtype, list(stored[name].shape)) == (torch.uint8, [600, 16])
    assert (stored[f"{name}::scale"].dtype, list(stored[f"{name}::scale"].shape)) == (torch.float16, [600, 1])
    # 512 x 32 entries are the fewest that are worth it.
    assert stored["backbone.encoder.layer.0.intermediate.dense.weight"].dtype == torch.int8
    assert stored["backbone.encoder.layer.0.attention.self.query.weight"].dtype == torch.float16
    after = NewsModel(before.config)
    load_weights(after, tmp_path / "w")
    assert torch.equal(after.get_input_embeddings().weight, before.get_input_embeddings().weight)


def test_a_block_by_hand() -> None:
    # The largest magnitude is 4: scale 4 / -8 = -0.5. 4 -> -8 steps, q 0; -3.6 -> 7.2 steps, q 15; 0.3 -> -0.6, q 7;
    # -4 would be 8 steps, and the most is 7. Entry 16 shares its byte with entry 0, 17 with 1.
    halves, scale = in_blocks(torch.tensor([[4.0, -3.6, 0.3, *[0.0] * 13, -4.0, 0.5, *[0.0] * 14]]))
    assert scale.tolist() == [[-0.5]]
    assert halves.tolist() == [[0 + (15 << 4), 15 + (7 << 4), 7 + (8 << 4), *[8 + (8 << 4)] * 13]]


def test_a_trained_embedding_is_off_by_a_sixteenth_of_the_largest_of_its_block(tmp_path: Path) -> None:
    before, after = wide(), wide()
    torch.nn.init.normal_(before.get_input_embeddings().weight)
    save_weights(before, tmp_path / "w", "int4")
    load_weights(after, tmp_path / "w")
    old, new = (model.get_input_embeddings().weight.detach() for model in (before, after))
    largest = old.abs().amax(dim=1, keepdim=True)
    error = (new - old).abs() / largest
    # But for what is as large as the largest and of the other sign: there is no step 8.
    assert error[old.abs() < largest * 7.4 / 8].max() <= 1 / 16 + 1e-3
    assert error.max() <= 1 / 8 + 1e-3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"": torch.zeros(600, 15, dtype=torch.uint8)}, r"is \[600, 30\] in the file, but \[600, 32\] in the model"),
        ({"::scale": torch.zeros(1, 1)}, r"the scales of .* are \[1, 1\] in the file, but \[600, 1\] belong"),
        ({"::scale": None}, r"is \[600, 16\] in the file"),
        (
            {"": torch.zeros(600, 32, dtype=torch.int8), "::scale": None},
            "of torch.int8 in the file, without its scales",
        ),
        ({"": torch.zeros(600, 32, dtype=torch.int8), "::scale": torch.ones(1, 1)}, r"\[600, 1\] belong to it"),
    ],
)
def test_weights_of_few_bits_that_do_not_fit(
    change: dict[str, torch.Tensor | None], message: str, tmp_path: Path
) -> None:
    save_weights(wide(), tmp_path / "w", "int4")
    body = safetensors.torch.load_file(tmp_path / "w")
    body |= {f"backbone.embeddings.word_embeddings.weight{end}": tensor for end, tensor in change.items()}
    safetensors.torch.save_file({name: tensor for name, tensor in body.items() if tensor is not None}, tmp_path / "bad")
    with pytest.raises(BundleError, match=message):
        load_weights(wide(), tmp_path / "bad")


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


def test_what_4_bits_hold_without_loss_is_kept_in_4_and_a_trained_matrix_in_8(tmp_path: Path) -> None:
    # Steps of a half from -4 to 3.5 are what a block of scale 0.5 can hold; a third is not.
    held = (torch.arange(512 * 32) % 16 - 8).float().view(512, 32) / 2
    model = torch.nn.ModuleDict({"held": torch.nn.Linear(32, 512), "trained": torch.nn.Linear(32, 512)})
    with torch.no_grad():
        model["held"].weight.copy_(held)
        model["trained"].weight.copy_(held).view(-1)[0] = 1 / 3
    save_weights(model, tmp_path / "weights", "int4")
    stored = safetensors.torch.load_file(tmp_path / "weights")
    assert stored["held.weight"].dtype == torch.uint8
    assert stored["trained.weight"].dtype == torch.int8
    fresh = torch.nn.ModuleDict({"held": torch.nn.Linear(32, 512), "trained": torch.nn.Linear(32, 512)})
    load_weights(fresh, tmp_path / "weights")
    assert torch.equal(fresh["held"].weight, held)
