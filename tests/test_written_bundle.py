"""A run that adds a decoder to a bundle: nothing else changes, it resumes, and what it saves writes within a budget."""

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import TrainerCallback

from svodka.annotator import Annotator
from svodka.article import Article
from svodka.bundle import load_bundle
from svodka.config.training import RunConfig
from svodka.config.yaml_files import read_yaml
from svodka.errors import ConfigError
from svodka.model.light import LightModel
from svodka.text import words
from svodka.training.run import train

ARTICLE = Article(
    "Новый мост через Сорогу открыли в пятницу. Рабочие 14 месяцев меняли опоры и настил. Первым проехал автобус № 7.",
    title="Мост через Сорогу открыли",
)
LAYERS = {"layers": 1, "max_tokens": 24, "targets": ["summary", "headline"]}


def settings(base: Path, output: Path, **training: Any) -> dict[str, Any]:
    """The run of `base` again, of a decoder alone, for its bundle."""
    body = dict(read_yaml(base / "run" / "config.yaml", "config"))
    model = body["model"]
    model |= {
        "tokenizer": {"path": str(base / "run" / "bundle" / "tokenizer")},
        "tags": {"weight": 0.0},
        "sentences": {"weight": 0.0},
        "decoder": {"weight": 1.0} | LAYERS,
    }
    body["training"] = {
        "max_steps": 4, "save_steps": 2, "eval_steps": 4, "log_steps": 1, "batch_size": 4, "learning_rate": 1e-2,
        "device": "cpu", "states": str(output.parent / "states"),
    } | training  # fmt: skip
    return body | {"start": str(base / "run" / "bundle"), "output": str(output), "summary": {"mode": "written"}}


def run(body: dict[str, Any], **options: Any) -> Path:
    return train(RunConfig.model_validate(body), say=lambda line: None, **options)


@pytest.fixture(scope="module")
def written(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of `trained` with a decoder. Read-only."""
    return run(settings(trained, tmp_path_factory.mktemp("written") / "run"))


def test_nothing_but_the_decoder_has_changed(trained: Path, written: Path) -> None:
    before, after = (load_bundle(folder).model.state_dict() for folder in (trained / "run" / "bundle", written))
    assert {name for name in after if name not in before} == {name for name in after if name.startswith("writer.")}
    assert all(torch.equal(after[name], weight) for name, weight in before.items())
    for name in ("labels.json", "thresholds.json", "reference.json"):
        assert (written / name).read_bytes() == (trained / "run" / "bundle" / name).read_bytes()


def test_the_decoder_has_learnt(written: Path) -> None:
    bundle = load_bundle(written)
    assert bundle.model.writer.bias.any()  # it began with zeros
    assert bundle.origin["decoder"]["steps"] == 4
    assert [entry["step"] for entry in bundle.history if "eval_loss" in entry] == [4]


def test_every_engine_and_way_of_loading_writes_the_same(written: Path) -> None:
    light, whole = load_bundle(written, light=True), load_bundle(written)
    assert isinstance(light.model, LightModel)
    made = [
        Annotator(light, engine="fast", device="cpu"),
        Annotator(whole, engine="torch", device="cpu"),
    ]
    found = [annotator.with_summary("abstractive")([ARTICLE, ARTICLE.text]) for annotator in made]
    assert found[0] == found[1]
    assert all(one.summary and one.summary.kind == "abstractive" for one in found[0])


def test_no_budget_is_ever_exceeded(written: Path) -> None:
    annotator = Annotator.load(written, device="cpu")
    for mode in ("written", "abstractive", "headline"):
        for most in (1, 3, 8):
            for one in annotator.with_summary(mode, words=most)([ARTICLE, ARTICLE.text]):
                assert one.summary
                assert len(words(one.summary.text)) <= most


def test_a_bundle_without_a_decoder_refuses_to_write(trained: Path) -> None:
    annotator = Annotator.load(trained / "run" / "bundle", device="cpu")
    message = "summary mode 'written' is not supported by this bundle; allowed: faithful, extractive, headline"
    with pytest.raises(ConfigError, match=message):
        annotator.with_summary("written")


class Interrupt(TrainerCallback):  # type: ignore[misc]
    """Ends a run behind its third step, of which nothing is saved."""

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step == 3:
            raise KeyboardInterrupt


def test_an_interrupted_run_resumes_to_the_same_decoder(trained: Path, written: Path, tmp_path: Path) -> None:
    body = settings(trained, tmp_path / "run")
    with pytest.raises(KeyboardInterrupt):
        run(body, watch=[Interrupt()])
    again = load_bundle(run(body, resume=True)).model.state_dict()
    assert all(torch.equal(weight, again[name]) for name, weight in load_bundle(written).model.state_dict().items())


def test_a_decoder_learns_on_from_a_bundle_that_has_one(trained: Path, written: Path, tmp_path: Path) -> None:
    body = settings(trained, tmp_path / "run", learning_rate=1e-30, weight_decay=0.0) | {"start": str(written)}
    again = load_bundle(run(body)).model.state_dict()
    assert all(torch.equal(weight, again[name]) for name, weight in load_bundle(written).model.state_dict().items())


def test_another_shape_than_the_bundle_has_is_told(trained: Path, written: Path, tmp_path: Path) -> None:
    body = settings(trained, tmp_path / "run")
    body["model"]["backbone"]["settings"] |= {"intermediate_size": 48}
    with pytest.raises(ConfigError, match=r"start: .* 'encoder\.layer\.0\.intermediate\.dense\.bias' is \[64\] in the"):
        run(body)
    body = settings(trained, tmp_path / "other") | {"start": str(written)}
    body["model"]["decoder"]["layers"] = 2
    with pytest.raises(ConfigError, match=r"start: .* 'layers\.1\.article\.key\.bias' is None in the bundle"):
        run(body)


def test_states_that_are_kept_leave_a_backbone_s_decoder_nothing_to_learn(trained: Path, tmp_path: Path) -> None:
    body = settings(trained, tmp_path / "run")
    shape = {"d_model": 16, "d_kv": 8, "num_heads": 2, "num_layers": 1, "d_ff": 16}
    body["model"]["backbone"] = {"model_type": "t5", "settings": shape}
    with pytest.raises(ConfigError, match=r"training\.states without `model\.teaching` keeps the backbone as it is"):
        run(body)
