"""The baselines of topics, and the tags of one outlet of several."""

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest

from svodka.annotator import Annotator
from svodka.answers import Scored
from svodka.article import Annotation, Article, Tag
from svodka.bundle import load_bundle, save_bundle
from svodka.cli.reports import show_report
from svodka.data.store import PreparedData
from svodka.errors import DataError
from svodka.evaluation.evaluate import evaluate
from svodka.evaluation.options import EvaluateOptions
from svodka.evaluation.tags.outlet import of_outlet, scored_labels
from svodka.evaluation.topics.baselines import frequent_topic, linear_topics
from svodka.evaluation.topics.gold import TopicGold
from svodka.evaluation.topics.systems import some_rows
from svodka.labels import TagVocabulary
from svodka.topics import TOPIC_IDS

SPORT, WEATHER, HEALTH = (TOPIC_IDS.index(f"medtop:{n}000000") for n in (15, 17, "07"))
BODIES = ("Сборная забросила шайбу номер {}.", "Синоптики обещают снег и ветер {} числа.", "Врачи приняли {} больных.")


def corpus(n: int) -> tuple[list[Article], TopicGold]:
    """Articles on hockey, snow and doctors by turns; of doctors it is not known whether they are about the weather."""
    gold, known = np.zeros((n, 17)), np.zeros((n, 17))
    for i in range(n):
        gold[i, (SPORT, WEATHER, HEALTH)[i % 3]] = 1
        known[i, [SPORT, WEATHER, HEALTH]] = 1
        known[i, WEATHER] = i % 3 != 2
    return [Article(BODIES[i % 3].format(i)) for i in range(n)], TopicGold(gold, known)


def test_a_large_corpus_is_learnt_from_in_part_and_topics_stay_with_their_articles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    articles, gold = corpus(40)
    assert some_rows(articles, gold) == (articles, gold)
    monkeypatch.setattr("svodka.evaluation.topics.systems.LINEAR_MOST", 12)
    some, theirs = some_rows(articles, gold)
    rows = [articles.index(article) for article in some]
    assert len(set(rows)) == 12
    assert rows == sorted(rows) != list(range(12))
    assert (theirs.gold == gold.gold[rows]).all()
    assert (theirs.known == gold.known[rows]).all()


def test_the_most_frequent_topic_by_hand() -> None:
    # Of four articles two are on hockey, one on snow; of snow three are known.
    _, gold = corpus(4)
    decided, scores = frequent_topic(gold, 2)
    assert np.flatnonzero(decided[0]).tolist() == [SPORT]
    assert scores[1, [SPORT, WEATHER, HEALTH]].tolist() == pytest.approx([2 / 4, 1 / 3, 1 / 4])
    assert decided.shape == (2, 17)


def test_a_linear_model_learns_what_words_tell() -> None:
    (test, gold), tuning = corpus(6), corpus(9)
    found = linear_topics(corpus(30), validation=tuning, test=test, apart=True)
    assert found.decided.shape == found.scores.shape == (6, 17)
    assert (found.decided * gold.known).tolist() == gold.gold.tolist()
    assert found.apart is not None
    assert found.apart.argmax(axis=1).tolist() == gold.gold.argmax(axis=1).tolist()


def test_a_topic_is_learnt_from_what_is_known_but_told_apart_from_all() -> None:
    (test, _), train = corpus(6), corpus(30)
    found = linear_topics(train, validation=corpus(9), test=test, apart=True)
    # Weather is learnt without the articles on doctors, but told apart from them too.
    assert found.apart is not None
    assert (found.apart[:, SPORT] == found.scores[:, SPORT]).all()
    assert (found.apart[[2, 5], WEATHER] < found.scores[[2, 5], WEATHER]).all()
    assert linear_topics(train, validation=corpus(9), test=test, apart=False).apart is None


def test_a_topic_that_no_label_denies_is_learnt_against_the_others() -> None:
    (test, gold), (articles, train) = corpus(6), corpus(30)
    known = train.known.copy()
    known[:, SPORT] = train.gold[:, SPORT]  # nobody is known to be about anything but sport
    found = linear_topics((articles, TopicGold(train.gold, known)), validation=corpus(9), test=test, apart=False)
    assert (found.scores[:, SPORT] > 0).tolist() == (gold.gold[:, SPORT] > 0).tolist()


@pytest.mark.parametrize(("good", "taken"), [(0, 0), (1, 1), (None, 0)])
def test_the_negatives_that_validation_likes_better_are_taken(
    good: int | None, taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Margins of three validation articles and a test article: right, or turned round; equally good, the first way.
    tuning = corpus(3)
    right = np.vstack([2 * tuning[1].gold - 1, np.full((1, 17), 0.5)])
    ways = [right if good in (i, None) else np.vstack([-right[:3], np.full((1, 17), 0.25)]) for i in range(2)]
    asked = iter(ways)
    monkeypatch.setattr("svodka.evaluation.topics.baselines._margins", lambda *_, **__: next(asked))
    found = linear_topics(corpus(30), validation=tuning, test=tuning[0][:1], apart=True)
    assert found.scores.tolist() == ways[taken][3:].tolist()
    assert found.apart is not None
    assert found.apart.tolist() == ways[1][3:].tolist()
    # The best threshold lies midway between 1 and -1.
    assert found.decided.tolist() == [[1.0] * 17]


def test_a_topic_that_nobody_has_is_never_given() -> None:
    found = linear_topics(corpus(30), validation=corpus(9), test=corpus(3)[0], apart=False)
    others = [i for i in range(17) if i not in (SPORT, WEATHER, HEALTH)]
    assert set(found.scores[:, others].ravel()) == {-1.0}
    assert found.decided[:, others].sum() == 0


def test_without_validation_the_margin_decides() -> None:
    train = corpus(30)
    found = linear_topics(
        train, validation=([], TopicGold(np.zeros((0, 17)), np.zeros((0, 17)))), test=train[0][:3], apart=False
    )
    assert (found.decided == (found.scores >= 0)).all()


LABELS = TagVocabulary(
    ("война", "вокруг света", "город", "спорт"),
    {"футбол": "спорт", "бои": "война"},
    {"война": ("rt",), "вокруг света": ("rt", "ng"), "город": ("ng",), "спорт": ("rt", "ng")},
    house=frozenset({"вокруг света"}),
)


def test_the_tags_of_an_outlet() -> None:
    part = scored_labels(LABELS, "ng")
    assert part.names == ("город", "спорт")
    assert part.aliases == {"футбол": "спорт"}
    assert scored_labels(LABELS, "lenta").names == ()
    one = TagVocabulary(("город", "спорт"))
    assert scored_labels(one, "anything").names == one.names


def test_an_answer_with_the_tags_of_an_outlet() -> None:
    annotation = Annotation("a", (Tag("война", 0.9), Tag("спорт", 0.8)))
    scored = Scored(annotation, np.array([0.9, 0.7, 0.1, 0.8]), np.zeros(17))
    found = of_outlet(scored, LABELS, scored_labels(LABELS, "ng"))
    assert [tag.name for tag in found.annotation.tags] == ["спорт"]
    assert found.tags.tolist() == [0.1, 0.8]
    whole = TagVocabulary(LABELS.names)
    assert of_outlet(scored, whole, scored_labels(whole, "ng")) is scored


@pytest.fixture(scope="module")
def outlets(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trained bundle with tags of two outlets, and the prepared folder under the name of one and of a third."""
    folder = tmp_path_factory.mktemp("outlets")
    bundle = load_bundle(trained / "run" / "bundle")
    names = bundle.labels.names
    used = {name: ("rt", "ng") if i % 2 else ("ng",) for i, name in enumerate(names)}
    labels = TagVocabulary(names, bundle.labels.aliases, used, frozenset(names[1:2]))
    save_bundle(dataclasses.replace(bundle, labels=labels), folder / "bundle")
    for name in ("rt", "lenta"):
        shutil.copytree(trained / "prepared", folder / name)
    return folder


def test_tags_that_an_outlet_does_not_use_are_no_mistakes(outlets: Path) -> None:
    annotator = Annotator.load(outlets / "bundle", device="cpu")
    names = annotator.bundle.labels.names
    report = evaluate(annotator, PreparedData.open(outlets / "rt"))
    assert report["records"]["tags"]["vocabulary"] == [name for i, name in enumerate(names) if i % 2 and i > 1]
    assert set(report["per_tag"]) == set(report["records"]["tags"]["vocabulary"])
    # The baselines answer for the same tags of the same articles.
    for system in report["records"]["tags"]["systems"].values():
        assert len(system["decided"]) == report["n"]
        assert all(place < len(names) // 2 for row in system["decided"] for place in row)
    assert {"TF-IDF + linear SVM", "frequent tags"} < set(report["tags"])
    for kind in ("best", "worst"):
        for example in report["examples"][kind]:
            given = {tag["name"] for tag in example["tags"] if tag["verdict"] in ("right", "wrong", "missed")}
            assert given <= set(report["per_tag"])


def test_of_an_outlet_without_tags_the_rest_is_scored(outlets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    annotator = Annotator.load(outlets / "bundle", device="cpu")
    report = evaluate(annotator, PreparedData.open(outlets / "lenta"), EvaluateOptions(evidence=2))
    assert "tags" not in report
    assert "summaries" in report
    assert "evidence" not in report
    assert report["outlet"] == {"name": "lenta", "known": ["ng", "rt"]}
    show_report(report, [])
    told = " ".join(capsys.readouterr().out.split())
    assert "no tags scored: the model has none of 'lenta'; it has those of ng, rt" in told


def test_nothing_to_score_says_which_folders_have_tags(outlets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    annotator = Annotator.load(outlets / "bundle", device="cpu")
    monkeypatch.setattr("svodka.evaluation.evaluate.summary_record", lambda *_, **__: None)
    with pytest.raises(DataError, match=r"the model has no tags of 'lenta'; it has those of the folders ng, rt$"):
        evaluate(annotator, PreparedData.open(outlets / "lenta"))
