"""Articles to read: the best and the worst answers, and the text behind the dearest mistakes."""

from collections.abc import Mapping, Sequence
from typing import Any

from svodka.article import Annotation, Article
from svodka.labels import TagVocabulary
from svodka.text import split_sentences

EACH = 4
_EXCERPT = 400


def examples(
    articles: Sequence[Article], annotations: Sequence[Annotation], quality: Sequence[float], labels: TagVocabulary
) -> dict[str, list[dict[str, Any]]]:
    """The `EACH` best and worst articles by a score of each, with their text.

    Returns:
        `best` and `worst`, disjoint: `article` (place), `id`, `score`, `title`, `sentences` (with `text`,
        `paragraph` and `tags` that it raised), `tags` (name, score, verdict `right`, `wrong`, `missed`, or
        `unknown` for an editor's tag that the vocabulary lacks), `summary` and `editor`.
    """
    order = sorted(range(len(articles)), key=lambda i: -quality[i])
    each = min(EACH, len(order) // 2)
    chosen = {"best": order[:each], "worst": order[::-1][:each]}
    return {
        name: [_example(i, articles[i], annotations[i], labels) | {"score": float(quality[i])} for i in places]
        for name, places in chosen.items()
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
        "summary": annotation.summary.text if annotation.summary else "",
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


def _beginning(text: str) -> str:
    return text if len(text) <= _EXCERPT else text[: text.rfind(" ", 0, _EXCERPT)] + " …"
