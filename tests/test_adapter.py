"""Low-rank adapters and layer-wise rates, on small random backbones."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from conftest import run_settings
from networks import network
from svodka import Annotator
from svodka.bundle import load_bundle
from svodka.config.training import LoraSection, RunConfig
from svodka.errors import ConfigError
from svodka.model.news_model import NewsModel
from svodka.training.adapter import add_adapter, load_adapter, merge_adapter, save_adapter
from svodka.training.optimizer import parameter_groups, rate_scales
from svodka.training.run import train

pytest.importorskip("peft")

TYPES: dict[str, dict[str, Any]] = {
    "bert": {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32},
    "modernbert": {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32},
    "deberta-v2": {
        "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32,
        "relative_attention": True, "position_buckets": 8, "pos_att_type": ["p2c", "c2p"],
    },
    "t5": {"d_model": 16, "d_kv": 8, "num_heads": 2, "num_layers": 2, "d_ff": 32},
    "mbart": {
        "d_model": 16, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 2,
        "decoder_attention_heads": 2, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32,
    },
}  # fmt: skip


def small(model_type: str) -> NewsModel:
    from transformers import AutoConfig

    ids = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3, "decoder_start_token_id": 0}
    backbone = AutoConfig.for_model(model_type, vocab_size=60, **ids, **TYPES[model_type])
    torch.manual_seed(3)
    writes = float(model_type in ("t5", "mbart"))
    return NewsModel(network(backbone, n_tags=4, decoder_weight=writes)).eval()


def batch(model: NewsModel) -> dict[str, torch.Tensor]:
    ids = torch.arange(4, 24).view(2, 1, 10)
    owners = torch.tensor([[[-1, 0, 0, 1, 1, 1, 2, 2, 2, -1]]]).repeat(2, 1, 1)
    given = {
        "input_ids": ids, "attention_mask": torch.ones_like(ids), "sentence_ids": owners,
        "n_sentences": torch.tensor([3, 3]), "tag_labels": torch.eye(4)[:2],
    }  # fmt: skip
    return given | ({"labels": torch.arange(10, 18).view(2, 4)} if model.config.writes else {})


def nudge(model: NewsModel) -> None:
    """As if trained: an adapter begins as zero, and would merge to nothing."""
    with torch.no_grad():
        for _, parameter in sorted(model.named_parameters()):
            if parameter.requires_grad:
                parameter.add_(0.1 * torch.randn_like(parameter))


@pytest.mark.parametrize("model_type", TYPES)
def test_a_merged_adapter_computes_the_same_under_the_old_names(model_type: str) -> None:
    model = small(model_type)
    names = set(model.state_dict())
    inputs = batch(model)
    with torch.inference_mode():
        before = model(**inputs)
    add_adapter(model, LoraSection(rank=4))
    nudge(model.eval())
    with torch.inference_mode():
        adapted = model(**inputs)
        merge_adapter(model)
        merged = model(**inputs)
    assert not torch.allclose(before.tag_logits, adapted.tag_logits, atol=1e-3)
    torch.testing.assert_close(merged.loss, adapted.loss)
    torch.testing.assert_close(merged.tag_logits, adapted.tag_logits)
    assert set(model.state_dict()) == names


@pytest.mark.parametrize("model_type", TYPES)
def test_only_the_adapter_and_the_heads_train(model_type: str) -> None:
    model = small(model_type)
    add_adapter(model, LoraSection(rank=4))
    trains = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert all(name.startswith(("tag_head.", "sentence_head.")) or ".lora_" in name for name in trains)
    assert {name for name, _ in model.named_parameters() if not name.startswith("backbone.")} <= trains
    optimised = sum(p.numel() for group in parameter_groups(model, _training()) for p in group["params"])
    assert optimised == model.num_parameters(only_trainable=True)


def _training(**changes: Any) -> Any:
    model = {"backbone": {"model_type": "bert"}}
    body = {"data": {"source": {"kind": "jsonl", "path": "x"}, "output": "x"}, "output": "x", "model": model}
    return RunConfig.model_validate(body | {"training": changes}).training


def test_a_saved_adapter_and_its_heads_come_back(tmp_path: Path) -> None:
    model = small("t5")
    add_adapter(model, LoraSection(rank=4))
    nudge(model.eval())
    save_adapter(model, tmp_path / "adapter")
    assert {path.name for path in (tmp_path / "adapter").iterdir()} >= {
        "adapter_config.json", "adapter_model.safetensors", "heads.safetensors",
    }  # fmt: skip
    other = small("t5")
    load_adapter(other, tmp_path / "adapter")
    inputs = batch(model)
    with torch.inference_mode():
        assert torch.equal(model(**inputs).loss, other.eval()(**inputs).loss)
    whole = sum(path.stat().st_size for path in (tmp_path / "adapter").iterdir())
    assert whole < 4 * model.num_parameters()


def test_names_that_no_layer_has_are_told() -> None:
    with pytest.raises(ConfigError, match=r"training\.lora\.targets: no layer fits \['qery'\]; allowed: all-linear, "):
        add_adapter(small("bert"), LoraSection(targets=["qery"]))


def test_without_peft_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(ConfigError, match=r"training\.lora needs peft; install it by pip install 'svodka\[peft\]'"):
        add_adapter(small("bert"), LoraSection())


@pytest.mark.parametrize("checkpointing", [False, True])
def test_a_run_with_an_adapter_gives_an_ordinary_bundle(tmp_path: Path, checkpointing: bool) -> None:
    body = run_settings(tmp_path, 24)
    body["training"] |= {"lora": {"rank": 4}, "learning_rate": 5e-3, "gradient_checkpointing": checkpointing}
    bundle = train(RunConfig.model_validate(body), say=lambda line: None)
    history = [json.loads(line) for line in (tmp_path / "run" / "history.jsonl").read_text().splitlines()]
    losses = [entry["loss"] for entry in history if "loss" in entry]
    assert losses[-1] < losses[0]
    stored = load_file(bundle / "model.safetensors")
    assert not any("lora" in name or "base_layer" in name for name in stored)
    assert Annotator.load(bundle, device="cpu")("Мост открыли. Трамваи пошли.").summary
    # The merged bundle computes what backbone, adapter and heads do: the backbone is what training never moved.
    adapter = load_file(tmp_path / "run" / "adapter" / "adapter_model.safetensors")
    a, b = (
        next(t for name, t in adapter.items() if f"layer.0.attention.self.query.lora_{part}" in name) for part in "AB"
    )
    last = sorted((tmp_path / "run" / "checkpoints").glob("checkpoint-*"))[-1]
    base = load_file(last / "model.safetensors")["backbone.encoder.layer.0.attention.self.query.base_layer.weight"]
    merged = load_bundle(bundle).model.backbone.encoder.layer[0].attention.self.query.weight
    torch.testing.assert_close(merged, base + 32 / 4 * b @ a)


@pytest.mark.parametrize("model_type", TYPES)
def test_lower_layers_learn_at_smaller_rates(model_type: str) -> None:
    # By hand, with decay 0.5 and two layers in a stack: 0.5 the upper, 0.25 the lower, 0.125 the embeddings.
    model = small(model_type)
    scales = rate_scales(model, 0.5)
    assert rate_scales(model, 1.0) == {}
    found = {part: {s for n, s in scales.items() if part in n} for part in _STACKS[model_type]}
    assert found == _STACKS[model_type]
    assert not any(name.startswith(("tag_head", "sentence_head")) for name in scales)
    assert {s for n, s in scales.items() if "word_emb" in n or "shared" in n or "tok_emb" in n} == {0.125}


_STACKS: dict[str, dict[str, set[float]]] = {
    "bert": {"encoder.layer.0.": {0.25}, "encoder.layer.1.": {0.5}},
    "modernbert": {"layers.0.": {0.25}, "layers.1.": {0.5}},
    "deberta-v2": {"encoder.layer.0.": {0.25}, "encoder.layer.1.": {0.5}, "rel_embeddings": {0.125}},
    "t5": {
        "encoder.block.0.": {0.25}, "encoder.block.1.": {0.5}, "decoder.block.0.": {0.25}, "decoder.block.1.": {0.5},
    },
    "mbart": {
        "encoder.layers.0.": {0.25}, "encoder.layers.1.": {0.5}, "decoder.layers.0.": {0.25},
        "embed_positions": {0.125},
    },
}  # fmt: skip


def test_rates_reach_the_optimiser() -> None:
    model = small("bert")
    groups = parameter_groups(model, _training(learning_rate=0.4, layer_decay=0.5))
    rates = {id(p): group["lr"] for group in groups for p in group["params"]}
    named = dict(model.named_parameters())
    assert rates[id(named["backbone.encoder.layer.1.output.dense.weight"])] == 0.2
    assert rates[id(named["backbone.embeddings.word_embeddings.weight"])] == 0.05
    assert rates[id(named["tag_head.query.weight"])] == 0.4
