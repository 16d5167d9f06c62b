"""The text of a page's article as trafilatura finds it, whatever the page is made of."""

from copy import deepcopy
from typing import Any

from svodka.inputs.aside import Aside
from svodka.inputs.markup import break_lines, parsable, plain_text
from svodka.text import clean

# The search takes time that grows with the square of some pages. Of 587 pages of newsrooms none has half as many.
_MANY_ELEMENTS = 5000
_ASIDE = Aside()


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
        return extracted(deepcopy(tree))
    from lxml import html

    return str(_ASIDE.read("body", html.tostring(tree, encoding="utf-8"), where=where or "the page")["text"])


def extracted(tree: Any) -> str:
    """As `body_text`, here and for as long as it takes; the tree is spoilt."""
    from trafilatura import bare_extraction

    found: Any = bare_extraction(tree, with_metadata=False, include_comments=False, include_tables=True)
    return clean(found.text) if found is not None and found.text else ""


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
