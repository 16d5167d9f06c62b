"""Text with the markup of a site's software in it: HTML without a page around it, BBCode, Markdown."""

import re
from html import escape
from typing import Any

from svodka.inputs.escapes import unescaped
from svodka.inputs.lightweight import without_signs
from svodka.inputs.lines import end_of, joined
from svodka.text import clean, entities_decoded

_BLOCKS = (
    "p",
    "div",
    "li",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "tr",
    "ul",
    "ol",
    "table",
    "figure",
    "section",
)
_UNSEEN = (
    "script",
    "style",
    "iframe",
    "noscript",
    "object",
    "embed",
    "svg",
    "form",
    "button",
    "template",
    "figcaption",
    "ref",
)
_NAMES = (
    "p|br|hr|div|span|b|i|u|s|em|strong|a|ul|ol|li|h[1-6]|script|style|img|iframe|blockquote|table|tbody|tr|td|th|article|section"
    "|figure|figcaption|font|center|noscript|pre|code|sub|sup|small|video|source|object|embed|main|header|footer|aside|nav|html|body"
)
# «a<b и b>c» is no tag: a tag's name is followed by its end or by an attribute.
_TAG = re.compile(rf"</?(?:{_NAMES})(?:\s+[\w:-]+\s*=[^<>]*|\s*/?)>|</[a-z][\w:-]{{0,30}}\s*>|<!--", re.IGNORECASE)
_ESCAPED_TAG = re.compile(rf"&(?:amp;)*lt;/?(?:{_NAMES})\b[^<>]{{0,500}}?&(?:amp;)*gt;", re.IGNORECASE)
_BARE_AMPERSAND = re.compile(r"&(?!#?\w{1,31};)")
_PARAMETER = re.compile(r"&(?=[A-Za-z]\w{0,30}=)")  # of an address: «&copy=2» is no sign
_BARE_LESS = re.compile(rf"<(?!/?(?:{_NAMES})\b|!--|/?[a-z][\w:-]*[\s/>])", re.IGNORECASE)
# libxml2 compares each attribute of a tag with all before it: half a megabyte of them would take minutes.
_MANY_ATTRIBUTES = re.compile(
    r"""<([a-z][a-z0-9]*+)(?:[\s/]++(?:[^\s/<>"']++|"[^"]*+"|'[^']*+')++){1000,}+[^<>]*+>?""", re.IGNORECASE
)
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
# A line break that an export has written out in letters.
_WRITTEN_BREAK = re.compile(r"(?:\\r)?\\n(?=\\|[A-ZА-Яа-яёЁӘҒҚҢӨҰҮІЄЇ«\"–—\s]|$)")
_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SIGNS = re.compile(r"[<\[&*_#>`'\\=~|{]|---")
_RAISED = re.compile(r"(?:\d|\b[ксдм]?м|\b[ckd]?m)$")
_BLANK_LINE = re.compile(r"(?<=[^>\s])[ \t]*\r?\n[ \t]*\r?\n\s*(?=[^<\s])")
_LEAST_OPEN_LINE = 30  # characters before a <br> that make it a wrapped line and no entry of a list


def plain_text(text: str) -> str:
    """A cleaned text without the markup that stands in it, a paragraph a line; text without any is only cleaned."""
    return clean(joined(unmarked(_BREAKS.sub("\n", unescaped(text)))))


def unmarked(text: str) -> str:
    """A text without HTML, BBCode and Markdown; blocks end in line breaks, entities may be left."""
    if not _SIGNS.search(text):
        return text
    for _ in range(2):  # escaped once more by an export
        if not _ESCAPED_TAG.search(text):
            break
        text = text.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"')
    text = _CDATA.sub("", text) if "[CDATA[" in text else text
    text = _WRITTEN_BREAK.sub("\n", text) if "\\n" in text and "\n" not in text else text
    if _TAG.search(text):
        text = _without_tags(text)
    return without_signs(text)


def _follows_unit(element: Any) -> bool:
    """Whether a raised number stands behind a number or a unit of length."""
    previous = element.getprevious()
    before = (previous.tail if previous is not None else element.getparent().text) or ""
    return _RAISED.search(before) is not None


def parsable(markup: str) -> str:
    """HTML that its parser reads right and in time: no NUL, no tag of a thousand attributes, addresses as they are."""
    return _MANY_ATTRIBUTES.sub(r"<\1>", _PARAMETER.sub("&amp;", markup.replace("\0", " ")))


def break_lines(tree: Any) -> None:
    """Put line breaks into a tree of lxml where its elements begin new lines; unseen parts go."""
    for element in [*tree.iter(*_UNSEEN)]:
        if element.getparent() is not None:
            element.drop_tree()
    for element in [*tree.iter("sup")]:
        # The number of a footnote; «м<sup>2</sup>» is none.
        if element.text_content().strip(" []*").isdigit() and not _follows_unit(element):
            element.drop_tree()
    for element in tree.iter("td", "th"):
        element.tail = " " + (element.tail or "")
    for element in tree.iter(*_BLOCKS):
        element.tail = "\n\n" + (element.tail or "")
        element.text = "\n\n" + (element.text or "")
    for element in [*tree.iter("br")]:
        element.tail = ("\n" if ends_line(element) else " ") + (element.tail or "").lstrip()


def as_page(markup: str, title: str) -> str:
    """A page around the HTML of a body, for a reader of pages; WordPress stores paragraphs as blank lines."""
    markup = _BLANK_LINE.sub("<br><br>", markup)
    return f"<html><body><article><h1>{escape(title)}</h1>{markup}</article></body></html>"


def join_lines(tree: Any) -> None:
    """Take out of a tree the <br> that end no paragraph."""
    joined: list[Any] = []
    for element in [*tree.iter("br"), None]:
        goes_on = element is not None and bool(joined) and joined[-1].getnext() is element
        if element is not None and not ends_line(element, goes_on=goes_on):
            # Each by itself would copy the text before it once more.
            if not goes_on:
                _drop(joined)
                joined.clear()
            joined.append(element)
    _drop(joined)


def _drop(breaks: list[Any]) -> None:
    """Drop some <br> with nothing but text between them."""
    if breaks:
        previous, parent = breaks[0].getprevious(), breaks[0].getparent()
        lines = [(previous.tail if previous is not None else parent.text) or ""]
        for element in breaks:
            lines[-1], gap = end_of(lines[-1].rstrip(), following := (element.tail or "").lstrip())
            lines += [gap + following]
        for element in breaks[1:]:
            parent.remove(element)
        if previous is not None:
            previous.tail = lines[0]
        else:
            parent.text = lines[0]
        breaks[0].tail = "".join(lines[1:])
        breaks[0].drop_tag()


def ends_line(element: Any, *, goes_on: bool = False) -> bool:
    """Whether a <br> ends a paragraph or an entry: it stands twice, or the text before it is complete or short.

    Args:
        element: the <br>.
        goes_on: the text before it goes on with another line.
    """
    following = element.getnext()
    previous = element.getprevious()
    if following is not None and following.tag == "br" and not (element.tail or "").strip():
        return True
    before = ((previous.tail if previous is not None else element.getparent().text) or "").rstrip()
    if previous is not None and not before and previous.tag != "br":
        before = previous.text_content().rstrip()
    return (len(before) < _LEAST_OPEN_LINE and not goes_on) or before[-1:] in '.!?…:;»"'


def _without_tags(text: str) -> str:
    from lxml import etree, html

    # A parser of HTML reads «&copy=2» in an address as a sign, and «<5» as a tag.
    guarded = _BARE_LESS.sub("&lt;", _BARE_AMPERSAND.sub("&amp;", parsable(text)))
    try:
        tree = html.fragment_fromstring(guarded, create_parent="div")
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        return _TAG.sub(" ", entities_decoded(text))
    break_lines(tree)
    return str(tree.text_content())
