"""The text of a page's article as trafilatura finds it, whatever the page is made of."""

from collections import Counter, defaultdict
from copy import deepcopy
from typing import Any

from svodka.inputs.aside import Aside
from svodka.inputs.markup import break_lines, parsable, plain_text
from svodka.text import clean, words

# The search takes time that grows with the square of some pages. Of 587 pages of newsrooms none has half as many.
_MANY_ELEMENTS = 5000
_GUARDED = "&\ufffc"
_ASIDE = Aside()
_LEAST_LIKE, _LEAST_WORDS = 3, 12
_MOSTLY = 0.6


def tree_of(page: str) -> Any:
    """The tree of a page's elements, None if it has none."""
    from lxml import etree, html

    # lxml refuses a text that declares an encoding; bytes in UTF-8 with the parser told so are safe.
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True)
    try:
        return html.document_fromstring(parsable(page).encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def body_text(tree: Any, where: str) -> str:
    """The text of the article on a page, a paragraph a line; "" if there is none.

    Args:
        tree: of the page; it stays as it is.
        where: names the page in the error.

    Raises:
        DataError: the search takes too long or too much memory.
    """
    if sum(1 for _ in tree.iter()) <= _MANY_ELEMENTS:
        return _with_missed(_in_lines(extracted(deepcopy(tree)), tree), tree)
    from lxml import html

    found = _ASIDE.read("body", html.tostring(tree, encoding="utf-8"), where=where or "the page")
    return _with_missed(_in_lines(str(found["text"]), tree), tree)


def extracted(tree: Any) -> str:
    """As `body_text`, here and for as long as it takes; the tree is spoilt."""
    from trafilatura import bare_extraction

    for element in tree.iter():
        # trafilatura decodes once more what has been decoded: «&copy=2» would be a sign.
        if element.text and "&" in element.text:
            element.text = element.text.replace("&", _GUARDED)
        if element.tail and "&" in element.tail:
            element.tail = element.tail.replace("&", _GUARDED)
    found: Any = bare_extraction(tree, with_metadata=False, include_comments=False, include_tables=True)
    return clean(found.text.replace(_GUARDED, "&")) if found is not None and found.text else ""


def _in_lines(text: str, tree: Any) -> str:
    """A text in one line, as trafilatura gives of an article that it thinks too short, in the lines of the page."""
    if "\n" in text:
        return text
    page, whole = deepcopy(tree), f" {' '.join(words(text))} "
    break_lines(page)
    lines = [line for line in clean(page.text_content()).split("\n") if f" {' '.join(words(line))} " in whole]
    # Captions and what else nobody reads as text may be missing.
    return "\n".join(lines) if sum(len(words(line)) for line in lines) >= _MOSTLY * len(words(text)) else text


def _with_missed(text: str, tree: Any) -> str:
    """The text with paragraphs of the page's only article that stand in elements like those of several that were found.

    Where advertisements part an article into several boxes, trafilatura takes the first of them.
    """
    articles = tree.xpath("//article") or tree.xpath("//*[@itemprop='articleBody']")
    paragraphs = [(_like(p), clean(p.text_content())) for p in articles[0].iter("p")] if len(articles) == 1 else []
    lines = text.split("\n")
    place = {_said(line): i for i, line in enumerate(lines)}
    found = Counter(like for like, line in paragraphs if _said(line) in place)
    missed, after, whole = defaultdict[int, list[str]](list), -1, " ".join(words(text))
    for like, line in paragraphs:
        if (at := place.get(_said(line))) is not None:
            after = at
        elif after >= 0 and found[like] >= _LEAST_LIKE and _is_missing(_said(line), whole):
            missed[after].append(line)
    return "\n".join(one for i, line in enumerate(lines) for one in (line, *missed.get(i, ())))


def _is_missing(said: tuple[str, ...], whole: str) -> bool:
    """Whether a paragraph long enough to be one is not in the text, be it in several lines."""
    return len(said) >= _LEAST_WORDS and " ".join(said[:_LEAST_WORDS]) not in whole


def _like(paragraph: Any) -> tuple[tuple[str, str], ...]:
    """What elements of one kind have in common: tag and class of the paragraph and of the box around it."""
    return tuple((str(one.tag), one.get("class") or "") for one in (paragraph, paragraph.getparent()))


def _said(line: str) -> tuple[str, ...]:
    return tuple(words(line))


def marked_text(tree: Any) -> str:
    """The text of the element that is marked as the article's body, for pages too short for a search."""
    for path in ("//*[@itemprop='articleBody']", "//article", "//main"):
        for element in tree.xpath(path)[:1]:
            body = deepcopy(element)
            for part in [*body.iter("h1", "h2", "header", "footer", "nav", "aside", "time")]:
                if part.getparent() is not None:
                    part.drop_tree()
            break_lines(body)
            if text := plain_text(body.text_content()):
                return text
    return ""
