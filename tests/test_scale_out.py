"""Several processes train what one would train with their batches together; less memory, the same steps."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from accelerate.commands.config.config_args import load_config_from_file
from safetensors.torch import load_file

from conftest import ROOT, run_settings
from mixed import mixed_settings
from svodka.bundle.files import check_bundle
from svodka.config.training import RunConfig
from svodka.heads.targets import divisor
from svodka.training.run import train

LAUNCHERS = {
    "torchrun": ["torch.distributed.run", "--standalone", "--nproc_per_node", "2"],
    "accelerate": ["accelerate.commands.launch", "--multi_gpu", "--num_processes", "2", "--main_process_port", "0"],
}
BERT = {"model_type": "bert", "settings": {
    "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16,
    "max_position_embeddings": 128, "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0,
}}  # fmt: skip
T5 = {"model_type": "t5", "settings": {
    "d_model": 16, "d_kv": 8, "num_heads": 2, "num_layers": 1, "num_decoder_layers": 1, "d_ff": 16, "dropout_rate": 0.0,
}}  # fmt: skip


def settings(folder: Path, backbone: dict[str, Any], *, batch: int, output: str, **training: Any) -> dict[str, Any]:
    """44 articles, 32 of them to train on: no batch is smaller than the others. No dropout."""
    body = run_settings(folder, 44)
    body["model"] |= {"backbone": backbone, "sentences": {"dropout": 0.0, "target_sentences": 2}}
    body["model"]["tags"] |= {"dropout": 0.0}
    if backbone is T5:
        body["model"]["decoder"] = {"weight": 1.0, "max_tokens": 24}
    body["training"] |= {"epochs": 2, "batch_size": batch} | training
    return body | {"output": str(folder / output)}


def run(body: dict[str, Any]) -> Path:
    return train(RunConfig.model_validate(body), say=lambda line: None)


def launched(launcher: str, body: dict[str, Any], folder: Path) -> str:
    """`svodka train` in two processes of a launcher; what they printed."""
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(body, allow_unicode=True), encoding="utf-8")
    env = os.environ | {"PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-m", *LAUNCHERS[launcher], "-m", "svodka", "train", str(path)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def logged(run_folder: Path, name: str) -> list[float]:
    lines = (run_folder / "history.jsonl").read_text().splitlines()
    return [entry[name] for entry in map(json.loads, lines) if name in entry]


@pytest.mark.parametrize(("launcher", "backbone"), [("torchrun", BERT), ("accelerate", T5)])
def test_two_processes_give_the_curve_of_one_with_twice_the_batch(
    tmp_path: Path, launcher: str, backbone: dict[str, Any]
) -> None:
    run(settings(tmp_path, backbone, batch=8, output="one"))
    printed = launched(launcher, settings(tmp_path, backbone, batch=4, output="two"), tmp_path)
    one, two = tmp_path / "one", tmp_path / "two"
    assert len(logged(one, "loss")) == 8
    # Equal but for the order in which float32 adds up.
    assert logged(two, "loss") == pytest.approx(logged(one, "loss"), rel=1e-5)
    assert logged(two, "grad_norm") == pytest.approx(logged(one, "grad_norm"), rel=1e-4)
    name = "eval_tag_average_precision"
    assert logged(two, name) == pytest.approx(logged(one, name), rel=1e-4)
    weights = [load_file(folder / "bundle" / "model.safetensors") for folder in (one, two)]
    assert max(float((weights[0][key] - weights[1][key]).abs().max()) for key in weights[0]) < 1e-4
    # One process prints, writes and logs.
    assert printed.count("bundle: ") == printed.count("parameters") == 1
    assert len(list((two / "logs").iterdir())) == 1
    assert json.loads((two / "run.json").read_text())["processes"] == 2
    check_bundle(two / "bundle")


def test_two_processes_read_names_and_a_frozen_backbone_as_one_does(tmp_path: Path) -> None:
    # 36 + 12 + 5 + 3 articles are 7 batches of 8. No dropout, and no tag known by its name alone.
    body = mixed_settings(tmp_path, states=str(tmp_path / "states of one"), batch_size=8)
    body["beside"][0]["rows"] = 12
    body["model"]["tags"] |= {"dropout": 0.0, "name_dropout": 0.0}
    body["model"]["sentences"] = {"dropout": 0.0, "target_sentences": 2}
    run(body | {"output": str(tmp_path / "one")})
    training = body["training"] | {"states": str(tmp_path / "states of two"), "batch_size": 4}
    printed = launched("torchrun", body | {"output": str(tmp_path / "two"), "training": training}, tmp_path)
    one, two = tmp_path / "one", tmp_path / "two"
    assert len(logged(one, "loss")) == 14
    assert logged(two, "loss") == pytest.approx(logged(one, "loss"), rel=1e-5)
    name = "eval_tag_average_precision"
    assert logged(two, name) == pytest.approx(logged(one, name), rel=1e-4)
    # The leader alone reads the backbone's states, and the other finds them.
    assert printed.count("reading ") == 1
    for file in ("index.bin", "states.f16"):
        stores = [next((tmp_path / f"states of {who}").iterdir()) / file for who in ("one", "two")]
        assert stores[0].read_bytes() == stores[1].read_bytes()


def test_alone_a_process_divides_by_its_own_count() -> None:
    assert divisor(torch.tensor(6), shared=True) == 6
    assert divisor(torch.tensor(0), shared=False) == 1


def test_checkpointed_gradients_are_the_same(tmp_path: Path) -> None:
    bodies = [
        settings(tmp_path, T5, batch=8, output=str(on), gradient_checkpointing=on, max_steps=3) for on in (False, True)
    ]
    plain, less = (load_file(run(body) / "model.safetensors") for body in bodies)
    assert all(torch.allclose(plain[key], less[key], atol=1e-6) for key in plain)


def test_half_precision_trains_and_the_bundle_is_single(tmp_path: Path) -> None:
    run(settings(tmp_path, BERT, batch=8, output="bf16", precision="bf16", epochs=4, learning_rate=5e-3))
    run(settings(tmp_path, BERT, batch=8, output="fp32", epochs=4, learning_rate=5e-3))
    half, single = (logged(tmp_path / name, "loss") for name in ("bf16", "fp32"))
    assert half != single
    assert half == pytest.approx(single, rel=0.02)
    assert half[-1] < half[0]
    weights = load_file(tmp_path / "bf16" / "bundle" / "model.safetensors")
    assert {weight.dtype for weight in weights.values()} == {torch.float32}


def test_the_shipped_launch_configs_are_what_accelerate_reads() -> None:
    found = {path.name: load_config_from_file(str(path)) for path in (ROOT / "configs" / "accelerate").glob("*.yaml")}
    assert set(found) == {"fsdp.yaml"}
    assert found["fsdp.yaml"].distributed_type == "FSDP"
    assert found["fsdp.yaml"].mixed_precision == "bf16"
    assert found["fsdp.yaml"].fsdp_config["fsdp_version"] == 2
