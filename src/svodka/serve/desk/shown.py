"""What the desk shows of an article: its sentences, and what the model said with the sentences behind it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
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
        topics: `id`, `name`, `score`, `sure`, best first.
        tags: `name`, `score`, and `evidence`: numbers of sentences, strongest first.
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
    paragraphs = tuple(
        tuple(sentence.text for sentence in split_sentences(line, article.lang)) for line in article.text.split("\n")
    )
    sentences = [article.title, *(sentence for paragraph in paragraphs for sentence in paragraph)]
    summary = annotation.summary
    return Shown(
        id=article.id, origin="desk", at=datetime.now(UTC).isoformat(timespec="seconds"), model=answer.model,
        title=article.title, date=article.date, source=article.source, url=article.url,
        paragraphs=paragraphs, whole=True,
        topics=tuple(asdict(topic) for topic in annotation.topics),
        tags=tuple(
            {"name": tag.name, "score": tag.score, "evidence": numbers(tag.evidence, sentences)}
            for tag in annotation.tags
        ),
        summary=asdict(summary) if summary else None,
        unsupported=_unsupported(summary.text, article) if summary else None,
        entities=None if annotation.entities is None else tuple(asdict(one) for one in annotation.entities),
        cut=annotation.cut,
    )  # fmt: skip


def numbers(evidence: Sequence[str], sentences: Sequence[str]) -> list[int]:
    """Which of the sentences those of a tag are, the first of equal ones; one that is not among them is left out."""
    found = {sentence: number for number, sentence in reversed(list(enumerate(sentences)))}
    return [found[sentence] for sentence in evidence if sentence in found]


def _unsupported(summary: str, article: Article) -> tuple[Mapping[str, str], ...]:
    found = check_facts(summary, f"{article.title}\n{article.text}").unsupported
    return tuple({"kind": fact.kind, "text": fact.text} for fact in found)


def _digest(article: Article) -> str:
    text = f"{article.title}\n{article.text}"
    return f"desk-{hashlib.sha256(text.encode('utf-8')).hexdigest()[:16]}"
