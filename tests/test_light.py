"""The model and the tokenizer that need no transformers give the bits of those that do, or leave it to them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import AutoTokenizer, BertConfig, ModernBertConfig, PretrainedConfig, PreTrainedTokenizerFast

from networks import network
from svodka.annotator import Annotator
from svodka.article import Article
from svodka.bundle import default_bundle, load_bundle
from svodka.errors import BundleError
from svodka.files import read_json
from svodka.model.light import LightModel, LightTokenizer, light_model, light_tokenizer
from svodka.model.news_model import NewsModel
from svodka.model.weights import load_weights, save_weights

SMALL: dict[str, Any] = {
    "vocab_size": 90, "hidden_size": 32, "intermediate_size": 24, "num_hidden_layers": 3, "num_attention_heads": 2,
    "local_attention": 8, "pad_token_id": 0, "max_position_embeddings": 64,
}  # fmt: skip
BERT: dict[str, Any] = {
    "vocab_size": 90, "hidden_size": 32, "intermediate_size": 24, "num_hidden_layers": 3, "num_attention_heads": 2,
    "pad_token_id": 1, "max_position_embeddings": 64,
}  # fmt: skip
# Heads of every kind.
HEADS: dict[str, Any] = {"n_tags": 5, "lexical": True, "lexical_rank": 4, "lexical_hidden": 6}
# The tokenizer of bundles that `svodka pretrain` makes.
WORDS = ["<pad>", "<unk>", "<s>", "</s>", "новости", "мост", "открыт", "снег", "и", "##ы"]


def saved(folder: Path, heads: dict[str, Any], backbone: PretrainedConfig | None = None, **shape: Any) -> NewsModel:
    """A random model with its config and weights in a folder."""
    torch.manual_seed(3)
    backbone = backbone or ModernBertConfig(**(SMALL | shape))
    model = NewsModel(network(backbone, **(HEADS | heads)))
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    if hasattr(model, "lexical"):
        torch.nn.init.normal_(model.get_buffer("lexical.projection"))
    model.config.save_pretrained(folder)
    save_weights(model, folder / "model.safetensors", "float32")
    return model.eval()


def read_light(folder: Path) -> LightModel | None:
    return light_model(read_json(folder / "config.json"))


def batch(n_tokens: int) -> dict[str, torch.Tensor]:
    """Three articles of up to two windows, one of them short, so that there is padding and an empty window."""
    generator = torch.Generator().manual_seed(9)
    ids = torch.randint(1, 90, (3, 2, n_tokens), generator=generator)
    mask = torch.ones_like(ids)
    mask[1, 0, n_tokens // 2 :] = 0
    mask[1:, 1] = 0
    owners = torch.randint(0, 4, ids.shape, generator=generator).where(mask > 0, -1)
    return {"input_ids": ids, "attention_mask": mask, "sentence_ids": owners, "n_sentences": torch.tensor([4, 4, 4])}


@pytest.mark.parametrize("n_tokens", [3, 8, 40])  # below, at and far beyond the sliding window
@pytest.mark.parametrize(
    "shape",
    [
        {},
        {"norm_bias": True, "attention_bias": True, "mlp_bias": True},
        {"layer_types": ["sliding_attention"] * 3, "num_attention_heads": 4},
    ],
)
def test_the_light_model_reads_the_same_bits(shape: dict[str, Any], n_tokens: int, tmp_path: Path) -> None:
    check_same_bits(saved(tmp_path, {}, **shape), tmp_path, n_tokens)


@pytest.mark.parametrize("n_tokens", [3, 40, 64])
@pytest.mark.parametrize(
    ("shape", "heads"),
    [
        ({}, {}),
        (
            {"num_attention_heads": 4, "layer_norm_eps": 1e-5, "type_vocab_size": 1},
            {"lexical": False, "lexical_rank": 0},
        ),
        ({}, {"n_topics": 3, "topic_weight": 1.0, "named": True, "lexical_pieces": 20, "blend": [0.5, 1.0, 2.0]}),
        ({}, {"tag_weight": 0.0, "n_topics": 3, "topic_weight": 1.0}),
    ],
)
def test_the_light_bert_reads_the_same_bits(
    shape: dict[str, Any], heads: dict[str, Any], n_tokens: int, tmp_path: Path
) -> None:
    whole = saved(tmp_path, heads, BertConfig(**(BERT | shape)))
    check_same_bits(whole, tmp_path, n_tokens)


def check_same_bits(whole: NewsModel, folder: Path, n_tokens: int) -> None:
    light = read_light(folder)
    assert isinstance(light, LightModel)
    load_weights(light, folder / "model.safetensors")
    assert list(light.state_dict()) == list(whole.state_dict())
    assert light.family == whole.family
    assert light.config.n_labels == whole.config.n_labels
    for given in (batch(n_tokens), {name: rows[:1, ...] for name, rows in batch(n_tokens).items()}):
        with torch.inference_mode():
            expected, found = whole.read(**given), light.eval().read(**given)
        for name, value in vars(expected).items():
            other = getattr(found, name)
            assert (value is other is None) or torch.equal(value, other), name


def test_no_random_weights_are_drawn(tmp_path: Path) -> None:
    saved(tmp_path, {})
    before = torch.get_rng_state()
    assert read_light(tmp_path) is not None
    assert torch.equal(torch.get_rng_state(), before)


def test_heads_may_be_absent(tmp_path: Path) -> None:
    whole = saved(tmp_path, {"sentence_weight": 0.0})
    light = read_light(tmp_path)
    assert light is not None
    assert list(light.state_dict()) == list(whole.state_dict())


@pytest.mark.parametrize(
    "change",
    [
        {"model_type": "deberta"},
        {"hidden_activation": "relu"},
        {"layer_types": ["full_attention", "chunked_attention", "full_attention"]},
        {"rope_parameters": {"full_attention": {"rope_type": "yarn", "rope_theta": 1e4}}},
    ],
)
def test_other_encoders_are_left_to_transformers(change: dict[str, Any], tmp_path: Path) -> None:
    saved(tmp_path, {})
    assert change_backbone(tmp_path / "config.json", change) is None


@pytest.mark.parametrize(
    "change",
    [{"hidden_act": "relu"}, {"is_decoder": True}, {"position_embedding_type": "relative_key"}, {"model_type": "x"}],
)
def test_other_kinds_of_bert_are_left_to_transformers(change: dict[str, Any], tmp_path: Path) -> None:
    saved(tmp_path, {}, BertConfig(**BERT))
    assert change_backbone(tmp_path / "config.json", change) is None


def change_backbone(path: Path, change: dict[str, Any]) -> LightModel | None:
    body = json.loads(path.read_text())
    body["backbone"] |= change
    path.write_text(json.dumps(body))
    return read_light(path.parent)


def test_a_model_that_writes_is_left_to_transformers(tmp_path: Path) -> None:
    saved(tmp_path, {})
    body = read_json(tmp_path / "config.json")
    body["heads"]["decoder"]["weight"] = 1.0
    assert light_model(body) is None


def test_a_field_that_no_head_has_is_refused(tmp_path: Path) -> None:
    saved(tmp_path, {})
    body = read_json(tmp_path / "config.json")
    body["heads"]["tags"]["colour"] = "red"
    with pytest.raises(ValidationError, match="colour"):
        light_model(body)


@pytest.fixture
def tokenizer_folder(tmp_path: Path) -> Path:
    made = Tokenizer(models.WordPiece({word: i for i, word in enumerate(WORDS)}, unk_token="<unk>"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing("<s> $A </s>", special_tokens=[("<s>", 2), ("</s>", 3)])
    PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<pad>", unk_token="<unk>", cls_token="<s>", sep_token="</s>"
    ).save_pretrained(tmp_path / "tokenizer")
    # As many on the hub have it; transformers does neither unless it is told to.
    path = str(tmp_path / "tokenizer" / "tokenizer.json")
    stored = Tokenizer.from_file(path)
    stored.enable_truncation(3)
    stored.enable_padding(length=9)
    stored.save(path)
    return tmp_path / "tokenizer"


def test_the_light_tokenizer_cuts_as_transformers_does(tokenizer_folder: Path) -> None:
    light, whole = light_tokenizer(tokenizer_folder), AutoTokenizer.from_pretrained(tokenizer_folder)
    assert isinstance(light, LightTokenizer)
    texts = ["Мосты и снег открыт", "", "снег</s>снег <pad> метель", "и " * 30]
    for special in (False, True):
        assert (
            light(texts, add_special_tokens=special)["input_ids"]
            == (whole(texts, add_special_tokens=special)["input_ids"])
        )
        assert (
            light(texts[0], add_special_tokens=special)["input_ids"]
            == (whole(texts[0], add_special_tokens=special)["input_ids"])
        )
    assert (light.pad_token_id, light.sep_token_id, light.eos_token_id) == (0, 3, None)


@pytest.mark.parametrize(
    "change",
    [{"tokenizer_class": "T5Tokenizer"}, {"add_prefix_space": True}, {"sep_token": "<none>"}, {"sep_token": {}}],
)
def test_other_tokenizers_are_left_to_transformers(change: dict[str, Any], tokenizer_folder: Path) -> None:
    path = tokenizer_folder / "tokenizer_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert light_tokenizer(tokenizer_folder) is None


def test_a_tokenizer_with_other_files_is_left_to_transformers(tokenizer_folder: Path) -> None:
    (tokenizer_folder / "added_tokens.json").write_text('{"<new>": 10}')
    assert light_tokenizer(tokenizer_folder) is None


def test_special_tokens_that_the_file_takes_for_words_are_left_to_transformers(tokenizer_folder: Path) -> None:
    path = tokenizer_folder / "tokenizer.json"
    body = json.loads(path.read_text())
    path.write_text(json.dumps(body | {"added_tokens": body["added_tokens"][1:]}))
    assert light_tokenizer(tokenizer_folder) is None


def test_a_broken_tokenizer_names_its_file(tokenizer_folder: Path) -> None:
    (tokenizer_folder / "tokenizer.json").write_text("{}")
    with pytest.raises(ValueError, match=r"tokenizer\.json: "):
        light_tokenizer(tokenizer_folder)


def test_the_shipped_bundle_reads_alike_both_ways() -> None:
    # By the reference: rounding to bfloat16 is done at other places in the two.
    light, whole = (
        Annotator(load_bundle(default_bundle(), light=light), engine="torch", device="cpu") for light in (True, False)
    )
    assert isinstance(light.bundle.model, LightModel)
    assert light.bundle.fingerprint == whole.bundle.fingerprint
    long = "Мост через Сорогу открыли раньше срока. Первым по нему проехал автобус. " * 90
    articles = [Article("Снег шёл всю ночь. К утру дороги расчистили.", title="Снег"), long, "Да."]
    for (found, scores), (expected, others) in zip(
        light.stream_with_scores(articles), whole.stream_with_scores(articles), strict=True
    ):
        assert found == expected
        assert scores.tobytes() == others.tobytes()


def test_a_light_bundle_is_checked_like_any(tmp_path: Path) -> None:
    shutil.copytree(default_bundle(), tmp_path / "bundle")
    (tmp_path / "bundle" / "tokenizer" / "tokenizer.json").write_text("{}")
    with pytest.raises(BundleError, match="get the bundle anew"):
        load_bundle(tmp_path / "bundle", light=True)


# What one answer does not need, and what took most of the time to the first.
NEEDLESS = {
    "transformers", "torch._dynamo", "torch.distributed.tensor", "scipy", "sympy", "sklearn", "accelerate", "peft",
    "datasets", "pandas", "pyarrow", "ray", "huggingface_hub", "httpx", "trafilatura", "slovnet", "fsspec", "fastapi",
    "matplotlib",
}  # fmt: skip


def test_the_first_answer_loads_nothing_needless(tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text("Мост открыли раньше срока\n\nПервым по нему проехал автобус.\n", encoding="utf-8")
    script = f"""
import sys
from svodka.cli import main
sys.argv = ["svodka", "annotate", {str(page)!r}, "--json"]
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
print("MODULES", *sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    answer, loaded = done.stdout.splitlines()
    assert json.loads(answer)["summary"]["kind"] == "extractive"
    assert "torch" in loaded.split()
    assert set(loaded.split()) & NEEDLESS == set()
