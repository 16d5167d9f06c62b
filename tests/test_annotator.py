"""The library as an application uses it."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from conftest import sample_rows
from svodka import Annotation, Annotator, Article, Reject
from svodka.errors import ConfigError, DataError
from svodka.model.encoding import Encoding
from svodka.tagging import sentences_behind


@pytest.fixture(scope="module")
def annotator(trained: Path) -> Annotator:
    return Annotator.load(trained / "run" / "bundle", device="cpu")


def articles(n: int) -> list[Article]:
    return [Article(row["text"], id=row["id"], title=row["title"]) for row in sample_rows(n)]


def test_alone_and_in_a_batch_the_scores_agree(annotator: Annotator) -> None:
    together = list(annotator.stream_with_scores(articles(24)))
    for article, (annotation, scores) in zip(articles(24), together, strict=True):
        alone, own = next(annotator.stream_with_scores([article]))
        assert abs(own - scores).max() < 1e-5
        assert alone.summary == annotation.summary
        assert [t.name for t in alone.tags] == [t.name for t in annotation.tags]


def test_order_is_kept_whatever_the_lengths(annotator: Annotator) -> None:
    mixed = [Article("Коротко о погоде.", id="short"), *articles(10), Article("Снова коротко о спорте.", id="last")]
    assert [a.id for a in annotator.stream(mixed)] == [a.id for a in mixed]


def test_text_article_and_list_are_all_taken(annotator: Annotator) -> None:
    article = articles(1)[0]
    text = dataclasses.replace(article, id="", title="").text
    assert annotator(text).tags == annotator([text])[0].tags
    assert annotator(article).id == article.id


def test_a_stream_reads_no_further_than_its_look_ahead(trained: Path) -> None:
    from svodka.bundle import load_bundle

    taken: list[int] = []

    def endless() -> object:
        for i in range(10_000):
            taken.append(i)
            yield f"Новость номер {i}: трамвай снова пошёл по мосту."

    found = Annotator(load_bundle(trained / "run" / "bundle"), device="cpu", look_ahead=4).stream(endless())  # type: ignore[arg-type]
    next(found)
    assert len(taken) == 4


def test_a_result_says_which_sentences_raised_a_tag(annotator: Annotator) -> None:
    tagged = [(a, t) for article in articles(24) for a in [article] for t in annotator(article).tags]
    assert tagged
    for article, tag in tagged:
        assert 0 <= tag.score <= 1
        assert all(s in article.text or s == article.title for s in tag.evidence)


def test_an_extractive_summary_is_made_of_the_articles_sentences_and_its_title(annotator: Annotator) -> None:
    from svodka.text import split_sentences

    for article in articles(10):
        summary = annotator(article).summary
        assert summary
        assert summary.kind == "extractive"
        assert 1 <= len(split_sentences(summary.text)) <= 3
        told = f"{article.title}. {article.text}"
        assert all(s.text in told for s in split_sentences(summary.text))


def test_a_long_article_is_read_in_windows_and_its_end_counts(annotator: Annotator) -> None:
    assert annotator(articles(1)[0]).cut == 0
    long = annotator("Слово за словом идёт длинная речь. " * 2000)
    assert long.cut > 0


def test_carried_keys_come_back(annotator: Annotator) -> None:
    row = {"id": 7, "text": "Мост открыли после ремонта.", "desk": "город", "tags": ["мост"]}
    result = annotator(Article.from_dict(row)).to_dict()
    assert (result["id"], result["desk"], result["input"]) == ("7", "город", {"tags": ["мост"]})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("", r"input 0 has no text; give the body in 'text'"),
        (" \n\u200b ", r"input 0 has no text"),
        (5, r"expected an Article, a text or a list of them, got int"),
        ([None], r"input 0: expected an Article or a text, got NoneType"),
        (["хорошо", b"x"], r"input 1: expected an Article or a text, got bytes"),
        (Article("я" * 2_000_001, id="big"), r"article 'big' has 2000001 characters, at most 2000000 are read"),
    ],
)
def test_what_cannot_be_read_is_named(annotator: Annotator, given: object, message: str) -> None:
    with pytest.raises(DataError, match=message):
        annotator(given)  # type: ignore[call-overload]


def test_a_summary_that_the_model_cannot_make(annotator: Annotator) -> None:
    with pytest.raises(ConfigError, match=r"'abstractive' is not supported .* allowed: faithful, extractive"):
        annotator.with_summary("abstractive")


def test_an_empty_list_is_an_empty_answer(annotator: Annotator) -> None:
    assert annotator([]) == []


def evidence(sentences: list[str], shares: list[float]) -> tuple[str, ...]:
    return sentences_behind(Encoding([[]], [[]], sentences, len(shares), 0), np.array(shares))


def test_evidence_is_the_two_strongest_sentences() -> None:
    assert evidence(["Мост", "Открыт.", "Давно."], [0.1, 0.5, 0.2]) == ("Открыт.", "Давно.")
    assert evidence(["Мост", "Открыт.", "Давно."], [0.1, 0.5, -0.2]) == ("Открыт.", "Мост")
    # An empty title takes nobody's place.
    assert evidence(["", "Открыт.", "Давно."], [0.9, 0.5, 0.2]) == ("Открыт.", "Давно.")


def test_a_given_tag_is_never_without_evidence() -> None:
    assert evidence(["Мост", "Открыт.", "Давно."], [-0.3, -0.1, -0.2]) == ("Открыт.",)
    assert evidence(["Мост", "Открыт."], [0.0, 0.0]) == ("Мост",)
    assert evidence(["", "Открыт."], [0.4, -0.1]) == ("Открыт.",)
    assert evidence(["Мост"], [-1.0]) == ("Мост",)
    # Nothing was read of the body, and there is no title.
    assert evidence(["", "***"], [0.0]) == ("***",)


def test_every_given_tag_has_evidence(annotator: Annotator) -> None:
    for annotation in annotator([*articles(24), "Снег.", "!", "…"]):
        assert all(tag.evidence and all(tag.evidence) for tag in annotation.tags)


def test_nothing_of_transformers_is_loaded_to_read(tmp_path: Path) -> None:
    script = "import sys; from svodka import Annotator; Annotator.load(device='cpu'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"transformers", "sklearn", "datasets"} & set(done.stdout.split())


TEXT = "Мост через реку открыли после ремонта. Первым по нему проехал автобус."


def test_everything_before_a_bad_article_is_given_before_the_error(annotator: Annotator) -> None:
    found = annotator.stream([TEXT, TEXT, "", TEXT])
    assert [next(found).id, next(found).id] == ["", ""]
    with pytest.raises(DataError, match="input 2 has no text"):
        next(found)


def test_a_bad_article_is_left_out_or_returned_in_its_place(annotator: Annotator) -> None:
    given = [TEXT, "", TEXT]
    assert len(list(annotator.stream(given, on_error="skip"))) == 2
    first, second, third = annotator.stream(given, on_error="return")
    assert isinstance(first, Annotation)
    assert second == Reject("unusable", "input 1", "input 1 has no text; give the body in 'text'")
    assert first == third


def test_wrong_arguments_are_told(annotator: Annotator) -> None:
    with pytest.raises(DataError, match=r"expected several articles, got one str; give \[article\]"):
        list(annotator.stream("Москва"))
    with pytest.raises(ConfigError, match="on_error 'ignore' is unknown; allowed: raise, skip, return"):
        annotator.stream([TEXT], on_error="ignore")
    with pytest.raises(ConfigError, match="look_ahead is 0; at least 1 article must be held"):
        Annotator(annotator.bundle, look_ahead=0)
    with pytest.raises(ConfigError, match="a bundle is a folder or a hub id, got int 5"):
        Annotator.load(5)  # type: ignore[arg-type]
