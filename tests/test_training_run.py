"""A training run: its files, its resumption, what it refuses."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from conftest import run_settings
from svodka.annotator import Annotator
from svodka.bundle import load_bundle
from svodka.config.training import RunConfig
from svodka.data.store import PreparedData
from svodka.errors import ConfigError, StoppedError, TrainingError
from svodka.training.callbacks import LossGuard
from svodka.training.run import train

ARTICLE = "Мост через реку открыли после ремонта. По нему снова ходят трамваи."


def quiet(line: str) -> None:
    pass


def run(body: dict[str, Any], *, resume: bool = False) -> Path:
    return train(RunConfig.model_validate(body), resume=resume, say=quiet)


def files(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_the_exact_set_of_files(trained: Path) -> None:
    assert files(trained / "run" / "bundle") == {
        "README.md", "bundle.json", "config.json", "history.jsonl", "labels.json", "metrics.json", "model.safetensors",
        "reference.json", "run.yaml", "thresholds.json", "tokenizer/tokenizer.json", "tokenizer/tokenizer_config.json",
    }  # fmt: skip
    assert {p.name for p in (trained / "run").iterdir()} == {
        "bundle", "cache", "checkpoints", "config.yaml", "history.jsonl", "logs", "run.json", "tokenizer",
    }  # fmt: skip


def test_the_history_holds_losses_and_validations(trained: Path) -> None:
    entries = [json.loads(line) for line in (trained / "run" / "history.jsonl").read_text().splitlines()]
    losses = [e["loss"] for e in entries if "loss" in e]
    assert len(losses) == 14  # 28 articles in batches of 4, twice
    assert sum("eval_loss" in e for e in entries) >= 2
    assert losses[-1] < losses[0]
    assert entries == load_bundle(trained / "run" / "bundle").history


def test_the_bundle_says_where_it_comes_from(trained: Path) -> None:
    manifest = json.loads((trained / "run" / "bundle" / "bundle.json").read_text())
    assert manifest["origin"]["data"] == PreparedData.open(trained / "prepared").hash
    assert manifest["origin"]["seed"] == 13
    assert manifest["origin"]["languages"] == ["ru"]


def test_the_same_seed_gives_the_same_weights_and_another_other(tmp_path: Path) -> None:
    weights = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        body = run_settings(tmp_path, 24) | {"output": str(tmp_path / name), "seed": seed}
        body["training"] |= {"max_steps": 3}
        weights.append(load_file(run(body) / "model.safetensors"))
    assert all(torch.equal(weights[0][key], weights[1][key]) for key in weights[0])
    assert not all(torch.equal(weights[0][key], weights[2][key]) for key in weights[0])


@pytest.mark.parametrize("step", [1, 3, 4])  # in an epoch, at its end, in the next
def test_a_stopped_run_goes_on_and_ends_as_if_never_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    body = run_settings(tmp_path, 24)
    whole = load_file(run(body | {"output": str(tmp_path / "whole")}) / "model.safetensors")
    with monkeypatch.context() as patched:
        signal_in_step(patched, step)
        with pytest.raises(StoppedError, match=rf"stopped by a signal at step {step}; go on with it by --resume"):
            run(body)
    assert not (tmp_path / "run" / "bundle").exists()
    resumed = load_file(run(body, resume=True) / "model.safetensors")
    assert all(torch.equal(whole[key], resumed[key]) for key in whole)


def signal_in_step(patched: pytest.MonkeyPatch, step: int) -> None:
    """Act as if SIGTERM came during a step: send it to this process when the step begins."""
    before = LossGuard.on_step_begin

    def on_step_begin(self: Any, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        before(self, args, state, control, **kwargs)
        if state.global_step == step - 1:
            signal.raise_signal(signal.SIGTERM)

    patched.setattr(LossGuard, "on_step_begin", on_step_begin)


def test_a_used_folder_is_not_overwritten(trained: Path) -> None:
    with pytest.raises(ConfigError, match=r"run holds a run already; go on with it by --resume, or choose another"):
        run(run_settings(trained))


def test_a_resume_with_other_settings_is_refused(trained: Path) -> None:
    body = run_settings(trained)
    body["training"] |= {"learning_rate": 1.0}
    with pytest.raises(ConfigError, match=r"training\.learning_rate: 0\.0005 then, 1\.0 now"):
        run(body, resume=True)


def test_data_prepared_with_other_settings_are_refused(trained: Path, tmp_path: Path) -> None:
    body = run_settings(trained) | {"output": str(tmp_path / "new")}
    body["data"] |= {"tags": {"min_count": 3}}
    with pytest.raises(ConfigError, match=r"was prepared with other settings than the `data` of this config"):
        run(body)


def test_a_window_longer_than_the_backbone_reads_is_refused(tmp_path: Path) -> None:
    body = run_settings(tmp_path, 24)
    body["model"] |= {"window": {"tokens": 256}}
    with pytest.raises(ConfigError, match=r"model\.window\.tokens: 256, but this backbone reads at most 128"):
        run(body)


def test_a_loss_that_is_no_number_stops_the_run_and_names_the_articles(tmp_path: Path) -> None:
    body = run_settings(tmp_path, 24)
    body["training"] |= {"learning_rate": 1e30, "warmup": 0.0}
    with pytest.raises(TrainingError, match=r"the loss is (not a number|infinite) at step \d+, in the batch of ru-\d+"):
        run(body)


def test_the_threshold_is_the_best_one_on_the_validation_split(trained: Path) -> None:
    # It could not be, were scores and targets paired in different orders.
    import numpy as np

    from svodka import Annotator
    from svodka.evaluation.tags.systems import gold_matrix

    articles = PreparedData.open(trained / "prepared").articles("validation")
    annotator = Annotator.load(trained / "run" / "bundle", device="cpu")
    scores = np.array([scores for _, scores in annotator.stream_with_scores(articles)])
    gold = gold_matrix(articles, annotator.bundle.labels)

    def micro_f1(threshold: float) -> float:
        decided = scores >= threshold
        return float(2 * (decided * gold).sum() / (decided.sum() + gold.sum()))

    chosen = set(annotator.bundle.calibration.threshold.round(6).tolist())
    assert len(chosen) == 1  # no tag has the support for one of its own
    assert micro_f1(chosen.pop()) == pytest.approx(max(micro_f1(t) for t in np.unique(scores)))


def blended(folder: Path, **training: Any) -> dict[str, Any]:
    body = run_settings(folder)
    body["model"] |= {"tags": {"lexical": True, "lexical_rank": 8, "lexical_hidden": 16, "blend": True}}
    body["training"] |= {"windows": 1, "freeze": ["backbone.embeddings"]} | training
    return body


def test_a_blend_trains_the_attention_apart_and_weighs_the_parts(tmp_path: Path) -> None:
    bundle = run(blended(tmp_path))
    scores = json.loads((bundle / "metrics.json").read_text())["validation"]
    assert set(scores["blend"]) == set(scores["tag_average_precision_apart"]) == {"attention", "linear", "latent"}
    assert all(weight >= 0 for weight in scores["blend"].values())
    assert scores["tag_average_precision"] > min(scores["tag_average_precision_apart"].values())
    annotation = Annotator.load(bundle, device="cpu")(ARTICLE)
    assert annotation.summary


@pytest.mark.parametrize("states", [True, False])
def test_networks_that_read_means_are_fitted_last_and_a_start_without_them_gets_them(
    tmp_path: Path, states: bool
) -> None:
    before = run(blended(tmp_path))
    body = blended(tmp_path, freeze=[]) | {"start": str(before), "output": str(tmp_path / "means")}
    body["model"]["tags"] |= {"lexical_states": 40}
    if states:
        body["training"] |= {"states": str(tmp_path / "states")}
    bundle = run(body)
    old, new = (load_bundle(path).model.lexical for path in (before, bundle))
    assert torch.equal(new.hidden.weight[:16, :8], old.hidden.weight)
    assert not new.hidden.weight[:16, 8:].any()
    assert new.hidden.weight[16:, 8:].all()
    assert (new.spread > 0).all()
    again = run(body | {"start": str(bundle), "output": str(tmp_path / "again")})
    assert torch.equal(load_bundle(again).model.lexical.hidden.weight, new.hidden.weight)
    assert Annotator.load(bundle, device="cpu")(ARTICLE).summary


def test_frozen_parameters_stay_and_an_unknown_name_is_told(tmp_path: Path) -> None:
    name = "backbone.embeddings.word_embeddings.weight"
    weights = [
        load_file(run(blended(tmp_path, epochs=n) | {"output": str(tmp_path / str(n))}) / "model.safetensors")
        for n in (1, 2)
    ]
    assert torch.equal(*(w[name] for w in weights))
    assert not torch.equal(*(w["tag_head.readout.weight"] for w in weights))
    with pytest.raises(ConfigError, match=r"no parameter starts with 'backbon\.x'; there are backbone\.embeddings"):
        run(blended(tmp_path, freeze=["backbon.x"]) | {"output": str(tmp_path / "none")})
