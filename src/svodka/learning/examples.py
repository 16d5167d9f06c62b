"""Examples of a tag set: texts that have a tag, as corrections of it."""

from typing import Any

from svodka.tagsets.record import TagSet


def example_rows(tags: TagSet) -> list[dict[str, Any]]:
    """A row of corrections for each example of a set; a text that is an example of several tags has all of them.

    Where an article has one tag, an example of one is none of the others.
    """
    found: dict[str, list[str]] = {}
    for tag in tags.tags:
        for text in tag.examples:
            found.setdefault(text, []).append(tag.name)
    return [{"text": text, "missing": names, "complete": tags.kind == "one"} for text, names in found.items()]
