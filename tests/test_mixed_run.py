"""Several corpora in one run, from a teacher on kept states to its student: small models, end to end."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from conftest import sample_rows
from mixed import NOISE, OTHER, SILENT, mixed_settings
from svodka import Annotator
from svodka.bundle import load_bundle
from svodka.config.training import RunConfig
from svodka.data.store import PreparedData
from svodka.errors import ConfigError
from svodka.topics import TOPIC_IDS
from svodka.training.run import train
from svodka.training.states import StateStore
from svodka.training.trainer import average_precision

OWN = ("main", OTHER)
PARTS = ("attention", "network", "words")  # of the topics
VALIDATION = {"main": 4, OTHER: 5, SILENT: 3, NOISE: 2}  # as many as were asked for


def run(body: dict[str, Any]) -> tuple[Path, list[str]]:
    """The bundle's folder, and what was said."""
    lines: list[str] = []
    return train(RunConfig.model_validate(body), say=lines.append), lines


def still(body: dict[str, Any], output: str, **training: Any) -> dict[str, Any]:
    """Another run of a config, of as good as no learning."""
    rates = {"learning_rate": 1e-30, "head_learning_rate": None, "lexical_learning_rate": 0, "weight_decay": 0.0}
    output = str(Path(body["output"]).with_name(output))
    return body | {"output": output, "training": body["training"] | rates | training}


@pytest.fixture(scope="module")
def body(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The config of a teacher, whose backbone stays as it is."""
    folder = tmp_path_factory.mktemp("mixed")
    return mixed_settings(folder, states=str(folder / "states"))


@pytest.fixture(scope="module")
def taught(body: dict[str, Any]) -> tuple[Path, list[str]]:
    """The teacher's bundle and what was said."""
    return run(body)


@pytest.fixture(scope="module")
def teacher(taught: tuple[Path, list[str]]) -> Path:
    return taught[0]


def with_tokenizer(body: dict[str, Any], teacher: Path) -> dict[str, Any]:
    return body | {"model": body["model"] | {"tokenizer": {"path": str(teacher / "tokenizer")}}}


def data(body: dict[str, Any]) -> dict[str, PreparedData]:
    folders = [Path(part["output"]) for part in (body["data"], *(part["data"] for part in body["beside"]))]
    return {folder.name: PreparedData.open(folder) for folder in folders}


def test_an_epoch_reads_of_each_corpus_what_was_asked_for(teacher: Path) -> None:
    lines = [json.loads(line) for line in (teacher / "history.jsonl").read_text().splitlines()]
    # 36 + 9 + 5 + 3 articles in batches of 4 are 14 steps, twice.
    assert sum("loss" in line for line in lines) == 28
    assert json.loads((teacher / "metrics.json").read_text())["validation"]["n"] == sum(VALIDATION.values())


def test_the_bundle_knows_whose_tags_are_whose_and_all_topics(teacher: Path, body: dict[str, Any]) -> None:
    bundle, corpora = load_bundle(teacher), data(body)
    names = {name: set(corpora[name].labels.names) for name in corpora}
    assert set(bundle.labels.names) == names["main"] | names[OTHER]
    assert {"рубрика 0", "рубрика 1"} <= names[OTHER] - names["main"]
    assert all(set(bundle.labels.outlets[tag]) == {o for o in OWN if tag in names[o]} for tag in bundle.labels.names)
    assert bundle.topics is not None
    assert len(bundle.topics) == bundle.model.config.heads.n_topics == len(TOPIC_IDS)
    assert bundle.model.topic_words.weight.any()
    origin = json.loads((teacher / "bundle.json").read_text())["origin"]
    assert len(origin["sources"]) == 4
    assert origin["data"] not in {corpus.hash for corpus in corpora.values()}


def test_a_frozen_backbone_is_read_once_and_stays(taught: tuple[Path, list[str]], body: dict[str, Any]) -> None:
    bundle, lines = taught
    stores = list(Path(body["training"]["states"]).iterdir())
    assert len(stores) == 1
    # The store is named by the weights: that of the trained bundle is the one that was filled before the first step.
    store = StateStore.of(Path(body["training"]["states"]), load_bundle(bundle).model.backbone, 32)
    assert len(store) > 0
    told = next(line for line in lines if line.endswith("0 are known"))
    assert told.startswith(f"reading {len(store):,} windows of ")
    trained = next(line for line in lines if "of them trained" in line)
    heads = [p for name, p in load_bundle(bundle).model.named_parameters() if name.startswith(("tag_", "sentence_"))]
    assert f" {sum(p.numel() for p in heads):,} of them trained" in trained  # neither backbone nor branch


def test_scores_of_the_validation_split_are_of_what_is_known(teacher: Path, body: dict[str, Any]) -> None:
    # Read again by the bundle, corpus by corpus; its own scores are of states in float16.
    annotator, corpora = Annotator.load(teacher, device="cpu"), data(body)
    labels = annotator.bundle.labels
    logits, targets = [], []
    for name, n in VALIDATION.items():
        articles = corpora[name].articles("validation")[:n]
        assert len(articles) == n
        known = labels.known(name) if name in OWN else [name == NOISE] * len(labels)
        logits += [scores for _, scores in annotator.stream_with_scores(articles)]
        targets += [np.where(known, labels.encode(article.tags), -1.0) for article in articles]
    found = average_precision(np.array(logits), np.array(targets))
    scores = json.loads((teacher / "metrics.json").read_text())["validation"]
    assert scores["tag_average_precision"] == pytest.approx(found, abs=0.01)
    assert 0 < scores["topic_average_precision"] <= 1
    assert set(scores["blend"]) == {"attention", "linear", "latent"}
    assert tuple(scores["topic_blend"]) == tuple(scores["topic_average_precision_apart"]) == PARTS


def test_an_annotation_has_topics_and_tags(teacher: Path) -> None:
    annotation = Annotator.load(teacher, device="cpu")(sample_rows(3)[1]["text"])
    assert annotation.topics
    assert {topic.id for topic in annotation.topics} <= set(TOPIC_IDS)
    assert annotation.summary


def test_a_bundle_names_its_tags_by_the_encoder_that_it_has(teacher: Path) -> None:
    bundle = load_bundle(teacher)
    head, labels = bundle.model.tag_head.names, list(bundle.labels.names)
    ids = [bundle.tokenizer(name)["input_ids"] for name in labels]
    with torch.inference_mode():
        means = torch.stack([bundle.model.token_states(torch.tensor([row]), None)[0].mean(dim=0) for row in ids])
        assert torch.allclose(head.normed(means), head.vectors[: len(labels)], atol=1e-3)


def test_another_run_on_the_same_backbone_reads_nothing_anew(
    teacher: Path, body: dict[str, Any], tmp_path: Path
) -> None:
    again = body | {"output": str(tmp_path / "again")}
    again["training"] = body["training"] | {"epochs": 1, "head_learning_rate": 1e-4}
    bundle, lines = run(again | {"bundle": {"weights": "int4"}})
    assert not any(line.startswith("reading ") for line in lines)
    # Of what it holds the token embedding alone, 600 pieces of 32, is large enough for 4 bits: 16 bytes a piece.
    stored = load_file(bundle / "model.safetensors")
    assert [(name, tuple(t.shape)) for name, t in stored.items() if t.dtype == torch.uint8] == [
        ("backbone.embeddings.word_embeddings.weight", (600, 16))
    ]
    assert Annotator.load(bundle, device="cpu")(sample_rows(3)[1]["text"]).topics


def test_steps_beyond_the_epochs_of_the_config_have_their_states_too(body: dict[str, Any], tmp_path: Path) -> None:
    # `max_steps` overrides `epochs`: 45 steps of 14 an epoch are four epochs, which draw rows that two never read.
    longer = still(body, "longer", max_steps=45, states=str(tmp_path / "states"), eval_steps=50)
    bundle, _ = run(longer)
    assert json.loads((bundle / "bundle.json").read_text())["origin"]["steps"] == 45


def test_a_run_that_begins_with_a_bundle_goes_on_from_its_weights(teacher: Path, body: dict[str, Any]) -> None:
    onward = with_tokenizer(still(body, "onward", epochs=1), teacher) | {"start": str(teacher)}
    before, after = (load_file(folder / "model.safetensors") for folder in (teacher, run(onward)[0]))
    assert before.keys() == after.keys()
    for name in before:
        assert torch.allclose(before[name].float(), after[name].float(), atol=1e-5), name


def student(body: dict[str, Any], teacher: Path, folder: Path, **training: Any) -> dict[str, Any]:
    """The teacher's first layer, taught to give the states of both."""
    bundle = load_bundle(teacher)
    if not (folder / "backbone").exists():
        bundle.model.backbone.save_pretrained(folder / "backbone")
        bundle.tokenizer.save_pretrained(folder / "backbone")
    model = body["model"] | {
        "backbone": {"pretrained": str(folder / "backbone"), "layers": [0]},
        "tokenizer": {},
        "teaching": {"weight": 5.0, "teacher": str(teacher)},
    }
    return body | {"output": str(folder / "student"), "model": model, "training": body["training"] | training}


def distances(bundle: Path, teacher: Path, body: dict[str, Any]) -> float:
    """Mean distance of a student's token states to its teacher's, over the main corpus' validation split."""
    from svodka.model.teaching import state_distance

    own, other = load_bundle(bundle), load_bundle(teacher)
    texts = [article.text for article in data(body)["main"].articles("validation")]
    given = own.tokenizer(texts, padding=True, truncation=True, max_length=90, return_tensors="pt")
    ids, mask = given["input_ids"], given["attention_mask"]
    with torch.inference_mode():
        return state_distance(own.model.token_states(ids, mask), other.model.token_states(ids, mask), mask).item()


def test_a_student_learns_its_teachers_states(teacher: Path, body: dict[str, Any], tmp_path: Path) -> None:
    settings = student(body, teacher, tmp_path, learning_rate=3e-3)
    first = run(still(settings, "first", epochs=1))[0]
    bundle, lines = run(settings)
    model = load_bundle(bundle).model
    assert model.config.backbone.num_hidden_layers == len(model.backbone.encoder.layer) == 1
    assert distances(bundle, teacher, body) < 0.5 * distances(first, teacher, body)
    # The teacher's states of what an epoch reads are known already; its validation is the student's own reading.
    assert not any(line.startswith("reading ") for line in lines)
    assert Annotator.load(bundle, device="cpu")(sample_rows(3)[1]["text"]).topics


def test_a_student_begins_with_its_teachers_heads(teacher: Path, body: dict[str, Any], tmp_path: Path) -> None:
    first = run(still(student(body, teacher, tmp_path), "first", epochs=1))[0]
    before, after = (load_file(folder / "model.safetensors") for folder in (teacher, first))
    # The names are read by the student's own encoder.
    own = ("backbone.", "tag_head.names.vectors", "tag_head.names.centre")
    heads = [name for name in after if not name.startswith(own)]
    assert len(heads) > 20
    for name in heads:
        assert torch.allclose(before[name].float(), after[name].float(), atol=1e-5), name
    layer = "backbone.encoder.layer.0.output.dense.weight"
    assert torch.allclose(before[layer].float(), after[layer].float(), atol=1e-5)


def test_a_bundle_of_other_tags_or_pieces_is_no_start(teacher: Path, body: dict[str, Any], tmp_path: Path) -> None:
    # Of one width, they would be taken for each other without a word.
    renamed = with_tokenizer(body, teacher) | {"start": str(teacher), "output": str(tmp_path / "renamed")}
    rows = (Path(body["data"]["source"]["path"])).read_text(encoding="utf-8").replace('"общество"', '"обчество"')
    (tmp_path / "main.jsonl").write_text(rows, encoding="utf-8")
    source = {"kind": "jsonl", "path": str(tmp_path / "main.jsonl")}
    renamed["data"] = body["data"] | {"source": source, "output": str(tmp_path / "main")}
    with pytest.raises(ConfigError, match=r"start: .*bundle has other tags than these corpora: .*общество"):
        run(renamed)
    other = body | {"start": str(teacher), "output": str(tmp_path / "other")}
    other["model"] = body["model"] | {"tokenizer": {"size": 590}}
    with pytest.raises(ConfigError, match=r"start: .*bundle has another tokenizer; .*model\.tokenizer\.path=.*/tok"):
        run(other)
    taught = student(body, teacher, tmp_path) | {"output": str(tmp_path / "taught")}
    taught["model"] = taught["model"] | {"tokenizer": {"size": 590}}
    taught["model"]["backbone"] = body["model"]["backbone"]
    with pytest.raises(ConfigError, match=r"model\.teaching\.teacher: .*bundle has another tokenizer"):
        run(taught)


def test_a_teacher_of_another_shape_is_named_as_one(teacher: Path, body: dict[str, Any], tmp_path: Path) -> None:
    wide = student(body, teacher, tmp_path)
    wide["model"] = wide["model"] | {"sentences": {"width": 32}}
    with pytest.raises(ConfigError, match=r"model\.teaching\.teacher: .*bundle is of another shape than this model"):
        run(wide)


def test_prepared_folders_that_were_moved_are_the_same_data(body: dict[str, Any], tmp_path: Path) -> None:
    moved = still(body, "moved", epochs=1, states=None) | {"output": str(tmp_path / "moved")}
    for part in (body["data"], *(part["data"] for part in body["beside"])):
        target = tmp_path / "elsewhere" / Path(part["output"]).name
        target.parent.mkdir(exist_ok=True)
        target.symlink_to(part["output"])
    moved["data"] = body["data"] | {"output": str(tmp_path / "elsewhere" / "main")}
    moved["beside"] = [
        part | {"data": part["data"] | {"output": str(tmp_path / "elsewhere" / Path(part["data"]["output"]).name)}}
        for part in body["beside"]
    ]
    moved["data"]["source"] = body["data"]["source"] | {"path": "no/longer/there.jsonl"}
    assert (run(moved)[0] / "bundle.json").exists()
    moved["output"] = str(tmp_path / "otherwise")
    moved["beside"][0]["data"]["tags"] = {"min_count": 3}
    with pytest.raises(ConfigError, match=r"other was prepared with other settings than the `data`"):
        run(moved)
