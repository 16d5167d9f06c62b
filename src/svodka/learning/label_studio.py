"""Label Studio: articles with the model's tags for people to correct, and what they made of them.

Formats: https://labelstud.io/guide/predictions and https://labelstud.io/guide/export (JSON).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

from svodka.article import Annotation, Article
from svodka.errors import DataError

_FROM, _TO = "tags", "text"  # names of the choices and of the text in the labelling interface
GIVEN = "given"  # field of a task that holds the model's tags: an export may lack the predictions


def task(article: Article, annotation: Annotation, *, version: str) -> dict[str, Any]:
    """A task of the import form, with the model's tags as its prediction.

    Args:
        article: what was annotated.
        annotation: the model's answer.
        version: names the model.
    """
    given = [tag.name for tag in annotation.tags]
    result = {"from_name": _FROM, "to_name": _TO, "type": "choices", "value": {"choices": given}}
    score = min((tag.score for tag in annotation.tags), default=0.0)  # the least sure comes first to be corrected
    data = {"id": annotation.id, "title": article.title, "text": article.text, GIVEN: given}
    return {"data": data, "predictions": [{"model_version": version, "score": score, "result": [result]}]}


def interface(tags: Sequence[str]) -> str:
    """The labelling interface of such tasks, as XML for a project's settings."""
    choices = "\n".join(f"    <Choice value={quoteattr(tag)}/>" for tag in tags)
    return (
        f'<View>\n  <Header value="$title"/>\n  <Text name="{_TO}" value="$text"/>\n'
        f'  <Filter toName="{_FROM}" minlength="0" name="filter"/>\n'
        f'  <Choices name="{_FROM}" toName="{_TO}" choice="multiple">\n{choices}\n  </Choices>\n</View>\n'
    )


def is_export(body: object) -> bool:
    """Whether a JSON file holds tasks of Label Studio."""
    return isinstance(body, list) and bool(body) and all(isinstance(one, dict) and "data" in one for one in body)


def rows_of(tasks: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Corrections as `read_corrections` takes them, of the tasks that somebody finished.

    The tags that were chosen are all that an article has.

    Raises:
        DataError: a task of another form, or none that is finished.
    """
    found = 0
    for number, one in enumerate(tasks, 1):
        try:
            row = _row(one)
        except (TypeError, KeyError, AttributeError) as error:
            raise DataError(f"task {number} is not of Label Studio's JSON export: {error!r}; export as JSON") from error
        if row is not None:
            found += 1
            yield row
    if not found:
        raise DataError("no task of the export is finished: submit some in Label Studio first")


def _row(one: Mapping[str, Any]) -> dict[str, Any] | None:
    done = [made for made in one.get("annotations", ()) if not made.get("was_cancelled")]
    if not done:
        return None
    data, chosen = one["data"], _choices(done[-1]["result"])
    guessed = [made for made in one.get("predictions", ()) if isinstance(made, Mapping)]
    given = data[GIVEN] if GIVEN in data else _choices(guessed[-1]["result"]) if guessed else []
    told = {key: data[key] for key in ("id", "title", "text") if data.get(key)}
    return told | {
        "right": [tag for tag in chosen if tag in given],
        "missing": [tag for tag in chosen if tag not in given],
        "wrong": [tag for tag in given if tag not in chosen],
        "complete": True,
    }


def _choices(result: Sequence[Mapping[str, Any]]) -> list[str]:
    parts = [part["value"]["choices"] for part in result if part.get("type") == "choices"]
    return list(dict.fromkeys(tag for part in parts for tag in part))
