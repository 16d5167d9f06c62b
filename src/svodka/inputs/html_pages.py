"""An HTML page becomes an article: trafilatura finds the body, the head and the markup tell the rest."""

import re
from collections.abc import Sequence
from typing import Any

from svodka.article import Article
from svodka.inputs.boilerplate import without_inserts
from svodka.inputs.html_body import body_text, marked_text, tree_of
from svodka.inputs.html_facts import Facts, facts_of, is_copy, same_headline
from svodka.inputs.lines import joined, without_title
from svodka.inputs.markup import join_lines
from svodka.inputs.no_article import is_listing, is_notice, is_service_page, leads_away
from svodka.inputs.tag_line import split_tags
from svodka.inputs.targets import ends_in_opening, parted
from svodka.inputs.text_pages import Page, trimmed
from svodka.labels import TagVocabulary
from svodka.text import clean, words

_LEAST_WORDS = 8  # of a body
_LEAST_LONGEST = 6  # words of its longest line: a table of weather has none of a sentence
_MOSTLY = 0.8  # of its lines, which end as sentences do, if all are shorter
_SHORT = 25  # words of a body that another look at the page may better
_LONGER = 1.5  # times as long as the body that was found, the head's own is the whole one
_CONSENT = "cookie", "gdpr", "consent"
_MOST_NOTICE, _MOST_CAPTION = 1500, 300  # characters
_LEAST_LINKED = 5  # words of a link that is a headline
_MOST_ABOVE = 2  # lines
_STOP = re.compile(r"[.!?…:;][»”\")\]]*$")
_MOST_HEADLINES = 2  # the heading, and a copy of it
_STEM = 5  # letters
_LEAST_SHARED = 0.25  # of a description's stems
_MENU_SHARE = 0.6  # of lines that are links: more is no article


def parse_html(raw: str, vocabulary: TagVocabulary | None, *, name: str = "") -> Page:
    """Read an HTML page; `name` becomes the article's id. A page without an article gives an empty `text`."""
    tree = tree_of(raw)
    if tree is None:
        return Page(Article("", id=name))
    facts = facts_of(tree)
    links = {clean(link.text_content()) for link in tree.iter("a") if leads_away(link)}
    _prepare(tree)
    text, boilerplate = _body(tree, facts, links, where=name)
    text, lead = _with_lead(text, facts)
    found = split_tags("; ".join(facts.tags), vocabulary)
    extra = {"unresolved_tags": list(found.unresolved)} if found.unresolved else {}
    article = Article(
        text, id=name, title=facts.title, summary=lead, tags=found.tags, date=facts.date, url=facts.url,
        lang=facts.lang, extra=extra,
    )  # fmt: skip
    return Page(article, found.unresolved, boilerplate)


def _prepare(tree: Any) -> None:
    """Take out notices, and join the lines that the markup breaks within a sentence."""
    for element in [*tree.iter("div", "section", "aside", "p", "span", "noscript", "address")]:
        if element.getparent() is not None and _is_beside(element):
            element.drop_tree()
    # A page that loads the next article below has only the first one's address.
    heads = [head.getparent() for head in tree.iter("h1")]
    for article in heads[1:]:
        if article is not heads[0] and (article.tag, article.get("class")) == (heads[0].tag, heads[0].get("class")):
            article.drop_tree()
    join_lines(tree)
    for element in [*tree.iter("td", "th")]:
        # trafilatura writes a cell as often as it spans columns: a page of 60 kB would take hours.
        for span in ("colspan", "rowspan"):
            element.attrib.pop(span, None)
    for table in [*tree.iter("table")]:
        # A table that lays out the page is none of data.
        if table.xpath(".//td//h1 | .//td//p[2]"):
            for part in table.iter("table", "thead", "tbody", "tr", "td", "th"):
                part.tag = "div"
    for element in [*tree.iter("pre")]:
        lines = [line for line in joined(element.text_content()).split("\n") if line.strip()]
        tail = element.tail
        element.clear()
        element.tag, element.tail = "div", tail
        for line in lines:
            paragraph = element.makeelement("p")
            paragraph.text = line
            element.append(paragraph)


def _is_beside(element: Any) -> bool:
    """Whether an element is a notice, the caption of a picture or the name of an author."""
    named = f"{element.get('id') or ''} {element.get('class') or ''}".lower()
    if element.tag == "noscript" or any(word in named for word in _CONSENT):
        return len(element.text_content()) <= _MOST_NOTICE
    caption = "caption" in named and element.find(".//h1") is None
    return (caption or element.tag == "address") and len(element.text_content()) <= _MOST_CAPTION


def _body(tree: Any, facts: Facts, links: set[str], *, where: str) -> tuple[str, tuple[str, ...]]:
    """The article's text and the lines that were dropped around it; "" if there is no article on the page."""
    text = body_text(tree, where)
    if len(words(text)) < _SHORT:
        text = max((text, facts.body, marked_text(tree)), key=lambda found: len(words(found)) * (found != ""))
    if len(words(facts.body)) > _LONGER * len(words(text)):
        text = facts.body
    lines, dropped = trimmed(_without_headline(text, facts.title).split("\n"))
    kept = [line for line in _distinct(lines) if line and not is_notice(line)]
    is_menu = sum(line in links for line in kept) > _MENU_SHARE * len(kept) or _is_menu("\n".join(kept), links)
    if is_menu or is_listing(tree, kept):
        return "", dropped
    text = without_inserts(joined("\n".join(_without_links(kept, links - _headings(tree)))))
    short = len(words(text)) < _LEAST_WORDS or not _has_sentences(text)
    gone = short or same_headline(text, facts.title) or is_service_page(facts.title, text)
    return ("" if gone else text), dropped


def _has_sentences(text: str) -> bool:
    """Whether a text is no table or list: it has a longer line, or is made of short sentences, each in a box."""
    lines = text.split("\n")
    closed = sum(bool(_STOP.search(line)) for line in lines)
    longest = max(len(words(line)) for line in lines)
    return longest >= _LEAST_LONGEST or (closed >= _MOSTLY * len(lines) and len(words(text)) >= _SHORT)


def _is_menu(text: str, links: set[str]) -> bool:
    """Whether most of a text is the text of links, be they in one line."""
    left = text
    for link in sorted(links, key=len, reverse=True):
        left = left.replace(link, "") if " " in link else left
    return len(left) < (1 - _MENU_SHARE) * len(text)


def _distinct(lines: Sequence[str]) -> list[str]:
    """Lines without those that a page has twice, such as a body that is there once more for a printer."""
    found, seen = list[str](), set[str]()
    for line in lines:
        if line not in seen or len(words(line)) < _LEAST_WORDS:
            found.append(line)
        seen.add(line)
    return found


def _without_links(lines: list[str], links: set[str]) -> list[str]:
    """Lines without those that are links to other articles from end to end; at the end short ones go too."""
    stop = len(lines)
    while stop > 1 and lines[stop - 1].removeprefix("- ") in links:
        stop -= 1
    return [line for line in lines[:stop] if line.removeprefix("- ") not in links or len(words(line)) < _LEAST_LINKED]


def _headings(tree: Any) -> set[str]:
    return {clean(heading.text_content()) for heading in tree.iter("h1", "h2", "h3", "h4", "h5", "h6")}


def _with_lead(text: str, facts: Facts) -> tuple[str, str]:
    """Body and lead: an element marked so is an editor's, a description only if the body does not open with it."""
    if facts.lead and len(words(facts.lead)) < len(words(text)):
        body, lead = parted(text, facts.lead)
        if lead:
            return body, lead
        return text, ""
    text, description = parted(text, facts.description, keep=True)
    own = (
        description and not same_headline(description, facts.title) and not description.rstrip().endswith(("...", "…"))
        and not ends_in_opening(text, description) and _is_of(text, description)
    )  # fmt: skip
    return text, description if own else ""


def _is_of(text: str, description: str) -> bool:
    """Whether a description is one of this article, and not of the site: they share words, whatever their endings."""
    stems = {word[:_STEM] for word in words(description) if len(word) >= _STEM}
    return not stems or len(stems & {word[:_STEM] for word in words(text)}) >= _LEAST_SHARED * len(stems)


def _without_headline(text: str, title: str) -> str:
    lines, wanted = text.split("\n", _MOST_ABOVE + 1), words(title)
    # The name of the site and a rubric may stand above it.
    at = next((i for i, line in enumerate(lines[: _MOST_ABOVE + 1]) if words(line) == wanted), 0)
    if wanted and lines[at + 1 :] and not any(_STOP.search(line) for line in lines[:at]):
        text = "\n".join(lines[at:])
    for _ in range(_MOST_HEADLINES):
        first, _, rest = text.partition("\n")
        # What goes on in the next line is the article's first sentence, in the headline's words.
        text = rest if rest and not rest[0].islower() and is_copy(first, title) else text
    return without_title(text, title)
