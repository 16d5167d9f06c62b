"""Masked pretraining: its files, that it learns, that a training starts from it, what it refuses."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from conftest import run_settings, sample_rows
from svodka.annotator import Annotator
from svodka.config.pretraining import PretrainConfig
from svodka.config.training import RunConfig
from svodka.data.prepare import prepare
from svodka.data.store import PreparedData
from svodka.errors import ConfigError, DataError
from svodka.training.pretrain import Blocks, pretrain
from svodka.training.run import train


def settings(folder: Path, **training: Any) -> dict[str, Any]:
    body = run_settings(folder)
    if not (folder / "prepared").exists():
        prepare(RunConfig.model_validate(body).data)
    return {
        "corpora": [{"path": str(folder / "prepared")}],
        "output": str(folder / "pretraining"),
        "backbone": {
            "model_type": "modernbert",
            "settings": {
                "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32,
                "max_position_embeddings": 96, "sparse_prediction": True,
            },
        },
        "tokenizer": {"size": 600},
        "tokens": 96,
        "training": {"epochs": 6, "batch_size": 4, "log_steps": 5, "learning_rate": 3e-3, "device": "cpu"} | training,
    }  # fmt: skip


def run(body: dict[str, Any], *, resume: bool = False) -> Path:
    return pretrain(PretrainConfig.model_validate(body), resume=resume, say=lambda line: None)


@pytest.fixture(scope="module")
def pretrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pretrained")
    run(settings(folder))
    return folder


def test_the_files_and_a_loss_that_falls(pretrained: Path) -> None:
    backbone = pretrained / "pretraining" / "backbone"
    assert {p.name for p in backbone.iterdir()} == {
        "config.json", "model.safetensors", "pretraining.json", "tokenizer.json", "tokenizer_config.json",
    }  # fmt: skip
    story = json.loads((backbone / "pretraining.json").read_text())
    assert story["data"] == [PreparedData.open(pretrained / "prepared").hash]
    losses = [entry["eval_loss"] for entry in story["log"] if "eval_loss" in entry]
    assert losses[-1] < losses[0]


def test_a_training_starts_from_it(pretrained: Path, tmp_path: Path) -> None:
    backbone = pretrained / "pretraining" / "backbone"
    body = run_settings(tmp_path)
    body["model"] |= {"backbone": {"pretrained": str(backbone)}}
    body["training"] |= {"learning_rate": 1e-9, "epochs": 1}
    bundle = train(RunConfig.model_validate(body), say=lambda line: None)
    before, after = load_file(backbone / "model.safetensors"), load_file(bundle / "model.safetensors")
    name = "layers.0.attn.Wqkv.weight"
    assert torch.allclose(before[f"model.{name}"], after[f"backbone.{name}"], atol=1e-5)
    annotator = Annotator.load(bundle, device="cpu")
    assert annotator(sample_rows(1)[0]["text"]).summary
    origin = annotator.bundle.origin
    assert origin["pretraining_data"] == [PreparedData.open(pretrained / "prepared").hash]
    assert "base_model" not in origin


def test_what_a_corpus_holds_out_is_not_read(tmp_path: Path) -> None:
    body = settings(tmp_path)
    data = PreparedData.open(tmp_path / "prepared")
    told: list[str] = []
    pretrain(PretrainConfig.model_validate(body | {"training": body["training"] | {"max_steps": 1}}), say=told.append)
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "pretraining" / "tokenizer")
    parts = [part for a in data.articles("train") for part in (a.title, a.summary, a.text) if part]
    most = sum(len(tokenizer(part, add_special_tokens=False)["input_ids"]) for part in parts)
    read = int(re.match(r"([\d,]+) tokens", told[0]).group(1).replace(",", ""))  # type: ignore[union-attr]
    assert 0.9 * most < read < 1.1 * most


def test_blocks_cover_the_stream_in_order() -> None:
    import numpy as np

    blocks = Blocks(np.array([5, 6, 7, -1, 8, 9, 4, 5, 6]), 6, around=([2], [3]), end=3)
    assert [block["input_ids"].tolist() for block in blocks] == [[2, 5, 6, 7, 3, 3], [2, 8, 9, 4, 5, 3]]


def test_what_it_refuses(tmp_path: Path) -> None:
    body = settings(tmp_path)
    with pytest.raises(ConfigError, match="tokens: 128, but this backbone reads at most 96"):
        run(body | {"tokens": 128, "output": str(tmp_path / "long")})
    with pytest.raises(ConfigError, match="cannot be pretrained by masking"):
        run(body | {"output": str(tmp_path / "t5"), "backbone": {"model_type": "t5"}})
    with pytest.raises(DataError, match=r"tokens do not fill one block of 96"):
        run(body | {"output": str(tmp_path / "few"), "corpora": [{"path": body["corpora"][0]["path"], "share": 1e-3}]})
    run(settings(tmp_path, max_steps=2))
    with pytest.raises(ConfigError, match="holds a run already"):
        run(body)
    (tmp_path / "rows.jsonl").write_text("{}", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"is not what its config would give now, since these have changed: .*rows"):
        run(body | {"output": str(tmp_path / "stale")})
