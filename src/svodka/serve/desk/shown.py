"""What the desk shows of an article: its sentences, and what the model said with the sentences behind it."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from typing import Any, Literal

from svodka.article import Article
from svodka.async_annotator import Answer
from svodka.errors import DataError
from svodka.facts import check_facts
from svodka.inputs.checking import checked
from svodka.text import split_sentences

Form = Literal["text", "page", "html"]
Origin = Literal["desk", "watch"]


@dataclass(frozen=True, slots=True)
class Shown:
    """An article as the page gets it.

    Attributes:
        id: of the article; of one without, a digest of its text.
        origin: read at the desk, or by `watch`.
        at: when it was read (ISO 8601, UTC).
        model: what read it.
        paragraphs: sentences of each paragraph. Sentence 0 is the title, the body's count on from 1.
        whole: whether `paragraphs` are the whole text; else they are the sentences that are known of it.
        topics: `id`, `name`, `score`, `sure`, and `evidence`: numbers of sentences, strongest first; best topic first.
        tags: `name`, `score`, `evidence`.
        summary: `text`, `kind`, `note`; None where the model makes none.
        unsupported: `kind` and `text` of what the summary names and the article does not; None where nobody looked.
        entities: `name`, `kind`, `count`; None where nobody asked.
        cut: tokens at the end that were not read.
    """

    id: str
    origin: Origin
    at: str
    model: str
    title: str
    date: str
    source: str
    url: str
    paragraphs: tuple[tuple[str, ...], ...]
    whole: bool
    topics: tuple[Mapping[str, Any], ...]
    tags: tuple[Mapping[str, Any], ...]
    summary: Mapping[str, Any] | None
    unsupported: tuple[Mapping[str, str], ...] | None
    entities: tuple[Mapping[str, Any], ...] | None
    cut: int

    @property
    def sentences(self) -> list[str]:
        """The title, then the body's sentences."""
        return [self.title, *(sentence for paragraph in self.paragraphs for sentence in paragraph)]

    @property
    def article(self) -> Article:
        """As it was read."""
        text = "\n".join(map(" ".join, self.paragraphs))
        return Article(text, id=self.id, title=self.title, date=self.date, source=self.source, url=self.url)


def parsed(body: str, form: Form, *, title: str = "", name: str = "") -> Article:
    """The article of what was pasted or dropped, put in order; one without an id gets its name or a digest.

    Args:
        body: what it is, as it came.
        form: a plain text, a page as newsrooms store it, or HTML.
        title: of a plain text.
        name: of the file.

    Raises:
        DataError: no article is in it.
    """
    if not body.strip():
        raise DataError("nothing was pasted; paste the text of an article")
    readers = {"page": Article.from_page, "html": Article.from_html}
    article = readers[form](body) if form in readers else checked(Article(body, title=title))
    return replace(article, id=article.id or name or _digest(article))


def shown(answer: Answer) -> Shown:
    """An article that was read right now."""
    article, annotation = answer.article, answer.annotation
    paragraphs = in_sentences(article.text, article.lang)
    sentences = [article.title, *chain(*paragraphs)]
    summary = annotation.summary
    return Shown(
        id=article.id, origin="desk", at=datetime.now(UTC).isoformat(timespec="seconds"), model=answer.model,
        title=article.title, date=article.date, source=article.source, url=article.url,
        paragraphs=paragraphs, whole=True,
        topics=numbered(map(asdict, annotation.topics), sentences),
        tags=numbered(map(asdict, annotation.tags), sentences),
        summary=asdict(summary) if summary else None,
        unsupported=unsupported(summary.text, article) if summary else None,
        entities=None if annotation.entities is None else tuple(asdict(one) for one in annotation.entities),
        cut=annotation.cut,
    )  # fmt: skip


def in_sentences(text: str, language: str) -> tuple[tuple[str, ...], ...]:
    """The sentences of each line of a body that was put in order."""
    return tuple(tuple(sentence.text for sentence in split_sentences(line, language)) for line in text.split("\n"))


def numbered(labels: Iterable[Mapping[str, Any]], sentences: Sequence[str]) -> tuple[Mapping[str, Any], ...]:
    """Tags or topics with the numbers of their sentences: the first of equal ones, and none of what is not there."""
    places = {sentence: number for number, sentence in reversed(list(enumerate(sentences)))}
    return tuple(
        {**label, "evidence": [places[sentence] for sentence in label["evidence"] if sentence in places]}
        for label in labels
    )


def unsupported(summary: str, article: Article) -> tuple[Mapping[str, str], ...]:
    """What a summary names and its article does not, by `kind` and `text`."""
    found = check_facts(summary, f"{article.title}\n{article.text}").unsupported
    return tuple({"kind": fact.kind, "text": fact.text} for fact in found)


def _digest(article: Article) -> str:
    text = f"{article.title}\n{article.text}"
    return f"desk-{hashlib.sha256(text.encode('utf-8')).hexdigest()[:16]}"
