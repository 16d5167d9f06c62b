"""Tags taught by corrections: they change and no other does, and what was learned lies apart and can be taken back."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from conftest import sample_rows
from networks import with_random_heads
from svodka.annotator import Annotator
from svodka.article import Article
from svodka.bundle import Bundle, load_bundle, save_bundle
from svodka.bundle.files import BundlePaths, file_table
from svodka.bundle.learned import save_learned, taken_back
from svodka.errors import BundleError, ConfigError, DataError
from svodka.files import write_json
from svodka.learning.corrections import read_corrections
from svodka.learning.fit import NAMED, OTHERS, TRAINED, Features, fit_change
from svodka.learning.readings import Readings, read
from svodka.tagsets import NamedTag, TagSet

BRIDGES = [
    Article("Мост через Каменку открыли. По мосту проехал автобус.", id="a", title="Город ждал моста"),
    Article("Новый мост построят за рекой. Опоры моста уже стоят.", id="b", title="Опоры готовы"),
    Article("Через Лугу перекинут ещё один мост. Старый мост закроют.", id="c", title="Луга ждёт"),
]
OTHERS_READ = [Article(row["text"], id=row["id"], title=row["title"]) for row in sample_rows(12)]


@pytest.fixture(scope="module")
def saved(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved bundle of random heads: tags read by name, and a lexical branch with networks. Read-only."""
    return with_random_heads(trained / "run" / "bundle", tmp_path_factory.mktemp("learning") / "bundle", weight=False)


@pytest.fixture(scope="module")
def annotator(saved: Path) -> Annotator:
    return Annotator.load(saved, device="cpu")


def scores(one: Annotator, articles: Sequence[Article] = (*BRIDGES, *OTHERS_READ)) -> np.ndarray:
    return np.array([found for _, found in one.stream_with_scores(articles)])


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def row(article: Article, **said: Any) -> dict[str, Any]:
    return {"id": article.id, "title": article.title, "text": article.text, **said}


def lesson(tag: str) -> list[dict[str, Any]]:
    return [
        row(BRIDGES[0], missing=[tag]),
        row(BRIDGES[1], right=[tag]),
        *(row(other, wrong=[tag]) for other in OTHERS_READ[:3]),
    ]


# Features alone


def test_articles_of_which_nothing_is_said_change_nothing() -> None:
    generator = np.random.default_rng(1)
    features = [Features.of(generator.normal(size=(9, 4)))]
    found = fit_change(generator.normal(size=9), np.full(9, -1.0), features)
    assert found.constant == pytest.approx(0, abs=1e-9)
    assert found.weights[0] == pytest.approx(np.zeros(4), abs=1e-9)


def test_the_change_is_the_likeliest_one() -> None:
    # One article has no features beside its mean, so the constant c is all: its prior has the variance s^2 = B^2 / O,
    # as if one article were there of which nothing is said, and c = s^2 (1 - sigmoid(c)) where the derivative is zero.
    variance = NAMED.bias_spread**2 / OTHERS
    found = fit_change(np.zeros(1), np.ones(1), [Features.of(np.ones((1, 3)))]).constant
    assert found == pytest.approx(variance * (1 - 1 / (1 + np.exp(-found))), abs=1e-5)


def test_a_trained_tag_moves_less_than_a_name() -> None:
    rows = np.random.default_rng(4).normal(size=(6, 3))
    said, features = np.array([1.0, 0.0, 1.0, -1.0, -1.0, -1.0]), [Features.of(rows)]
    by_name, trained = (fit_change(np.zeros(6), said, features, prior) for prior in (NAMED, TRAINED))
    assert np.linalg.norm(trained.weights[0]) < np.linalg.norm(by_name.weights[0])
    assert (rows[0] - rows[1]) @ trained.weights[0] > 0


def test_odds_far_off_are_brought_round() -> None:
    generator = np.random.default_rng(2)
    rows = np.concatenate([generator.normal(2, 1, (10, 5)), generator.normal(-2, 1, (30, 5))])
    said = np.concatenate([np.ones(10), np.full(30, -1.0)])
    odds = np.full(40, -9.0)
    change = fit_change(odds, said, [Features.of(rows)])
    after = odds + rows @ change.weights[0] + change.constant
    assert after[:10].min() > max(after[10:].max(), -6)


# What corrections say


def test_corrections_are_read_with_their_articles_by_text_or_by_id() -> None:
    rows: list[dict[str, Any]] = [
        {"id": "a", "right": ["Мосты"], "wrong": ["Балет"]},
        {"text": "Снег идёт второй день.", "tags": [{"name": "погода"}, "зима"]},
        {"id": "a", "missing": ["Балет"], "complete": True},
    ]
    first, second = read_corrections(rows, BRIDGES)
    assert (first.article.id, first.said, first.complete) == ("a", {"Балет": True}, True)
    assert (second.said, second.complete) == ({"погода": True, "зима": True}, True)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ({"text": "Снег."}, "correction 1: says nothing of any tag; give it `right`, `wrong` or `missing`, or all its"),
        ({"text": "Снег.", "right": "зима"}, r"correction 1: `right` must be a list of tags, got str 'зима'"),
        (
            {"text": "Снег.", "right": [3]},
            r"correction 1: `right` must hold names of tags, each with a letter or digit",
        ),
        (
            {"text": "Снег.", "missing": ["зима", " "]},
            r"`missing` must hold names of tags, .*, got \"\['зима', ' '\]\"",
        ),
        (
            {"text": "Снег.", "tags": ["«»"]},
            r"`tags` must hold names of tags, each with a letter or digit, got \"\['«»'",
        ),
        ({"text": "Снег.", "wrong": ["ы" * 5000]}, "`wrong`: tag 'ы{30}…' has 5,000 letters, at most 200 are allowed"),
        ({"text": "Снег.", "right": ["Зима"], "wrong": [" зима"]}, "tag 'зима' stands under `right` and under `wrong`"),
        ({"id": "z", "right": ["зима"]}, "correction 1: no article has the id 'z'; name the file that has it by"),
        ({"right": ["зима"]}, "correction 1: has neither `text` nor `id`; give it the article"),
        ({"text": "Снег.", "right": ["зима"], "wrong": ["зима"]}, "tag 'зима' stands under `right` and under `wrong`"),
    ],
)
def test_what_is_wrong_with_a_correction_is_told(broken: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_corrections([broken], BRIDGES)


# Learning


def test_corrected_tags_move_as_they_were_corrected_and_no_other_does(annotator: Annotator) -> None:
    own = annotator.bundle.labels.names[2]
    before = scores(annotator)
    taught = annotator.learn([*lesson(own), *lesson("Мосты")], articles=OTHERS_READ)
    after = scores(taught)
    assert taught.bundle.labels.names == (*annotator.bundle.labels.names, "мосты")
    kept = [i for i in range(before.shape[1]) if i != 2]
    assert np.array_equal(after[:, kept], before[:, kept])
    assert (after[:2, 2] > before[:2, 2]).all()
    assert (after[3:6, 2] < before[3:6, 2]).all()
    by_name = scores(annotator.with_tags(["Мосты"]))[:, 0]
    assert (after[:2, -1] > by_name[:2]).all()
    assert (after[3:6, -1] < by_name[3:6]).all()
    assert np.array_equal(scores(annotator), before)  # what it was made from gives what it gave
    for one, other in zip(annotator(BRIDGES), taught(BRIDGES), strict=True):
        assert (one.topics, one.summary) == (other.topics, other.summary)


def test_a_lesson_says_what_came_from_what(annotator: Annotator) -> None:
    own = annotator.bundle.labels.names[2]
    once = annotator.learn([*lesson(own.upper()), row(BRIDGES[2], tags=["Мосты"])])
    story = once.bundle.learned[-1].story
    told = [(tag.name, tag.was, tag.positive, tag.negative) for tag in story.tags]
    # The row of all tags says that the article has not the other.
    assert told == [(own, "trained", 2, 4), ("мосты", "new", 1, 0)]
    assert story.corrections == 6
    twice = once.learn(lesson("мосты"))
    assert [tag.was for tag in twice.bundle.learned[-1].story.tags] == ["learned"]
    assert len({one.bundle.fingerprint for one in (annotator, once, twice)}) == 3


def test_a_new_tag_counts_where_its_name_stands_and_in_a_set_keeps_what_it_learned(annotator: Annotator) -> None:
    taught = annotator.learn(lesson("Мосты"), articles=OTHERS_READ)
    assert taught.bundle.spellings[-1] == ("Мосты",)
    in_set = taught.with_tags(["Балет", "мосты"])
    assert scores(in_set)[:, 1] == pytest.approx(scores(taught)[:, -1], abs=1e-6)
    again = in_set.learn(lesson("Балет"), articles=OTHERS_READ)
    assert scores(again)[:, 1] == pytest.approx(scores(in_set)[:, 1], abs=1e-6)
    assert scores(again)[0, 0] > scores(in_set)[0, 0]


def test_examples_of_a_set_are_learned_where_it_is_applied(annotator: Annotator) -> None:
    plain = TagSet((NamedTag("Балет"), NamedTag("Стройка")))
    examples = tuple(one.text for one in BRIDGES)
    with_examples = TagSet((NamedTag("Балет"), NamedTag("Стройка", examples=examples)))
    before, after = (scores(annotator.with_tags(tags), BRIDGES) for tags in (plain, with_examples))
    assert (after[:, 1] > before[:, 1]).all()
    assert np.allclose(after[:, 0], before[:, 0])
    fingerprints = {annotator.with_tags(with_examples).bundle.fingerprint for _ in range(2)}
    assert len(fingerprints) == 1


def test_of_a_large_archive_a_few_articles_are_read(
    annotator: Annotator, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    seen: list[str] = []

    def watched(bundle: Bundle, articles: Sequence[Article]) -> Readings:
        seen.extend(article.id for article in articles)
        return read(bundle, articles)

    monkeypatch.setattr("svodka.learning.learn.MOST_OTHERS", 3)
    annotator.learn([row(BRIDGES[0], missing=["Мосты"])], articles=[*BRIDGES, *OTHERS_READ], reading=watched)
    # The corrected one, then each fourth of the fourteen others.
    assert seen == [one.id for one in (BRIDGES[0], *[*BRIDGES[1:], *OTHERS_READ][::4][:3])]


def test_what_cannot_be_learned_is_told(annotator: Annotator, trained: Path) -> None:
    with pytest.raises(DataError, match="no tag is corrected"):
        annotator.learn([{"text": "Снег.", "right": []}])
    with pytest.raises(
        DataError, match="10,000 tags are corrected, at most 2,000 can be learned at once; teach them in"
    ):
        annotator.learn([{"text": "Снег.", "right": [f"тег {i}" for i in range(10_000)]}])
    with pytest.raises(ConfigError, match="this model cannot take other tags"):
        Annotator.load(trained / "run" / "bundle", device="cpu").learn(lesson("Мосты"))
    with pytest.raises(ConfigError, match="this model lies in no folder"):
        annotator.learn(lesson("Мосты")).learn(lesson("Реки"), output=Path("nowhere"))


# On disk


def test_a_taught_bundle_is_loaded_as_it_was_taught_and_taken_back_bit_for_bit(
    annotator: Annotator, saved: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    once = annotator.learn(lesson("Мосты"), articles=OTHERS_READ, output=first)
    loaded = Annotator.load(first, device="cpu")
    assert np.array_equal(scores(loaded), scores(once))
    assert loaded.bundle.fingerprint == once.bundle.fingerprint != annotator.bundle.fingerprint
    assert (loaded.bundle.labels, loaded.bundle.spellings) == (once.bundle.labels, once.bundle.spellings)
    # All that was there is there, byte for byte, beside the rows.
    before, after = contents(saved), contents(first)
    assert {name for name in after if name not in before} == {"learned/learned.json", "learned/001.safetensors"}
    assert [name for name in before if before[name] != after[name]] == ["bundle.json"]
    once.learn(lesson(annotator.bundle.labels.names[0]), articles=OTHERS_READ, output=second)
    assert taken_back(second, second).corrections == 5
    assert contents(second) == after
    taken_back(second, tmp_path / "third")
    assert contents(tmp_path / "third") == before
    with pytest.raises(ConfigError, match="has learned nothing from corrections; there is nothing to take back"):
        taken_back(saved, tmp_path / "fourth")


def test_what_would_lose_the_lessons_refuses_to(annotator: Annotator, tmp_path: Path) -> None:
    taught = annotator.learn(lesson("Мосты"))
    with pytest.raises(BundleError, match="saving it anew would lose what the bundle learned from corrections"):
        save_bundle(taught.bundle, tmp_path / "bundle")


def test_a_lesson_that_breaks_off_leaves_the_bundle_as_it_was(
    annotator: Annotator, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(saved, tmp_path / "bundle"))
    taught = annotator.learn(lesson("Мосты"))

    def broken(path: Path, body: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("svodka.bundle.learned.write_json", broken)
    with pytest.raises(OSError, match="disk full"):
        save_learned(folder, folder, taught.bundle.learned)
    assert contents(folder) == contents(saved)
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def damaged(folder: Path, change: Any) -> Path:
    change(folder)
    paths = BundlePaths(folder)
    manifest = json.loads(paths.manifest.read_text(encoding="utf-8"))
    write_json(paths.manifest, manifest | {"files": file_table(folder)})
    return folder


def _other_format(folder: Path) -> None:
    story = json.loads((folder / "learned/learned.json").read_text(encoding="utf-8"))
    write_json(folder / "learned/learned.json", story | {"format": 9})


def _no_rows(folder: Path) -> None:
    (folder / "learned/001.safetensors").unlink()


def _other_rows(folder: Path) -> None:
    torch_rows = {"bias": torch.zeros(1)}
    from safetensors.torch import save_file

    save_file(torch_rows, folder / "learned/001.safetensors")


def _unknown_field(folder: Path) -> None:
    story = json.loads((folder / "learned/learned.json").read_text(encoding="utf-8"))
    story["steps"][0]["tags"][0]["was"] = "guessed"
    write_json(folder / "learned/learned.json", story)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_other_format, r"learned\.json: format 9, but this version reads 1"),
        (_no_rows, "learned: cannot read what was learned"),
        (_other_rows, r"learned rows are \{'bias': \[1\]\}, but this model's are"),
        (_unknown_field, r"'steps.0.tags.0.was': Input should be 'trained', 'learned' or 'new', got 'guessed'"),
    ],
)
def test_a_damaged_lesson_is_refused(annotator: Annotator, tmp_path: Path, change: Any, message: str) -> None:
    annotator.learn(lesson("Мосты"), output=tmp_path / "bundle")
    with pytest.raises(BundleError, match=message):
        load_bundle(damaged(tmp_path / "bundle", change), light=True)
