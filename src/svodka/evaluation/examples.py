"""Articles to read: the best and the worst answers, and the text behind the dearest mistakes."""

from collections.abc import Mapping, Sequence
from typing import Any

from svodka.article import Annotation, Article
from svodka.evaluation.topics.record import TopicRecord
from svodka.labels import TagVocabulary
from svodka.text import split_sentences
from svodka.topics import TOPIC_IDS, topic_name

EACH = 4
_EXCERPT = 400


def examples(
    articles: Sequence[Article], annotations: Sequence[Annotation], quality: Sequence[float | None],
    labels: TagVocabulary,
) -> dict[str, list[dict[str, Any]]]:  # fmt: skip
    """The `EACH` best and worst articles by a score of each, with their text; those without a score are left out.

    Returns:
        `best` and `worst`, disjoint: `article` (place), `id`, `score`, `title`, `sentences` (with `text`,
        `paragraph` and `tags` that it raised), `tags` (name, score, verdict `right`, `wrong`, `missed`, or
        `unknown` for an editor's tag that the vocabulary lacks), `summary` and `editor`.
    """
    found = {i: float(score) for i, score in enumerate(quality) if score is not None}
    order = sorted(found, key=lambda i: -found[i])
    each = min(EACH, len(order) // 2)
    chosen = {"best": order[:each], "worst": order[::-1][:each]}
    return {
        name: [_example(i, articles[i], annotations[i], labels) | {"score": found[i]} for i in places]
        for name, places in chosen.items()
    }


def with_topics(
    found: Mapping[str, Sequence[Mapping[str, Any]]], annotations: Sequence[Annotation], record: TopicRecord
) -> dict[str, list[dict[str, Any]]]:
    """Examples with `topics` (name, score, verdict as of tags; `unknown` for one that the corpus leaves open)."""
    rows = {place: row for row, place in enumerate(record.places)}
    return {
        kind: [
            {**example, "topics": _topic_verdicts(annotations[example["article"]], record, rows[example["article"]])}
            if example["article"] in rows
            else {**example}
            for example in examples
        ]
        for kind, examples in found.items()
    }


def with_text(
    rows: Sequence[Mapping[str, Any]], articles: Sequence[Article], annotations: Sequence[Annotation]
) -> list[dict[str, Any]]:
    """Mistakes with what an editor needs to judge them: id, title, the beginning, and a given tag's evidence."""
    return [
        {
            **row,
            "id": articles[row["article"]].id,
            "title": articles[row["article"]].title,
            "text": _beginning(articles[row["article"]].text),
            "evidence": [
                sentence
                for tag in annotations[row["article"]].tags
                if tag.name == row["tag"]
                for sentence in tag.evidence
            ],
            "gold": list(articles[row["article"]].tags),
        }
        for row in rows
    ]


def _example(place: int, article: Article, annotation: Annotation, labels: TagVocabulary) -> dict[str, Any]:
    raised: dict[str, list[str]] = {}
    for tag in annotation.tags:
        for sentence in tag.evidence:
            raised.setdefault(sentence, []).append(tag.name)
    return {
        "article": place,
        "id": article.id,
        "title": article.title,
        "title_tags": raised.get(article.title, []),
        "sentences": [
            {"text": s.text, "paragraph": article.text.count("\n", 0, s.start), "tags": raised.get(s.text, [])}
            for s in split_sentences(article.text)
        ],
        "tags": _verdicts(article, annotation, labels),
        "summary": annotation.summary.text,
        "editor": article.summary,
    }


def _verdicts(article: Article, annotation: Annotation, labels: TagVocabulary) -> list[dict[str, Any]]:
    known = {tag: labels.resolve(tag) for tag in article.tags}
    wanted = {name for name in known.values() if name}
    rows: list[dict[str, Any]] = [
        {"name": tag.name, "score": float(tag.score), "verdict": "right" if tag.name in wanted else "wrong"}
        for tag in annotation.tags
    ]
    given = {tag.name for tag in annotation.tags}
    rows += [{"name": name, "score": None, "verdict": "missed"} for name in sorted(wanted - given)]
    return rows + [{"name": tag, "score": None, "verdict": "unknown"} for tag, name in known.items() if not name]


def _topic_verdicts(annotation: Annotation, record: TopicRecord, row: int) -> list[dict[str, Any]]:
    gold, known = record.gold[row], record.known[row]
    told = {
        topic: "right" if right else "wrong" if judged else "unknown"
        for topic, right, judged in zip(TOPIC_IDS, gold, known, strict=True)
    }
    rows: list[dict[str, Any]] = [
        {"name": topic.name, "score": topic.score, "verdict": told[topic.id]} for topic in annotation.topics
    ]
    given = {topic.id for topic in annotation.topics}
    missed = [topic for topic, verdict in told.items() if verdict == "right" and topic not in given]
    return rows + [{"name": topic_name(topic, "ru"), "score": None, "verdict": "missed"} for topic in missed]


def _beginning(text: str) -> str:
    return text if len(text) <= _EXCERPT else text[: text.rfind(" ", 0, _EXCERPT)] + " …"
