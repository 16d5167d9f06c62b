"""What a run starts from: layers that are kept, heads that are taken over, biases and rates."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from datasets import Dataset
from torch import nn
from transformers import AutoModel, BertConfig, T5Config

from networks import network
from svodka.config.training import BackboneConfig, RunConfig, TrainingSection
from svodka.errors import ConfigError
from svodka.model.backbones import keep_layers, load_backbone
from svodka.model.news_model import NewsModel
from svodka.topics import TOPICS
from svodka.training.build import begin_with, build_model
from svodka.training.lexical import prior_bias
from svodka.training.optimizer import parameter_groups

SHAPE = {"vocab_size": 20, "hidden_size": 8, "num_attention_heads": 2, "intermediate_size": 8}
IDS = torch.tensor([[2, 5, 6, 3]])


def encoder(layers: int) -> Any:
    torch.manual_seed(3)
    return AutoModel.from_config(BertConfig(num_hidden_layers=layers, initializer_range=0.3, **SHAPE)).eval()


def test_kept_layers_are_those_and_in_that_order() -> None:
    whole, cut = encoder(4), encoder(4)
    keep_layers(cut, [0, 3, 1])
    assert cut.config.num_hidden_layers == len(cut.encoder.layer) == 3
    for own, other in zip(cut.encoder.layer, (0, 3, 1), strict=True):
        assert torch.equal(own.output.dense.weight, whole.encoder.layer[other].output.dense.weight)
    with torch.inference_mode():
        states = whole.embeddings(IDS)
        for layer in (0, 3, 1):
            found = whole.encoder.layer[layer](states)
            states = found[0] if isinstance(found, tuple) else found
        assert torch.allclose(cut(IDS).last_hidden_state, states, atol=1e-6)


@pytest.mark.parametrize("layers", [[0, 4], [-1], []])
def test_layers_that_an_encoder_does_not_have(layers: list[int]) -> None:
    with pytest.raises(ConfigError, match=r"model\.backbone\.layers: \[.*\] of 'bert', which has layers 0 to 3"):
        keep_layers(encoder(4), layers)


def test_an_encoder_and_a_decoder_are_not_one_list_of_layers() -> None:
    t5 = AutoModel.from_config(T5Config(vocab_size=20, d_model=8, d_kv=4, num_heads=2, num_layers=2, d_ff=8))
    with pytest.raises(ConfigError, match=r"model\.backbone\.layers: \[0\] of 't5'"):
        keep_layers(t5, [0])


def test_a_pretrained_backbone_is_cut_when_it_is_loaded(tmp_path: Path) -> None:
    whole = encoder(3)
    whole.save_pretrained(tmp_path)
    settings = BackboneConfig(pretrained=str(tmp_path), layers=[0, 2])
    config = BertConfig.from_pretrained(tmp_path)
    cut = load_backbone(settings, config, decoder=False)
    assert (len(cut.encoder.layer), config.num_hidden_layers, cut.config.num_hidden_layers) == (2, 2, 2)
    assert torch.equal(cut.encoder.layer[1].output.dense.weight, whole.encoder.layer[2].output.dense.weight)
    # What is saved of it is read again as it is.
    model = NewsModel(network(config, n_tags=2, sentence_weight=0.0), cut.eval())
    model.save_pretrained(tmp_path / "model")
    again = NewsModel.from_pretrained(tmp_path / "model").eval()
    with torch.inference_mode():
        assert torch.equal(again.token_states(IDS, None), model.token_states(IDS, None))


def small(layers: int = 1, seed: int = 5, **settings: Any) -> NewsModel:
    torch.manual_seed(seed)
    backbone = BertConfig(num_hidden_layers=layers, **SHAPE)
    fields = {"n_tags": 3, "lexical": True, "named": True, "sentence_width": 8} | settings
    model = NewsModel(network(backbone, **fields))
    with torch.no_grad():
        for tensor in (model.lexical.weight, model.lexical.idf, model.tag_head.names.vectors, model.positive_weight):
            nn.init.normal_(tensor)
    return model


class Bundled:
    """A bundle as far as its model is asked for."""

    def __init__(self, model: NewsModel) -> None:
        self.model = model


@pytest.fixture
def earlier(monkeypatch: pytest.MonkeyPatch) -> NewsModel:
    """The model of the bundle `runs/earlier`."""
    model = small(seed=6, blend=[0.2, 0.3, 0.5])
    monkeypatch.setattr("svodka.training.build.load_bundle", lambda path: Bundled(model))
    return model


def test_a_run_begins_with_all_weights_of_a_bundle(earlier: NewsModel) -> None:
    model = small()
    begin_with(model, Path("runs/earlier"))
    theirs = earlier.state_dict()
    assert all(torch.equal(weight, theirs[name]) for name, weight in model.state_dict().items())
    assert model.config.heads.tags.shares == (0.2, 0.3, 0.5)


def test_a_student_begins_with_its_teachers_heads_alone(earlier: NewsModel) -> None:
    model = small(layers=2)
    own = {name: weight.clone() for name, weight in model.backbone.state_dict().items()}
    begin_with(model, Path("runs/earlier"), heads=True)
    theirs = earlier.state_dict()
    for name, weight in model.state_dict().items():
        expected = own[name.removeprefix("backbone.")] if name.startswith("backbone.") else theirs[name]
        assert torch.equal(weight, expected), name
    name = "embeddings.word_embeddings.weight"
    assert not torch.equal(own[name], theirs[f"backbone.{name}"])
    assert len(model.backbone.encoder.layer) == 2
    assert model.config.heads.tags.shares == (0.2, 0.3, 0.5)


@pytest.mark.usefixtures("earlier")
@pytest.mark.parametrize(("heads", "change"), [(False, {"layers": 2}), (True, {"n_tags": 4}), (True, {"named": False})])
def test_a_bundle_of_another_shape_is_refused(heads: bool, change: dict[str, Any]) -> None:
    model = small(**change) if "named" not in change else NewsModel(network(
        BertConfig(num_hidden_layers=1, **SHAPE), n_tags=3, lexical=True, sentence_width=8,
    ))  # fmt: skip
    with pytest.raises(ConfigError, match=r"runs/earlier is of another shape than this model: "):
        begin_with(model, Path("runs/earlier"), heads=heads)


def rows() -> Dataset:
    """Four articles of two corpora over three tags and the topics; the second corpus tells of the last two tags."""
    own = [
        {"tags": [0], "topics": [14], "topics_known": [0, 14], "corpus": 0, "input_ids": [[2, 5, 6, 3]]},
        {"tags": [0, 1], "topics": [], "topics_known": [0, 14], "corpus": 0, "input_ids": [[2, 5, 5, 3]]},
        {"tags": [1], "topics": [], "topics_known": [], "corpus": 1, "input_ids": [[2, 7, 8, 3]]},
        {"tags": [2], "topics": [14], "topics_known": [14], "corpus": 1, "input_ids": [[2, 8, 9, 3]]},
    ]
    return Dataset.from_list([row | {"sentence_ids": [[-1, 0, 0, -1]], "n_sentences": 1} for row in own])


KNOWN = torch.tensor([[True, True, False], [False, True, True]])
# As the rows above say: tag 1 of two rows both, tag 2 of four rows two, tag 3 of two rows one.
TARGETS = np.array([[1, 0, -1], [1, 1, -1], [-1, 1, 0], [-1, 0, 1]], dtype=float)


class Tokenizer:
    """What a build asks of one."""

    pad_token_id, bos_token_id, eos_token_id, cls_token_id, sep_token_id = 0, None, None, 2, 3

    def __len__(self) -> int:
        return 20


def built(**tags: Any) -> NewsModel:
    backbone = {"model_type": "bert", "settings": {"num_hidden_layers": 1, **SHAPE}}
    data = {"source": {"kind": "jsonl", "path": "a"}, "output": "b"}
    model = {"backbone": backbone, "tags": tags, "topics": {"weight": 1.0}, "sentences": {"weight": 0.0}}
    config = RunConfig.model_validate({"data": data, "output": "c", "model": model})
    return build_model(config, Tokenizer(), rows(), known=KNOWN)  # type: ignore[arg-type]


def topic_prior() -> np.ndarray:
    # Topic 1 of two rows none, topic 15 of three rows two, all others of none: (0 + 0.5) / 3, (2 + 0.5) / 4, 1/2.
    prior = np.zeros(len(TOPICS))
    prior[0], prior[14] = np.log(1 / 5), np.log(5 / 3)
    return prior


def biases(model: NewsModel) -> np.ndarray:
    return np.asarray(model.eval().tag_head.vectors()[2].detach().double().numpy())


def test_tags_and_topics_begin_at_their_shares_of_the_rows_that_tell() -> None:
    model = built()
    assert biases(model) == pytest.approx(np.concatenate([prior_bias(TARGETS), topic_prior()]), abs=1e-6)
    assert model.config.n_labels == len(model.positive_weight) == 3 + len(TOPICS)
    heads = model.config.heads
    assert (heads.n_tags, heads.n_topics, heads.tags.named) == (3, len(TOPICS), False)


def test_a_named_tag_keeps_as_its_own_what_it_has_beyond_the_mean() -> None:
    model = built(named=True)
    prior = np.concatenate([prior_bias(TARGETS), topic_prior()])
    assert biases(model) == pytest.approx(prior, abs=1e-6)  # names say nothing yet
    assert model.tag_head.bias.mean().item() == pytest.approx(0, abs=1e-6)
    assert model.tag_head.names.bias.bias.item() == pytest.approx(prior.mean(), abs=1e-6)


@pytest.mark.parametrize("named", [False, True])
def test_on_top_of_a_branch_the_attention_adds_nothing_to_the_tags_at_first(named: bool) -> None:
    # The branch's bias is the tags' own; the topics have no branch, and keep their shares.
    model = built(named=named, lexical=True)
    assert biases(model)[:3] == pytest.approx(np.zeros(3), abs=1e-6)
    assert biases(model)[3:] == pytest.approx(topic_prior(), abs=1e-6)
    assert model.lexical_joins
    assert model.lexical.weight.requires_grad


@pytest.mark.parametrize("named", [False, True])
def test_beside_a_blended_branch_the_attention_has_biases_of_its_own(named: bool) -> None:
    model = built(named=named, lexical=True, blend=True)
    assert biases(model) == pytest.approx(np.concatenate([prior_bias(TARGETS), topic_prior()]), abs=1e-6)
    assert not model.lexical_joins
    assert not any(parameter.requires_grad for parameter in model.lexical.parameters())


def test_the_branch_is_fitted_to_the_rows_that_tell_of_tags() -> None:
    silent = KNOWN.clone()
    silent[1] = False
    backbone = {"model_type": "bert", "settings": {"num_hidden_layers": 1, **SHAPE}}
    config = RunConfig.model_validate({
        "data": {"source": {"kind": "jsonl", "path": "a"}, "output": "b"}, "output": "c",
        "model": {"backbone": backbone, "tags": {"lexical": True}, "sentences": {"weight": 0.0}},
    })  # fmt: skip
    model = build_model(config, Tokenizer(), rows(), known=silent)  # type: ignore[arg-type]
    # Of the first two articles one has piece 6 and none 7 to 9: ln(3 / 2) + 1 and ln 3 + 1.
    assert model.lexical.idf[5:10].tolist() == pytest.approx([1.0, 1.4054651, *[2.0986123] * 3])
    assert (model.lexical.weight[7:10] == 0).all()


def test_heads_may_learn_at_a_rate_of_their_own() -> None:
    model = small(layers=2)
    settings = TrainingSection(
        learning_rate=0.4, head_learning_rate=0.1, lexical_learning_rate=0.7, layer_decay=0.5, weight_decay=0.3
    )
    groups = parameter_groups(model, settings)
    found = {id(p): (group["lr"], group["weight_decay"]) for group in groups for p in group["params"]}
    named = {name: found[id(p)] for name, p in model.named_parameters()}
    assert len(named) == len(found)
    assert named["backbone.encoder.layer.1.output.dense.weight"] == (0.2, 0.3)
    assert named["backbone.encoder.layer.0.output.dense.bias"] == (0.1, 0.0)
    assert named["tag_head.query.weight"] == named["tag_head.names.query.weight"] == (0.1, 0.3)
    assert named["tag_head.bias"] == named["tag_head.norm.weight"] == (0.1, 0.0)
    assert named["lexical.weight"] == named["lexical.bias"] == (0.7, 0.0)
    plain = TrainingSection(learning_rate=0.4)
    assert {group["lr"] for group in parameter_groups(model, plain)} == {0.4, plain.lexical_learning_rate}
