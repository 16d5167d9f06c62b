"""Drift: reference statistics and the verdict, against numbers worked out by hand and against a trained bundle."""

import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pytest

from svodka.annotator import Annotator
from svodka.article import Article
from svodka.bundle import load_bundle
from svodka.bundle.reference import (
    Distribution,
    Reference,
    count_pieces,
    jensen_shannon,
    make_reference,
    owned_pieces,
    score_features,
    text_features,
    unseen_share,
)
from svodka.data.splits import SPLITS
from svodka.data.store import PreparedData
from svodka.errors import BundleError, DataError
from svodka.evaluation.attach import attach_report
from svodka.evaluation.drift import _tags, _verdict, drift, learn_reference, psi, psi_by_chance


@pytest.fixture(scope="module")
def annotator(trained: Path) -> Annotator:
    return Annotator.load(trained / "run" / "bundle", device="cpu")


@pytest.fixture(scope="module")
def data(trained: Path) -> PreparedData:
    return PreparedData.open(trained / "prepared")


def pieces(*ids: int) -> np.ndarray:
    return np.array(ids, dtype=np.int32)


def test_bands_by_hand() -> None:
    spread = Distribution.of(np.arange(1.0, 101.0))
    assert spread.counts == (10,) * 10
    assert spread.mean == 50.5
    # Below all, on the first edge (10.9), above all.
    assert spread.counts_of(np.array([0.0, 10.9, 500.0])) == (1, 1, *([0] * 7), 1)


def test_equal_numbers_make_one_band() -> None:
    spread = Distribution.of(np.array([0.0] * 19 + [5.0]))
    assert spread.edges == (0.0,)
    assert spread.counts == (0, 20)


def test_psi_by_hand() -> None:
    # Half an article more in each of two bands: 1/2 and 1/2 against 1/4 and 3/4 of 8 + 1.
    old, new = (4, 4), (2, 6)
    p, q = (0.5, 0.5), (2.5 / 9, 6.5 / 9)
    assert psi(old, new) == pytest.approx(sum((b - a) * math.log(b / a) for a, b in zip(p, q, strict=True)))
    assert psi(old, (8, 8)) == pytest.approx(0)
    assert math.isfinite(psi((0, 4), (4, 0)))


def test_psi_that_chance_gives() -> None:
    # chi-squared of 9 degrees of freedom stays under 16.919 with 95%; 1/100 + 1/100.
    assert psi_by_chance(10, 100, 100) == pytest.approx(16.919 * 0.02, abs=1e-4)
    generator = np.random.default_rng(0)
    reference = Distribution.of(generator.normal(size=500))
    indices = [psi(reference.counts, reference.counts_of(generator.normal(size=200))) for _ in range(400)]
    assert np.mean(np.array(indices) > psi_by_chance(10, 500, 200)) < 0.1


def test_features_of_text_by_hand() -> None:
    # Three pieces, seen 6, 1 and 0 times in training; with one added to each: 7, 2 and 1 of 10.
    training = count_pieces([pieces(0, 0, 0, 0), pieces(0, 0, 1)], 3)
    assert training.tolist() == [6, 1, 0]
    found = text_features([pieces(0, 2), pieces()], training)
    assert found["length"].tolist() == [2, 0]
    assert found["surprise"].tolist() == pytest.approx([-(math.log2(0.7) + math.log2(0.1)) / 2, 0])
    assert found["rare"].tolist() == [0.5, 0]
    assert unseen_share(np.array([1, 1, 2]), training) == 0.5


def test_features_of_scores_by_hand() -> None:
    found = score_features(np.array([[0.9, 0.4], [0.1, 0.3]]), np.array([0.5, 0.3]))
    assert found["top_score"].tolist() == [0.9, 0.3]
    assert found["tags"].tolist() == [2, 1]
    assert score_features(np.zeros((3, 0)), np.zeros(0)) == {}


def test_divergence_by_hand() -> None:
    assert jensen_shannon(np.array([1, 1]), np.array([5, 5])) == 0
    assert jensen_shannon(np.array([1, 0]), np.array([0, 9])) == pytest.approx(1)
    # (1, 0) and (1/2, 1/2), middle (3/4, 1/4): half of log2(4/3), and half of (log2(2/3) + log2 2) / 2.
    expected = (math.log2(4 / 3) + (math.log2(2 / 3) + 1) / 2) / 2
    assert jensen_shannon(np.array([2, 0]), np.array([3, 3])) == pytest.approx(expected)


def test_special_tokens_and_overlaps_are_not_counted() -> None:
    assert owned_pieces([[2, 7, 8, 3], [2, 8, 9, 3]], [[-1, 0, 1, -1], [-1, -1, 1, -1]]).tolist() == [7, 8, 9]


def reference(given: tuple[int, ...], articles: int = 100) -> Reference:
    made = make_reference(
        "d", [pieces(0)], [pieces(0)], n_pieces=1, probabilities=np.zeros((1, 2)), thresholds=np.ones(2)
    )
    return dataclasses.replace(made, given=given, articles=articles)


def test_tags_that_vanish_or_come_more() -> None:
    names = ("мост", "снег", "спорт", "наука", "театр")
    found = _tags(reference((30, 10, 20, 1, 0)), names, np.array([0, 40, 22, 0, 20]), 100)
    assert {row["name"]: row["change"] for row in found} == {"мост": "vanished", "снег": "more", "театр": "new"}
    assert {"name": "мост", "change": "vanished", "share": 0.0, "share_reference": 0.3} in found


def test_the_verdict_follows_the_strongest_change() -> None:
    row = {"psi": 0.3, "mean": 1.0, "mean_reference": 2.0}
    assert _verdict({"length": {**row, "change": "none"}}, []) == ("no drift", [])
    assert _verdict({"length": {**row, "change": "some"}}, [])[0] == "some drift"
    assert _verdict({"length": {**row, "change": "none"}}, [{"name": "мост"}])[0] == "some drift"
    verdict, why = _verdict({"length": {**row, "change": "strong"}}, [])
    assert verdict == "strong drift"
    assert why == ["length in pieces: strong change (PSI 0.30), mean 1 against 2"]


def test_training_writes_the_reference_that_the_bundle_would_learn(annotator: Annotator, data: PreparedData) -> None:
    written = annotator.bundle.reference
    assert written is not None
    learnt = learn_reference(annotator, data.hash, train=data.articles("train"), held_out=data.articles("validation"))
    assert written.articles == learnt.articles == 6
    assert (written.pieces == learnt.pieces).all()
    assert written.given == learnt.given
    assert written.divergence == pytest.approx(learnt.divergence)
    for name, spread in written.features.items():
        assert spread.edges == pytest.approx(learnt.features[name].edges, abs=1e-6)
        assert spread.counts == learnt.features[name].counts


def test_the_articles_that_a_model_knows_are_no_drift(annotator: Annotator, data: PreparedData) -> None:
    found = drift(annotator, data.articles("validation"))
    assert found["verdict"] == "no drift"
    assert (found["n"], found["n_reference"]) == (6, 6)
    for name in ("length", "surprise", "rare"):
        assert found["features"][name]["psi"] == pytest.approx(0, abs=1e-9)
    assert found["vocabulary"]["divergence"] == pytest.approx(found["vocabulary"]["divergence_reference"])
    assert set(found["features"]) == {"length", "surprise", "rare", "top_score", "tags"}


def test_foreign_text_is_drift(annotator: Annotator, data: PreparedData) -> None:
    # Six held-out articles prove nothing; all forty do.
    known = [article for split in SPLITS for article in data.articles(split)]
    wide = learn_reference(annotator, data.hash, train=data.articles("train"), held_out=known)
    model = Annotator(dataclasses.replace(annotator.bundle, reference=wide), device="cpu")
    assert drift(model, known)["verdict"] == "no drift"
    found = drift(model, [Article("Quarterly earnings beat forecasts. " * 3, title="Markets")] * 60)
    assert found["verdict"] == "strong drift"
    assert found["features"]["surprise"]["change"] == "strong"
    assert any(line.startswith("surprise of the words") for line in found["why"])


def test_nothing_to_compare_is_told(annotator: Annotator) -> None:
    with pytest.raises(DataError, match="there are no articles to compare"):
        drift(annotator, [])


def strip(bundle: Path) -> None:
    """Make a bundle one of a version that knew neither reference nor history."""
    manifest = json.loads((bundle / "bundle.json").read_text())
    for name in ("reference.json", "history.jsonl"):
        (bundle / name).unlink()
        del manifest["files"][name]
    (bundle / "bundle.json").write_text(json.dumps(manifest))


def test_an_older_bundle_says_what_it_lacks_and_can_get_it(
    bundle_copy: Path, data: PreparedData, report: dict[str, object]
) -> None:
    strip(bundle_copy)
    old = Annotator.load(bundle_copy, device="cpu")
    assert old.bundle.history == ()
    with pytest.raises(BundleError, match=r"holds no reference statistics .*evaluate BUNDLE DATA --attach"):
        drift(old, [Article("Мост открыли.")])
    attach_report(bundle_copy, old, data, report)
    assert load_bundle(bundle_copy).reference is not None


def test_a_reference_of_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "reference.json"
    reference((1, 2)).save(path)
    assert Reference.load(path).given == (1, 2)
    path.write_text(path.read_text().replace('"format": 1', '"format": 9'))
    with pytest.raises(BundleError, match="format 9, but this version reads 1; train again"):
        Reference.load(path)
    path.write_text('{"format": 1}')
    with pytest.raises(BundleError, match="cannot read the reference statistics"):
        Reference.load(path)
