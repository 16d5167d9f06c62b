"""A bundle that is given the tags of the data: it learns them, and nothing else of it changes."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from conftest import sample_rows
from networks import with_random_heads
from svodka.adapt.adapt import adapt
from svodka.adapt.fit import kinds
from svodka.adapt.tags import Vocabulary
from svodka.annotator import Annotator
from svodka.article import Article
from svodka.bundle import load_bundle, save_bundle
from svodka.config.training import RunConfig
from svodka.errors import ConfigError
from svodka.labels import TagVocabulary
from svodka.learning.fit import Features, fit_change
from svodka.training.plan import plan
from svodka.training.run import train

KNOWN = "школа"  # a tag of the bundle to begin with, too
SUBJECTS = {
    "мосты": ("Мост через {} открыли после ремонта, опоры моста укрепили бетоном", ("Каменку", "Лугу", "Сож", "Вятку")),
    "музеи": ("Музей {} показал выставку старых картин, залы музея открыты", ("города", "края", "порта", "села")),
    KNOWN: ("Школьники {} написали диктант, уроки в школе начнутся в сентябре", ("Орла", "Тулы", "Пензы", "Омска")),
}  # fmt: skip
PLACES = ("Ключи", "Заречье", "Луговое", "Сосновка", "Берёзки", "Озёрск", "Каменка", "Холмы")


def own_rows() -> list[dict[str, Any]]:
    """Articles of a newsroom, one subject each; no two are near-duplicates of each other."""
    fill = [row["text"].split() for row in sample_rows(96)]
    rows = []
    for number in range(96):
        tag = list(SUBJECTS)[number % 3]
        sentence, names = SUBJECTS[tag]
        rest = " ".join(fill[number][:40])
        text = f"{sentence.format(names[number % 4])}. Об этом сообщили в посёлке {PLACES[number % 8]}. {rest}."
        rows.append({"text": text, "tags": [tag]})
    return rows


BRIDGE, MUSEUM = (
    Article("Мост через Неву закроют на ремонт. Опоры моста осмотрели.", title="Закроют мост"),
    Article("Музей моря открыл новые залы. Выставка картин идёт до осени.", title="Новые залы"),
)


@pytest.fixture(scope="module")
def start(topical: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved bundle of random heads: tags read by name, topics, a lexical branch with networks. Read-only."""
    return with_random_heads(topical / "run" / "bundle", tmp_path_factory.mktemp("adapt") / "start", weight=True)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("own") / "rows.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in own_rows()), encoding="utf-8")
    return path


def config(rows: Path, start: Path, folder: Path, fields: dict[str, Any] | None = None) -> RunConfig:
    data = {
        "source": {"kind": "jsonl", "path": str(rows)},
        "output": str(rows.parent / "prepared"),
        "tags": {"min_count": 3},
        "split": {"validation": 9, "test": 9},
    }
    return RunConfig.model_validate({"data": data, "output": str(folder), "start": str(start)} | (fields or {}))


def quiet(line: str) -> None:
    pass


@pytest.fixture(scope="module")
def made(rows: Path, start: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle with the newsroom's tags alone. Read-only."""
    return adapt(config(rows, start, tmp_path_factory.mktemp("run")), say=quiet)


@pytest.fixture(scope="module")
def both(rows: Path, start: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle with its own tags and the newsroom's. Read-only."""
    return adapt(config(rows, start, tmp_path_factory.mktemp("run"), {"keep_tags": True}), say=quiet)


def scores(folder: Path, articles: Sequence[Article]) -> np.ndarray:
    return np.array([found for _, found in Annotator.load(folder, device="cpu").stream_with_scores(articles)])


def test_the_tags_of_the_data_are_learned(made: Path) -> None:
    assert load_bundle(made).labels.names == ("мосты", "музеи", KNOWN)
    found = scores(made, [BRIDGE, MUSEUM])
    assert found[0, 0] > 0.5 > found[1, 0]
    assert found[1, 1] > 0.5 > found[0, 1]
    told = json.loads((made / "metrics.json").read_text(encoding="utf-8"))["validation"]
    assert told["n"] == 9
    assert told["tag_average_precision"] == pytest.approx(1.0)
    assert [tag.name for tag in Annotator.load(made, device="cpu")(BRIDGE).tags] == ["мосты"]


def test_topics_and_summaries_stay_as_they_were(made: Path, start: Path) -> None:
    before, after = (Annotator.load(folder, device="cpu")(BRIDGE) for folder in (start, made))
    assert after.topics == before.topics
    assert after.summary == before.summary


def test_the_bundles_own_tags_are_kept_as_they_were_where_they_are_wanted(both: Path, start: Path) -> None:
    old, new = load_bundle(start).labels, load_bundle(both).labels
    assert new.names == (*old.names, "мосты", "музеи")
    articles = [BRIDGE, MUSEUM, *(Article(row["text"]) for row in sample_rows(5))]
    before, after = scores(start, articles), scores(both, articles)
    kept = [position for position, name in enumerate(old.names) if name != KNOWN]
    assert np.allclose(before[:, kept], after[:, kept], atol=1e-6)
    assert after[0, new.index["мосты"]] > 0.5


def test_a_tag_learns_the_same_beside_others(made: Path, both: Path) -> None:
    alone, beside = load_bundle(made).labels, load_bundle(both).labels
    found, other = scores(made, [BRIDGE, MUSEUM]), scores(both, [BRIDGE, MUSEUM])
    for name in alone.names:
        assert np.allclose(found[:, alone.index[name]], other[:, beside.index[name]], atol=1e-5)


def test_a_name_that_stands_in_an_article_counts_for_new_tags_after_loading_too(both: Path) -> None:
    bundle = load_bundle(both)
    assert bundle.labels.named == {"мосты", "музеи"}
    spelled = dict(zip(bundle.labels.names, bundle.spellings, strict=True))
    assert (spelled["мосты"], spelled[KNOWN]) == (("мосты",), ())


def test_a_run_that_has_ended_is_left_as_it_is(rows: Path, start: Path, made: Path) -> None:
    told: list[str] = []
    again = config(rows, start, made.parent)
    with pytest.raises(ConfigError, match="holds a run already; go on with it by --resume"):
        adapt(again, say=quiet)
    assert adapt(again, resume=True, say=told.append) == made
    assert told[-1] == f"{made.parent} has ended already; its bundle is as it was"


def test_two_spellings_that_are_one_tag_of_the_bundle_are_one_tag_beside_it(
    rows: Path, start: Path, tmp_path: Path
) -> None:
    bundle = load_bundle(start)
    named = tmp_path / "start"
    save_bundle(replace(bundle, labels=replace(bundle.labels, aliases={"мосты": KNOWN})), named)
    found = load_bundle(adapt(config(rows, named, tmp_path / "run", {"keep_tags": True}), say=quiet)).labels
    assert found.names == (*bundle.labels.names, "музеи")
    assert found.resolve("мосты") == KNOWN


def test_data_without_tags_are_refused(rows: Path, start: Path, tmp_path: Path) -> None:
    bare = config(rows, start, tmp_path / "run")
    data = bare.data.model_copy(
        update={"tags": bare.data.tags.model_copy(update={"min_count": 90}), "output": tmp_path / "prepared"}
    )
    with pytest.raises(ConfigError, match=r"can be given 1 to 2,000 tags, got 0; set data\.tags\.min_count or"):
        adapt(bare.model_copy(update={"data": data}), say=quiet)


def test_a_tag_that_no_bundle_can_take_is_refused_by_its_name(start: Path) -> None:
    data: Any = SimpleNamespace(labels=TagVocabulary(("мосты", "ы" * 5000)))
    with pytest.raises(ConfigError, match=r"tag 'ы{30}…' of the data has 5,000 letters, at most 200 are allow"):
        Vocabulary.of(load_bundle(start), data, keep=False)
    data = SimpleNamespace(labels=TagVocabulary(tuple(f"т{i}" for i in range(2001))))
    with pytest.raises(ConfigError, match="can be given 1 to 2,000 tags, got 2,001"):
        Vocabulary.of(load_bundle(start), data, keep=False)


def test_a_bundle_that_reads_no_names_is_refused(rows: Path, trained: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="this model cannot take other tags"):
        adapt(config(rows, trained / "run" / "bundle", tmp_path / "run"), say=quiet)


@pytest.mark.parametrize("run", [train, plan])
def test_what_trains_and_plans_says_that_there_is_nothing_to_train(run: Any, rows: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="so there is nothing to plan or tune"):
        run(config(rows, tmp_path / "none", tmp_path / "run"))


def test_a_part_that_counts_for_nothing_learns_nothing(start: Path) -> None:
    bundle = load_bundle(start)
    assert [kind.part for kind in kinds(bundle)] == ["readout", "weight", "output"]
    bundle.model.config.heads = bundle.model.config.heads.with_shares("tags", (0.6, 0.0, 0.4))
    assert [(kind.part, kind.share) for kind in kinds(bundle)] == [("readout", 0.6), ("output", 0.4)]


# The fit


def test_sparse_features_teach_what_the_same_dense_ones_do() -> None:
    from scipy.sparse import csr_matrix

    generator = np.random.default_rng(5)
    dense = generator.normal(size=(20, 7)) * (generator.random((20, 7)) < 0.4)
    odds, said = generator.normal(size=20), (generator.random(20) < 0.4).astype(float)
    one, other = (fit_change(odds, said, [Features.of(rows)]) for rows in (dense, csr_matrix(dense)))
    assert np.allclose(one.weights[0], other.weights[0])
    assert one.constant == pytest.approx(other.constant)
    assert np.allclose(one.left_out, other.left_out)


def test_an_article_left_out_has_the_odds_that_the_others_alone_give_it() -> None:
    generator = np.random.default_rng(6)
    rows = generator.normal(size=(40, 3))
    said = (rows[:, 0] + generator.normal(size=40) > 0).astype(float)
    odds = generator.normal(size=40)
    found = fit_change(odds, said, [Features.of(rows)], whole=True)
    after = odds + rows @ found.weights[0] + found.constant
    for place in (0, 7, 23):
        rest = np.delete(np.arange(40), place)
        alone = fit_change(odds[rest], said[rest], [Features.of(rows[rest])], whole=True)
        without = odds[place] + rows[place] @ alone.weights[0] + alone.constant
        # A step of Newton's method, not the optimum itself; and the others have a mean and a length of their own.
        assert found.left_out[place] == pytest.approx(without, abs=0.15)
        assert abs(found.left_out[place] - without) < abs(after[place] - without)


# What a config may say


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"start": None}, "`model.backbone` is missing: give it `pretrained`"),
        ({"training": {"epochs": 5}, "model": {"tags": {"lexical": True}}},
         "model.tags.lexical, training.epochs: says how a network is trained"),
        ({"keep_tags": True, "model": {"backbone": {"model_type": "bert"}}}, "`keep_tags` is for a bundle that takes"),
    ],
)  # fmt: skip
def test_settings_that_do_not_go_together_are_refused(
    fields: dict[str, Any], expected: str, rows: Path, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=expected.replace(".", r"\.")):
        config(rows, tmp_path, tmp_path / "run", fields)


def test_the_mark_of_names_that_count_is_kept(tmp_path: Path) -> None:
    labels = TagVocabulary(("а", "б"), {"бэ": "б"}, named=frozenset({"б"}))
    labels.save(tmp_path / "labels.json")
    assert TagVocabulary.load(tmp_path / "labels.json") == labels
    assert labels.spellings == ((), ("б", "бэ"))
    with pytest.raises(ConfigError, match="`named` must be tags of the vocabulary; not among them: в"):
        TagVocabulary(("а",), named=frozenset({"в"}))
