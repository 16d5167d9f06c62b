"""What `svodka plan` foretells: against models that are built, and against figures worked out by hand."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.profiler import ProfilerActivity, profile
from typer.testing import CliRunner

from conftest import run_settings
from mixed import mixed_settings
from svodka.cli import app
from svodka.config.loading import load_run_config
from svodka.config.training import RunConfig
from svodka.data.prepare import prepare
from svodka.data.store import PreparedData
from svodka.errors import ConfigError
from svodka.model.news_model import NewsModel
from svodka.training.build import news_config
from svodka.training.costs import Cost, Shape, article_cost, layer_counts, synthetic_batch, thinned
from svodka.training.optimizer import parameter_groups
from svodka.training.plan import memory_of, plan, planned_backbone, read_data
from svodka.training.plan_notes import articles_beside, left_out
from svodka.training.run import train

RECIPES = sorted((Path(__file__).parent.parent / "configs" / "recipes").glob("*.yaml"))
CPU = torch.device("cpu")
BERT = {"hidden_size": 64, "num_hidden_layers": 4, "num_attention_heads": 2, "intermediate_size": 128}
T5 = {"d_model": 64, "d_kv": 32, "num_heads": 2, "num_layers": 3, "num_decoder_layers": 4, "d_ff": 128}


def settings(model_type: str = "bert", **changes: Any) -> RunConfig:
    writes = 1.0 if model_type == "t5" else 0.0
    body: dict[str, Any] = {
        "data": {"source": {"kind": "jsonl", "path": "none.jsonl"}, "output": "nowhere/prepared"},
        "output": "nowhere/run",
        "model": {
            "backbone": {"model_type": model_type, "settings": T5 if writes else BERT},
            "tokenizer": {"size": 900},
            "window": {"tokens": 102, "overlap": 0, "limit": 1},
            "decoder": {"weight": writes, "max_tokens": 30},
        },
        "training": {"batch_size": 4, "device": "cpu"},
        "plan": {"sizes": {
            "articles": 1000, "words": 100, "spread": 0.0, "pieces_per_word": 2.0, "tags": 7, "summary_words": 10,
        }},
    }  # fmt: skip
    return RunConfig.model_validate(body | changes)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_recipe_plans_without_a_network(path: Path, tmp_path: Path) -> None:
    small = ["model.window.tokens=32", "model.window.overlap=0", f"data.output={tmp_path / 'prepared'}"]
    config = load_run_config(path, small)
    assert len(str(config.model.backbone.revision)) == 40
    assert config.plan.hardware
    found = plan(config, offline=True, timed=False)
    assert found.memory.peak > 4 * found.parameters
    assert found.steps > 100
    assert found.seconds is None


# What the models' papers and cards say of the whole backbone, in millions.
@pytest.mark.parametrize(
    ("recipe", "millions"),
    [("gazeta_mbart", 611), ("xlsum_mt5", 582), ("tags_xlmr", 278), ("tags_mmbert", 307), ("laptop_rubert_tiny2", 29)],
)
def test_a_recipe_declares_the_shape_of_its_backbone(recipe: str, millions: int) -> None:
    config = load_run_config(
        next(path for path in RECIPES if path.stem == recipe), ["model.tags.lexical=false", "model.tags.blend=false"]
    )
    untied = config.plan.shape.get("tie_word_embeddings") is False
    news = news_config(config.model, planned_backbone(config, None), np.zeros((1, 3)), untied=untied)
    with torch.device("meta"):
        parameters = NewsModel(news).backbone.num_parameters()
    assert parameters / 1e6 == pytest.approx(millions, rel=0.01)


def test_sizes_by_hand() -> None:
    # 200 tokens an article, 100 of them in the one window; 22 of a summary, special tokens included.
    reading = read_data(settings(), None)
    assert (reading.articles, reading.tokens, reading.windows, reading.tags) == (1000, 102, 1, 7)
    assert (reading.cut_articles, reading.cut_tokens) == (1.0, 0.5)
    assert (reading.summary, reading.cut_summaries) == (22, 0.0)


def test_lengths_spread_about_their_mean() -> None:
    config = settings()
    sizes = config.plan.sizes.model_copy(update={"spread": 0.5, "words": 50.0})  # type: ignore[union-attr]
    reading = read_data(config.model_copy(update={"plan": config.plan.model_copy(update={"sizes": sizes})}), None)
    # A log-normal with the mean at 100 tokens lies above it with probability 1 - Phi(0.25) = 0.401.
    assert reading.cut_articles == pytest.approx(0.401, abs=0.01)


def test_parameters_and_steps_are_those_of_the_run() -> None:
    config = settings(training={"batch_size": 4, "accumulation": 3, "epochs": 2, "freeze": ["backbone.embeddings"]})
    found = plan(config, offline=True, timed=False)
    model = NewsModel(news_config(config.model, planned_backbone(config, None), np.zeros((1, 7))))
    assert found.parameters == model.num_parameters()
    assert found.parameters - found.trainable == sum(p.numel() for p in model.backbone.embeddings.parameters())
    assert found.steps == 168  # 1000 / 12, rounded up, twice


def test_memory_by_hand() -> None:
    config = settings("t5", training={"batch_size": 4, "device": "cpu"})
    model = NewsModel(news_config(config.model, planned_backbone(config, None), np.zeros((1, 7))))
    n, largest = model.num_parameters(), max(p.numel() for p in model.parameters())
    memory = memory_of(config, model, Cost(10e6, None, 0.0), read_data(config, None), CPU)
    assert memory.weights == memory.gradients == 4 * n
    assert memory.optimiser == 8 * n
    assert memory.activations == 4 * (10e6 + 22 * 900 * 12)
    assert memory.peak == 12 * n + max(memory.activations, 4 * n + 8 * largest)


@pytest.mark.parametrize("model_type", ["bert", "t5"])
def test_thin_models_say_what_the_whole_one_keeps(model_type: str) -> None:
    config = settings(model_type)
    news = news_config(config.model, planned_backbone(config, None), np.zeros((1, 7)))
    found = article_cost(news, Shape(1, 64, 20), batch=2, device=CPU, bf16=False, timed=False)
    whole = layer_counts(news.backbone, decoder=news.writes)
    assert whole == ((3, 4) if model_type == "t5" else (4, 0))
    # The same model as it is, but for the vocabulary, measured at once.
    news.backbone = thinned(news.backbone, *whole)
    kept: dict[int, int] = {}

    def count(tensor: torch.Tensor) -> torch.Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    model = NewsModel(news).train()
    own = {tensor.untyped_storage().data_ptr() for tensor in (*model.parameters(), *model.buffers())}
    with torch.autograd.graph.saved_tensors_hooks(count, lambda tensor: tensor):
        output = model(**synthetic_batch(news, Shape(1, 64, 20), 2, CPU))
    assert output.loss is not None
    assert 2 * found.kept == pytest.approx(sum(size for at, size in kept.items() if at not in own), rel=0.02)


@pytest.mark.parametrize("model_type", ["bert", "t5"])
def test_the_peak_is_what_torch_accounts_for(model_type: str) -> None:
    config = settings(model_type, training={"batch_size": 16, "device": "cpu"})
    news = news_config(config.model, planned_backbone(config, None), np.zeros((1, 7)))
    model = NewsModel(news).train()
    optimiser = torch.optim.AdamW(parameter_groups(model, config.training))
    inputs = synthetic_batch(news, Shape(1, 102, 22), 16, CPU)

    def step() -> None:
        model(**inputs).loss.backward()
        optimiser.step()
        optimiser.zero_grad()

    step()
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        step()
    events = sorted(seen.profiler.kineto_results.events(), key=lambda event: event.start_ns())  # type: ignore[union-attr]
    used = np.cumsum([event.nbytes() for event in events if event.name() == "[memory]"]).max()
    used += 12 * model.num_parameters()  # weights and the optimiser's two moments were there before
    assert plan(config, offline=True, timed=False).memory.peak == pytest.approx(used, rel=0.15)


def test_what_is_missing_is_told() -> None:
    bare = settings(plan={})
    with pytest.raises(
        ConfigError, match=r"prepared is not prepared and plan\.sizes says nothing; run `svodka prepare`"
    ):
        plan(bare, offline=True, timed=False)
    hub = settings(model={"backbone": {"pretrained": "some/model", "revision": "1" * 40}})
    with pytest.raises(ConfigError, match=r"plan\.shape: offline, the shape of 'some/model' must be declared here"):
        plan(hub, offline=True, timed=False)


def test_a_prepared_folder_is_counted_and_the_plan_does_not_change_the_run(tmp_path: Path) -> None:
    body = run_settings(tmp_path, 24)
    body["training"] |= {"max_steps": 1}
    train(RunConfig.model_validate(body), say=lambda line: None)
    body["model"]["tokenizer"] = {"path": str(tmp_path / "run" / "tokenizer")}
    found = plan(RunConfig.model_validate(body), offline=True)
    assert found.reading.articles == 12
    assert found.reading.source.startswith("counted on 12 articles of ")
    assert found.seconds is not None
    assert found.seconds > 0


def test_corpora_beside_count_and_what_does_not_is_told(tmp_path: Path) -> None:
    config = RunConfig.model_validate(mixed_settings(tmp_path, states=str(tmp_path / "states")))
    for part in (config.data, config.beside[0].data):
        prepare(part)
    assert articles_beside(config, PreparedData.open(config.data.output)) == 9
    absent, lengths, states = left_out(config)
    assert absent == "2 of 3 corpora beside the main one, which are not prepared"
    assert "longer or shorter" in lengths
    assert "the backbone reads each article once" in states
    assert left_out(settings()) == ()


def test_the_command_prints_a_table() -> None:
    path = next(path for path in RECIPES if path.stem == "laptop_rubert_tiny2")
    done = CliRunner().invoke(
        app,
        [
            "plan",
            str(path),
            "data.output=nowhere",
            "model.window.tokens=64",
            "model.window.overlap=8",
            "--offline",
            "--no-time",
        ],
    )
    assert done.exit_code == 0, done.output
    for part in ("parameters", "memory: most at once", "tokens an epoch", "articles cut", "steps", "a laptop, no GPU"):
        assert part in done.output
