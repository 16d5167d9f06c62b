"""The bundle that comes with Svodka: found without being named, whole, small, and sensible on an invented page."""

import json
from pathlib import Path

import pytest

from svodka import Annotator
from svodka.article import Annotation, Article
from svodka.bundle import default_bundle
from svodka.bundle.files import check_bundle
from svodka.inputs.pages import read_page
from svodka.tagsets import TagChoice
from svodka.text import split_sentences

MOST_BYTES = 80_000_000


@pytest.fixture(scope="module")
def annotator() -> Annotator:
    return Annotator.load(device="cpu")


def test_it_is_whole_and_small(root: Path) -> None:
    assert default_bundle() == root / "models" / "svodka"
    manifest = check_bundle(default_bundle())
    assert sum(entry["size"] for entry in manifest["files"].values()) < MOST_BYTES


def test_its_scores_stand_beside_the_baselines(root: Path) -> None:
    scores = json.loads((root / "models" / "svodka" / "metrics.json").read_text())["test"]
    assert scores["n"] == 700
    model, linear = scores["tags, model"], scores["tags, TF-IDF + linear SVM"]
    assert all(model[name] > linear[name] for name in ("micro_f1", "macro_f1", "p@5"))
    # RT's editors write 60 words: ours of at most 40 is about as near to them as as many words of the first sentences.
    # What is gained on short leads, which it is made for, stands in models/README.md.
    as_long = scores["summaries, model - first 3 sentences, 40 words, with 95% interval"]
    shorter = scores["summaries, model - first sentence, with 95% interval"]
    assert all(as_long[name]["high"] > 0 and shorter[name]["low"] > 0 for name in ("rouge1", "rouge2", "rougeL"))
    assert "ROUGE signature" in scores


def test_it_reads_an_invented_page_about_hockey(annotator: Annotator, root: Path) -> None:
    article = read_page(root / "data" / "demo" / "hokkey-final.txt", None).article
    found = annotator(article)
    assert {"спорт", "хоккей"} & {tag.name for tag in found.tags}
    assert found.summary is not None
    assert found.summary.kind == "extractive"
    assert all(sentence.text in article.text for sentence in split_sentences(found.summary.text))
    assert found.cut == 0


# All that a newsroom may have: names. Beside each page the one that is right for it.
TWELVE = (
    "Больницы", "Школы", "Мосты", "ЖКХ", "Хоккей", "Космос", "Музеи", "Театр", "Суды", "Погода", "Интернет",
    "Сельское хозяйство",
)  # fmt: skip
PAGES = {
    "pages/akadem-02.txt": "Больницы", "pages/shkola-lyzhi.txt": "Школы", "pages/sovhoz-most.txt": "Мосты",
    "demo/hokkey-final.txt": "Хоккей", "pages/kosmos-antenna.txt": "Космос", "pages/musey-nochlezhka.txt": "Музеи",
    "pages/teatr-ploshchad.txt": "Театр", "pages/sud-petuh.txt": "Суды", "pages/pogoda-tuman.txt": "Погода",
    "pages/internet-derevni.txt": "Интернет",
}  # fmt: skip


def of_pages(annotator: Annotator, root: Path) -> dict[str, tuple[Article, Annotation]]:
    """Ten invented pages by the name that is right for each, with what is said of them."""
    articles = {name: read_page(root / "data" / page, None).article for page, name in PAGES.items()}
    return {name: (article, annotator(article)) for name, article in articles.items()}


def test_twelve_names_give_sensible_tags_with_evidence_on_ten_articles(annotator: Annotator, root: Path) -> None:
    found = of_pages(annotator.with_tags(TWELVE), root)
    given = {name: [tag.name for tag in annotation.tags] for name, (_, annotation) in found.items()}
    for name in ("Больницы", "Школы", "Музеи", "Суды"):
        assert name in given[name]
    assert sum(bool(set(tags) - {name}) for name, tags in given.items()) <= 1  # hardly any is wrong
    for article, annotation in found.values():
        for tag in annotation.tags:
            assert tag.evidence
            assert all(sentence in f"{article.title}\n{article.text}" for sentence in tag.evidence)


def test_the_best_of_twelve_names_is_the_right_one(annotator: Annotator, root: Path) -> None:
    choice = TagChoice(top=1, min_score=0.0)
    found = of_pages(annotator.with_tags(TWELVE, choice), root)
    right = [name for name, (_, annotation) in found.items() if annotation.tags[0].name == name]
    assert len(right) >= 9
