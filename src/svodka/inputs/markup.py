"""Text written as HTML without a page around it."""

from html import escape

from svodka.inputs.html_pages import parse_html
from svodka.inputs.text_pages import parse_page
from svodka.labels import TagVocabulary
from svodka.text import clean

_BLOCKS = ("p", "br", "div", "li", "h1", "h2", "h3", "h4", "blockquote", "tr")


def body_text(markup: str, title: str, labels: TagVocabulary | None) -> str:
    """The body of an article given as HTML without a page around it, less what newsrooms put around articles."""
    if not markup.strip():
        return ""
    page = f"<html><body><article><h1>{escape(title)}</h1>{markup}</article></body></html>"
    text = parse_html(page, labels).article.text
    whole = plain_text(markup)
    # Of a short text the search for a page's body may keep little or nothing.
    if len(text) < len(whole) / 2:
        rest = parse_page(whole, labels).article
        text = whole if rest.title or rest.summary else rest.text
    return text


def plain_text(markup: str) -> str:
    """HTML without its tags, a line a block."""
    if "<" not in markup and "&" not in markup:
        return clean(markup)
    from lxml import etree, html

    try:
        tree = html.fragment_fromstring(markup, create_parent="div")
    except (etree.ParserError, ValueError):
        return clean(markup)
    for element in tree.iter(*_BLOCKS):
        element.tail = "\n" + (element.tail or "")
        element.text = "\n" + (element.text or "")
    for element in [*tree.iter("script", "style")]:
        element.drop_tree()
    return clean(tree.text_content())
