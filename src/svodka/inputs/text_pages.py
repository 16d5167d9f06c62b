"""A page of plain text becomes an article: headline, lead, body, tags; boilerplate is dropped and reported.

The form of a text page: a headline, a blank line, a lead that the body follows on the next line, paragraphs with
blank lines between, a line of tags, boilerplate. Every part but the body may be missing.
"""

import re
from dataclasses import dataclass

from svodka.article import Article
from svodka.inputs.boilerplate import is_frame, is_insert, may_be_headline, without_insert_lines
from svodka.inputs.bylines import is_byline
from svodka.inputs.lines import joined
from svodka.inputs.tag_line import is_tag_line, split_tags
from svodka.labels import TagVocabulary
from svodka.text import clean, split_sentences, words

_LEAST_HEADLINE_WORDS, _MOST_HEADLINE_WORDS = 3, 30
_MOST_LEAD_WORDS = 90
_LEAD_BLOCK = 2  # lines: the lead, and the paragraph that follows it at once
_MOST_CLOSED_HEADLINE_WORDS = 14
_MENU_LINES, _LEAST_WORDS = 3, 4


@dataclass(frozen=True)
class Page:
    """A page that was read.

    Attributes:
        article: the article; its lead is `summary`, and neither lead nor tags stand in `text`.
        unresolved: words of the line of tags that are no known tag; also in the article's `unresolved_tags`.
        boilerplate: lines that were dropped.
    """

    article: Article
    unresolved: tuple[str, ...] = ()
    boilerplate: tuple[str, ...] = ()


def parse_page(raw: str, vocabulary: TagVocabulary | None, *, name: str = "") -> Page:
    """Read a text page; `name` becomes the article's id. A page without a body gives an empty `text`."""
    lines = [line.strip() for line in raw.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").split("\n")]
    lines = joined("\n".join(lines)).split("\n")
    lines, head = _without_head(lines)
    lines = _without_author(lines)
    below, dropped = without_insert_lines(lines[1:])
    lines = lines[:1] + below
    lines, tail = _without_tail(lines)
    tag_line = ""
    if _ends_in_tags(lines, vocabulary):
        tag_line = lines.pop()
        lines, more = _without_tail(lines)
        tail = more + tail
    found = split_tags(tag_line, vocabulary)
    title, lead, text = _parts(lines)
    if len(head + dropped + tail) >= _MENU_LINES and len(words(text)) < _LEAST_WORDS:
        text = ""  # a menu that was copied
    extra = {"unresolved_tags": list(found.unresolved)} if found.unresolved else {}
    article = Article(text, id=name, title=title, summary=lead, tags=found.tags, extra=extra)
    return Page(article, found.unresolved, tuple(head + dropped + tail))


def _parts(lines: list[str]) -> tuple[str, str, str]:
    """Headline, lead and body of the lines that are left."""
    blocks = _blocks(lines)
    if not blocks:
        return "", "", ""
    title = ""
    if (_is_headline(blocks[0][0]) and (len(blocks) > 1 or len(blocks[0]) > 1)) or _is_closed_headline(blocks):
        title = blocks[0].pop(0)
        alone = not blocks[0]
        blocks = blocks[1:] if alone else blocks
        # Only a blank line between headline and lead tells the lead from a first paragraph.
        if alone and len(blocks[0]) == _LEAD_BLOCK and _is_lead(blocks[0][0]):
            body = _joined([blocks[0][1:], *blocks[1:]])
            # What is longer than all that follows it is no lead.
            if len(words(body)) >= len(words(blocks[0][0])):
                return clean(title), clean(blocks[0][0]), body
    return clean(title), "", _joined(blocks)


def _joined(blocks: list[list[str]]) -> str:
    return clean("\n".join(line for block in blocks for line in block))


def _blocks(lines: list[str]) -> list[list[str]]:
    blocks: list[list[str]] = [[]]
    for line in lines:
        if line:
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return blocks if blocks[-1] else blocks[:-1]


def _is_headline(line: str) -> bool:
    n = len(words(line))
    return 0 < n <= _MOST_HEADLINE_WORDS and not re.search(r"[^.]\.$|[:;,]$", line)


def _is_closed_headline(blocks: list[list[str]]) -> bool:
    """Whether a page begins with a short line of one sentence that a blank line sets off from several paragraphs."""
    line = blocks[0][0]
    short = len(words(line)) <= _MOST_CLOSED_HEADLINE_WORDS and len(split_sentences(line)) == 1
    return len(blocks) > 3 and len(blocks[0]) == 1 and short and bool(re.search(r"\w\.$", line))


def _is_lead(line: str) -> bool:
    return len(words(line)) <= _MOST_LEAD_WORDS and bool(re.search(r"[.!?…][»\")]*$", line))


def trimmed(lines: list[str]) -> tuple[list[str], tuple[str, ...]]:
    """Lines without the boilerplate above and below the article, and what was dropped."""
    lines, head = _without_head(lines)
    lines, tail = _without_tail(lines)
    return lines, (*head, *tail)


def _without_head(lines: list[str]) -> tuple[list[str], list[str]]:
    start, dropped = 0, []
    for i, line in enumerate(lines):
        # Over an article «Источник: …» is a headline.
        if line and (not _is_boilerplate(line) or may_be_headline(line)):
            break
        start = i + 1
        dropped += [line] if line else []
    return lines[start:], dropped


def _without_author(lines: list[str]) -> list[str]:
    """Lines without an author's name above the headline."""
    given = [line for line in lines if line][1:]
    above = len(given) > 1 and _is_headline(given[0]) and len(words(given[0])) >= _LEAST_HEADLINE_WORDS
    return lines[lines.index(given[0]) :] if above and is_byline(lines[0], "\n".join(given)) else lines


def _without_tail(lines: list[str]) -> tuple[list[str], list[str]]:
    stop = len(lines)
    while stop and (not lines[stop - 1] or _is_boilerplate(lines[stop - 1])):
        stop -= 1
    return lines[:stop], [line for line in lines[stop:] if line]


def _ends_in_tags(lines: list[str], vocabulary: TagVocabulary | None) -> bool:
    set_off = len(lines) > 1 and not lines[-2]
    prefixed = len(lines) > 1 and is_tag_line(lines[-1], None) and ":" in lines[-1]
    first = next((i for i, line in enumerate(lines) if line), 0)
    # A headline with one paragraph under it is no line of tags.
    above = sum(bool(line) for line in lines[first:-1])
    # «Награды получили:» and a list of names.
    opened = next((line for line in reversed(lines[:-1]) if line), "").endswith(":")
    return (set_off or prefixed) and above > 1 and not opened and is_tag_line(lines[-1], vocabulary)


def _is_boilerplate(line: str) -> bool:
    return is_insert(line) or is_frame(line)
