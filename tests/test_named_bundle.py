"""A bundle with tags of another set: trained tags keep what was learnt, others are read by name."""

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from conftest import sample_rows
from svodka.annotator import Annotator
from svodka.article import Article
from svodka.bundle import Bundle, load_bundle, with_tag_set
from svodka.bundle.doubts import doubts
from svodka.bundle.named import INTERCEPT, MENTIONED, NEARLY, SLOPE, THRESHOLD
from svodka.errors import ConfigError
from svodka.model.news_model import NewsModel
from svodka.tagsets import NamedTag, TagChoice, TagSet

BRIDGE = Article("Мост через Каменку открыли. По мосту проехал автобус.", title="Город ждал моста", id="bridge")


@pytest.fixture(scope="module")
def bundle(trained: Path) -> Bundle:
    """A bundle of random heads whose tags are read by name."""
    plain = load_bundle(trained / "run" / "bundle")
    config = plain.model.config
    tags = config.heads.tags.model_copy(update={"named": True})
    config.heads = config.heads.model_copy(update={"tags": tags})
    torch.manual_seed(3)
    model = NewsModel(config).eval()
    with torch.no_grad():
        for part in (model.tag_head.names.vectors, model.lexical.weight, model.lexical.bias, model.tag_head.bias):
            part.normal_()
    generator = np.random.default_rng(3)
    column = generator.uniform(0.2, 0.8, len(plain.labels))
    calibration = replace(plain.calibration, slope=1 + column, intercept=column, threshold=column, nearly=1.0)
    return replace(plain, model=model, calibration=calibration)


def articles() -> list[Article]:
    return [Article(row["text"], id=row["id"], title=row["title"]) for row in sample_rows(6)]


def scores(annotator: Annotator, some: list[Article]) -> np.ndarray:
    return np.array([found for _, found in annotator.stream_with_scores(some)])


def test_trained_tags_score_as_before_in_any_spelling_and_order(bundle: Bundle) -> None:
    first, second = bundle.labels.names[3], bundle.labels.names[0]
    tags = TagSet((NamedTag("Неведомое"), NamedTag(first.upper()), NamedTag(second)))
    annotator = Annotator(bundle, device="cpu")
    before, after = scores(annotator, articles()), scores(annotator.with_tags(tags), articles())
    assert np.allclose(after[:, 1:], before[:, [3, 0]], atol=1e-6)
    # What it was made from gives what it gave.
    assert np.allclose(scores(annotator, articles()), before, atol=1e-6)


def test_topics_and_summaries_stay(bundle: Bundle) -> None:
    annotator = Annotator(bundle, device="cpu")
    for one, other in zip(annotator(articles()), annotator.with_tags(["Мосты"])(articles()), strict=True):
        assert (one.summary, one.topics) == (other.summary, other.topics)


def test_a_tag_that_nobody_trained_is_calibrated_as_such(bundle: Bundle) -> None:
    named = with_tag_set(bundle, TagSet.of_names([bundle.labels.names[2], "Мосты"]))
    trained, share = bundle.calibration, bundle.model.config.heads.tags.shares[0]
    assert named.spellings == ((), ("Мосты",))
    assert named.calibration.slope.tolist() == [trained.slope[2], SLOPE / share]
    assert named.calibration.intercept.tolist() == [trained.intercept[2], INTERCEPT]
    assert named.calibration.threshold.tolist() == [trained.threshold[2], THRESHOLD]
    assert named.calibration.nearly == NEARLY
    assert with_tag_set(bundle, TagSet.of_names([bundle.labels.names[2]]), learnt=False).spellings == (
        (bundle.labels.names[2],),
    )


def test_a_name_in_the_title_raises_its_tag_and_is_its_evidence(bundle: Bundle) -> None:
    annotator = Annotator(bundle, device="cpu").with_tags(["мосты"], TagChoice(min_score=0.0))
    plain = replace(BRIDGE, title="Город ждал давно", text=BRIDGE.text.replace("Мост", "Путь").replace("мосту", "пути"))
    odds = np.log(scores(annotator, [BRIDGE, plain]) / (1 - scores(annotator, [BRIDGE, plain])))
    assert odds[0, 0] - odds[1, 0] > MENTIONED[0] / 2
    (tag,) = annotator(BRIDGE).tags
    assert tag.name == "мосты"
    assert tag.evidence[0] == "Город ждал моста"


def test_aliases_that_the_model_does_not_know_count_for_trained_tags_too(bundle: Bundle) -> None:
    own, other = bundle.labels.names[2], bundle.labels.names[5]
    tags = TagSet((NamedTag(own, aliases=("мост", other)),))
    assert with_tag_set(bundle, tags).spellings == (("мост", other),)
    known = replace(bundle, labels=replace(bundle.labels, aliases={"мост": own}))
    assert with_tag_set(known, tags).spellings == ((other,),)


def test_tags_are_shown_as_their_newsroom_writes_them(bundle: Bundle) -> None:
    annotator = Annotator(bundle, device="cpu").with_tags(["ЖКХ", "Мосты и Каналы"], TagChoice(min_score=0.0))
    assert {tag.name for tag in annotator(BRIDGE).tags} == {"ЖКХ", "Мосты и Каналы"}


def test_manual_tags_are_never_given_and_one_kind_gives_one(bundle: Bundle) -> None:
    tags = (NamedTag("Мосты", manual=True), NamedTag("Каналы"), NamedTag("Реки"))
    annotator = Annotator(bundle, device="cpu")
    assert all(len(found.tags) == 1 for found in annotator.with_tags(TagSet(tags, kind="one"))(articles()))
    every = annotator.with_tags(TagSet(tags), TagChoice(min_score=0.0))(BRIDGE)
    assert {tag.name for tag in every.tags} == {"Каналы", "Реки"}


def test_a_choice_cuts_drops_and_renames_the_models_own_tags_too(bundle: Bundle) -> None:
    annotator = Annotator(bundle, device="cpu")
    every = [tag.name for tag in annotator.with_tags(choice=TagChoice(min_score=0.0))(BRIDGE).tags]
    assert set(every) == set(bundle.labels.names) - bundle.labels.house
    choice = TagChoice(2, 0.0, frozenset([every[0]]), {every[1]: "Другое", every[2]: "Другое", every[3]: "Третье"})
    assert [tag.name for tag in annotator.with_tags(choice=choice)(BRIDGE).tags] == ["Другое", "Третье"]
    with pytest.raises(ConfigError, match=r"--drop-tags: no tag 'Мосты'; .*`svodka tags list` prints them all"):
        annotator.with_tags(choice=TagChoice(drop=frozenset(["Мосты"])))


def test_other_tags_are_another_model_to_whoever_resumes(bundle: Bundle) -> None:
    saved = replace(bundle, fingerprint="f")
    found = {with_tag_set(saved, TagSet.of_names(names)).fingerprint for names in (["Мосты"], ["Реки"])}
    assert len(found | {"f"}) == 3


def test_a_model_that_reads_no_names_says_so(trained: Path) -> None:
    plain = Annotator.load(trained / "run" / "bundle", device="cpu")
    with pytest.raises(ConfigError, match="this model cannot take other tags"):
        plain.with_tags(["Мосты"])
    kept = plain.with_tags(choice=TagChoice(top=1, min_score=0.0))
    assert [len(found.tags) for found in pickle.loads(pickle.dumps(kept))(articles())] == [1] * 6


def test_doubts_name_what_the_model_cannot_tell_apart_and_words_that_are_none(bundle: Bundle) -> None:
    own = bundle.labels.names[1]
    spelt = replace(bundle, labels=replace(bundle.labels, aliases={"другое имя": own}))
    names = ("мосты", own, "Другое имя", "ъъжщ", "мосты.мосты")
    tags = TagSet((*map(NamedTag, names), NamedTag("ъщъ", description="дороги и реки")))
    told = doubts(spelt, tags)
    assert f"tags.3: 'Другое имя' and '{own}' are both the model's tag '{own}'" in "".join(told)
    assert [line.partition(":")[0] for line in told if "no word of" in line] == ["tags.4"]
    same = doubts(bundle, TagSet((NamedTag("Реки", description="вода"), NamedTag("реки: вода"))))
    assert ["can hardly tell 'реки: вода' from 'Реки'" in line for line in same] == [True]
