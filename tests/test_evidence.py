"""The trial of evidence: what is taken away, what is compared, and that it is done through the model."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from conftest import sample_rows
from svodka.annotator import Annotator
from svodka.article import Annotation, Article, Tag
from svodka.evaluation.evidence import Trial, evidence_section, trials, trials_of
from svodka.labels import TagVocabulary

ARTICLE = Article("Мост открыли. Идёт снег.\nПоют птицы.", title="Новости дня")


class Counting:
    """A model whose one score is the share of its words that are left of an article."""

    bundle = SimpleNamespace(labels=TagVocabulary(("мост", "снег")))
    words = ("мост открыли", "снег")

    def __init__(self) -> None:
        self.read: list[str] = []

    def stream_with_scores(self, articles: Iterable[Article]) -> Iterator[tuple[Annotation, Any]]:
        for article in articles:
            self.read.append(f"{article.title}|{article.text}")
            yield Annotation("", ()), np.array([float(w in article.text.lower()) for w in self.words])


def tried(*tags: Tag, article: Article = ARTICLE) -> tuple[list[Trial], list[str]]:
    model: Any = Counting()
    found = trials(model, [article], [(Annotation("", tags), np.array([1.0, 1.0]))])
    return found, model.read


def test_the_score_falls_with_the_sentence_that_raised_the_tag() -> None:
    found, read = tried(Tag("мост", 1.0, ("Мост открыли.",)))
    assert [(t.tag, t.place, t.without_evidence, t.without_other) for t in found] == [(0, "body", 1.0, 0.0)]
    assert "Новости дня| Идёт снег.\nПоют птицы." in read
    assert len(read) == 2


def test_the_title_may_be_evidence() -> None:
    found, read = tried(Tag("снег", 1.0, ("Новости дня",)))
    assert found[0].place == "title"
    assert found[0].without_evidence == 0
    assert "|" + ARTICLE.text in read


def test_what_two_tags_share_is_read_once() -> None:
    _, read = tried(Tag("мост", 1.0, ("Мост открыли.",)), Tag("снег", 1.0, ("Мост открыли.",)))
    assert len(read) == len(set(read))


@pytest.mark.parametrize(
    ("tag", "article"),
    [
        (Tag("мост", 1.0), ARTICLE),
        (Tag("мост", 1.0, ("Мост открыли.",)), Article("Мост открыли. Идёт снег.")),
        (Tag("мост", 1.0, ("Чужое предложение.",)), ARTICLE),
    ],
)
def test_what_cannot_be_tried_is_left_out(tag: Tag, article: Article) -> None:
    assert tried(tag, article=article) == ([], [])


def test_shares_by_hand() -> None:
    # Three of four fall further; the tie does not count. By article: 2 of 2 and 1 of 2.
    rows = [
        Trial(0, 1, "body", 0.5, 0.1), Trial(0, 2, "title", 0.3, 0.2), Trial(3, 1, "body", 0.2, 0.2),
        Trial(3, 0, "body", 0.1, -0.1),
    ]  # fmt: skip
    section = evidence_section(rows)
    assert (section["articles"], section["pairs"], section["share"]) == (2, 4, 0.75)
    assert section["fall"] == pytest.approx(1.1 / 4)
    assert section["fall_other"] == pytest.approx(0.4 / 4)
    assert section["title"] == {"pairs": 1, "share": 1}
    assert section["body"] == {"pairs": 3, "share": pytest.approx(2 / 3)}
    assert section["share_interval"] == pytest.approx([0.5, 1.0], abs=0.02)
    assert trials_of(section) == rows


def test_no_trial_is_no_number() -> None:
    assert evidence_section([]) == {
        "articles": 0, "pairs": 0, "title": {"pairs": 0}, "body": {"pairs": 0}, "trials": [],
    }  # fmt: skip


def test_on_a_model(trained: Path) -> None:
    annotator = Annotator.load(trained / "run" / "bundle", device="cpu")
    articles = [Article(row["text"], title=row["title"]) for row in sample_rows(4)]
    found = list(annotator.stream_with_scores(articles))
    rows = trials(annotator, articles, found)
    with_evidence = sum(bool(tag.evidence) for annotation, _ in found for tag in annotation.tags)
    assert len(rows) == with_evidence > 0
    assert rows == trials(annotator, articles, found)
    assert any(row.without_evidence != 0 for row in rows)
