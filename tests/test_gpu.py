"""Fine-tuning away from the data: what is packed, three stages on it, and the bundle that comes of it."""

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from conftest import sample_rows
from mixed import NOISE, OTHER, SILENT, mixed_settings
from on_gpu import material, stages
from on_gpu.articles import Articles, gap_of
from on_gpu.material import Material, Plan
from on_gpu.packing import pack
from on_gpu.parts import Parts, validate
from on_gpu.stages import Stages
from on_gpu.unpacking import unpack
from on_gpu.windows import Windows
from svodka import Annotator
from svodka.article import Article
from svodka.bundle import load_bundle, save_bundle
from svodka.config.training import RunConfig
from svodka.data.store import PreparedData
from svodka.model.encoding import ArticleEncoder
from svodka.model.news_model import NewsModel
from svodka.training.run import train

CPU = torch.device("cpu")
WINDOW = {"tokens": 64, "overlap": 8, "limit": 3}
STEPS = 3


class Steps:
    """In place of a stage's clock: a stage lasts three steps."""

    def __init__(self, seconds: float) -> None:
        self.step, self._steps = 0, STEPS if seconds else 0

    @property
    def gone(self) -> float:
        return self.step / STEPS

    @property
    def goes_on(self) -> bool:
        return self.step < self._steps

    def stopped(self) -> Any:
        return torch.no_grad()


@pytest.fixture(scope="module")
def body(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A finished run, and the config of one on its encoder of four layers."""
    folder = tmp_path_factory.mktemp("far")
    body = mixed_settings(folder)
    body["model"]["backbone"]["settings"]["num_hidden_layers"] = 4
    train(RunConfig.model_validate(body), say=lambda line: None)
    bundle = load_bundle(folder / "run" / "bundle")
    bundle.model.backbone.save_pretrained(folder / "encoder")
    bundle.tokenizer.save_pretrained(folder / "encoder")
    return body | {"model": body["model"] | {"backbone": {"pretrained": str(folder / "encoder")}}}


@pytest.fixture(scope="module")
def start(body: dict[str, Any]) -> Path:
    return Path(body["output"]) / "bundle"


@pytest.fixture(scope="module")
def folder(body: dict[str, Any], start: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("packed")
    pack(RunConfig.model_validate(body), start, found, most_tokens=200)
    return found


@pytest.fixture(scope="module")
def articles(folder: Path) -> Articles:
    return Articles.load(folder)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Plan:
    """The draws by the names of these corpora, and steps that take no time."""
    for name in ("_TAGGED", "_TOPICAL", "_WRITTEN", "_SUMMARISED"):
        monkeypatch.setattr(material, name, {"main": 4, OTHER: 3, SILENT: 2})
    monkeypatch.setattr(material, "_WATCHED", {"main": 3})
    monkeypatch.setattr(stages, "Clock", Steps)
    return Plan(seconds=(1, 1, 1), rates=(1e-2, 1e-2, 1e-2), layers=(0, 3), batches=(4, 4, 4, 4), first=2, **WINDOW)


def with_layers(start: Path, output: Path, layers: int) -> Path:
    """A bundle with the first layers of another's encoder."""
    bundle = load_bundle(start)
    config = copy.deepcopy(bundle.model.config)
    config.backbone.num_hidden_layers = layers
    model = NewsModel(config)
    own = model.state_dict()
    model.load_state_dict({name: weight for name, weight in bundle.model.state_dict().items() if name in own})
    save_bundle(replace(bundle, model=model), output, weights="float32")
    return output


def test_every_article_is_packed_with_what_its_corpus_tells(articles: Articles, body: dict[str, Any]) -> None:
    main = PreparedData.open(Path(body["data"]["output"]))
    labels = load_bundle(Path(body["output"]) / "bundle").labels
    assert articles.corpora == ["main", OTHER, SILENT, NOISE]
    rows = main.dataset("train")
    assert len(articles.of("main")) == len(rows)
    first = articles.of("main")[0]
    assert [labels.names[i] for i in articles.tags[first]] == sorted(rows[0]["tags"], key=labels.names.index)
    assert not len(articles.tags[articles.of(SILENT)[0]])
    assert articles.known.tolist()[2] == [False] * len(labels)
    assert articles.known.tolist()[3] == [True] * len(labels)
    assert articles.held_out.sum() == 4 + 5 + 3 + 2


def test_windows_are_those_that_the_bundle_reads(articles: Articles, body: dict[str, Any], start: Path) -> None:
    rows = PreparedData.open(Path(body["data"]["output"])).dataset("train")
    encoder = ArticleEncoder(load_bundle(start).tokenizer, 64, overlap=8, limit=3)
    places = articles.of("main")[:6]
    windows = Windows(articles, places, device=CPU, **WINDOW)
    found = [Article(row["text"], title=row["title"]) for row in rows.select(range(6))]
    for number, encoding in enumerate(encoder.encode(found)):
        batch = windows.batch(np.array([number]))
        assert [row[real].tolist() for row, real in zip(batch.ids, batch.real, strict=True)] == encoding.input_ids
        owned = [[owner >= 0 for owner in owners] for owners in encoding.sentence_ids]
        # What stands behind the title belongs to it there; it is no token of an article's text.
        assert [row[: len(own)].tolist() for row, own in zip(batch.owned, owned, strict=True)] == owned


def test_a_text_is_not_among_what_it_is_written_from(articles: Articles) -> None:
    place = next(int(i) for i in articles.of("main") if articles.gaps[i] >= 0)
    title, gap = articles.target(place, "headline"), articles.target(place, "gap")
    whole, without = articles.read(place).tolist(), articles.read(place, "gap").tolist()
    assert articles.read(place, "headline").tolist() == articles.ids[place][len(title) :].tolist()
    assert whole == [*title.tolist(), articles.special["sep"], *articles.ids[place][len(title) :].tolist()]
    assert len(without) == len(whole) - len(gap)
    assert len(gap) == articles.sentences[place][articles.gaps[place]]


def test_the_gap_is_the_sentence_that_shares_most() -> None:
    about, other = np.arange(10, 20, dtype=np.uint16), np.arange(40, 50, dtype=np.uint16)
    assert gap_of([other, about, about[:8], np.arange(60, 70, dtype=np.uint16)]) == 1
    assert gap_of([about, about, about]) == -1  # too short an article


def test_two_layers_learn_from_four_and_become_a_bundle(
    folder: Path, start: Path, articles: Articles, few: Plan, tmp_path: Path
) -> None:
    told: list[dict[str, Any]] = []
    learner = Stages(Material(articles, few, CPU), lambda facts: told.append(dict(facts)))
    parts = Parts.begin(folder, CPU)
    before = {name: weight.clone() for name, weight in parts.encoder.state_dict().items()}
    learner.fine_tune(parts)
    after = parts.encoder.state_dict()
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert moved
    assert not any(name.startswith("embeddings.") for name in moved)
    teacher = {name: weight.clone() for name, weight in after.items()}
    student = learner.teach(parts, few.layers, earlier=parts.earlier(folder))
    assert len(student.encoder.encoder.layer) == 2
    assert all(torch.equal(teacher[name], weight) for name, weight in parts.encoder.state_dict().items())
    learner.write_on(student)
    assert [facts["stage"] for facts in told if "steps" in facts] == [1, 2, 3]
    assert all(np.isfinite(list(facts["loss"].values())).all() for facts in told if "loss" in facts)
    student.save(tmp_path)
    scores = validate(student, learner.material)
    assert 0 < scores["tags"] <= 1
    assert 0 < scores["topics"] <= 1

    smaller = tmp_path / "smaller"
    shrunk = with_layers(start, smaller, 2)
    unpack(tmp_path, shrunk, tmp_path / "new", writer=True)
    weights = load_bundle(tmp_path / "new").model.state_dict()
    given = student.encoder.state_dict()
    assert all(
        torch.allclose(weights[f"backbone.{name}"], given[name], atol=1e-6) for name in given if "layer." in name
    )
    assert torch.allclose(weights["tag_head.query.weight"], student.head.query.weight, atol=1e-3)
    assert not weights["topic_network.centre"].any()
    row = sample_rows(1)[0]
    found = Annotator.load(tmp_path / "new").with_summary("written")(Article(row["text"], title=row["title"]))
    assert found.topics
    assert found.summary is not None


def test_layers_of_the_bundle_are_trained_on_and_teach(
    body: dict[str, Any], start: Path, few: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "packed"
    folder.mkdir()
    articles = pack(RunConfig.model_validate(body), with_layers(start, tmp_path / "two", 2), folder, most_tokens=200)
    told: list[dict[str, Any]] = []
    learner = Stages(Material(articles, few, CPU), lambda facts: told.append(dict(facts)))
    parts = Parts.begin(folder, CPU)
    earlier = parts.earlier(folder)
    assert earlier is not None
    own = load_bundle(tmp_path / "two").model.backbone.state_dict()
    given = earlier.encoder.state_dict()
    assert all(
        torch.allclose(given[name], one, atol=0.1 * float(one.std())) for name, one in own.items() if "dense" in name
    )
    begun = {}
    monkeypatch.setattr(
        Stages, "_learn", lambda self, student, *, number, teachers: begun.update(student=student, teachers=teachers)
    )
    student = learner.teach(parts, few.layers, earlier=earlier)
    assert begun == {"student": student, "teachers": [parts, earlier]}
    assert all(torch.equal(one, given[name]) for name, one in student.encoder.state_dict().items())
    assert all(one.requires_grad for one in student.encoder.encoder.parameters())
    assert not any(one.requires_grad for one in earlier.encoder.parameters())


def test_what_is_learnt_of_two_teachers_is_the_mean_of_their_logits(
    folder: Path, articles: Articles, few: Plan
) -> None:
    learner = Stages(Material(articles, few, CPU), lambda facts: None)
    one, other = Parts.begin(folder, CPU), Parts.begin(folder, CPU)
    with torch.no_grad():
        for bias, value in ((one.head.bias, -1.0), (other.head.bias, 3.0)):
            bias.add_(value)
    middle = one.copy()
    with torch.no_grad():
        middle.head.bias.add_(2.0)
    for part in (one, other, middle):
        part.freeze()
    learner.material.texts = lambda shares, size: learner.material.written["summary"].of(np.arange(2))  # type: ignore[method-assign]
    assert (
        float(learner._losses(middle, [one, other])["chances"].detach())
        < 1e-6
        < float(learner._losses(one, [one, other])["chances"].detach())
    )


def test_a_compiler_that_fails_is_done_without(
    folder: Path, articles: Articles, few: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, Any]] = []

    def fails(encoder: Any) -> None:
        raise RuntimeError("no compiler")

    monkeypatch.setattr(stages, "compile_layers", fails)
    stances: list[str] = []
    monkeypatch.setattr(torch.compiler, "set_stance", stances.append)
    learner = Stages(Material(articles, replace(few, compiled=True), CPU), lambda facts: told.append(dict(facts)))
    learner.fine_tune(Parts.begin(folder, CPU))
    assert told[0] == {"compiling failed": "RuntimeError('no compiler')"}
    assert stances == ["force_eager", "default", "force_eager"]
    assert told[-1]["steps"] == STEPS


def test_articles_are_packed_with_the_tokens_of_the_encoder(body: dict[str, Any], start: Path, tmp_path: Path) -> None:
    other = load_bundle(start).tokenizer
    other.add_tokens(["новое"])
    strange = tmp_path / "strange"
    load_bundle(start).model.backbone.save_pretrained(strange)
    other.save_pretrained(strange)
    changed = body | {"model": body["model"] | {"backbone": {"pretrained": str(strange)}}}
    with pytest.raises(SystemExit, match=f"{start} has other tokens than {strange}"):
        pack(RunConfig.model_validate(changed), start, tmp_path, most_tokens=200)
