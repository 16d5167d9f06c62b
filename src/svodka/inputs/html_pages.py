"""An HTML page becomes an article: trafilatura finds the body, the head and the markup tell the rest."""

import re
from typing import Any

from svodka.article import Article
from svodka.inputs.boilerplate import without_inserts
from svodka.inputs.html_facts import Facts, facts_of, same_headline
from svodka.inputs.lines import joined, without_title
from svodka.inputs.markup import break_lines, ends_line, plain_text
from svodka.inputs.tag_line import split_tags
from svodka.inputs.targets import parted
from svodka.inputs.text_pages import Page, trimmed
from svodka.labels import TagVocabulary
from svodka.text import clean, words

_LEAST_WORDS = 8  # of a body
_SHORT = 25  # words of a body that another look at the page may better
_LONGER = 1.5  # times as long as the body that was found, the head's own is the whole one
_NOTICE = re.compile(
    r"^.{0,200}(?:javascript|файлы?\s+cookies?|cookies?\b.{0,80}(?:использу|соглаша|сайт)|ваш(?:ем|его)\s+браузер|we\s+use\s+cookies"
    r"|checking\s+your\s+browser|access\s+denied|политик\w+\s+(?:обработки|конфиденциальности)).{0,500}$",
    re.IGNORECASE | re.DOTALL,
)
_ABSENT = re.compile(
    r"(?:страница|материал|статья|запись)\s+(?:не\s+найден|удален|недоступн)|\b404\b|not\s+found", re.IGNORECASE
)
_CONSENT = "cookie", "gdpr", "consent"
_MOST_NOTICE = 1500  # characters
_MENU_SHARE = 0.6  # of lines that are links: more is no article


def parse_html(raw: str, vocabulary: TagVocabulary | None, *, name: str = "") -> Page:
    """Read an HTML page; `name` becomes the article's id. A page without an article gives an empty `text`."""
    tree = _tree(raw)
    if tree is None:
        return Page(Article("", id=name))
    facts = facts_of(tree)
    links = {clean(link.text_content()) for link in tree.iter("a")}
    _prepare(tree)
    text, boilerplate = _body(tree, facts, links)
    text, lead = _with_lead(text, facts)
    found = split_tags("; ".join(facts.tags), vocabulary)
    extra = {"unresolved_tags": list(found.unresolved)} if found.unresolved else {}
    article = Article(
        text, id=name, title=facts.title, summary=lead, tags=found.tags, date=facts.date, url=facts.url,
        lang=facts.lang, extra=extra,
    )  # fmt: skip
    return Page(article, found.unresolved, boilerplate)


def _tree(raw: str) -> Any:
    from lxml import etree, html

    # lxml refuses a text that declares an encoding; bytes in UTF-8 with the parser told so are safe.
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True)
    try:
        return html.document_fromstring(raw.replace("\0", " ").encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def _prepare(tree: Any) -> None:
    """Take out notices, and join the lines that the markup breaks within a sentence."""
    for element in [*tree.iter("div", "section", "aside", "p", "noscript")]:
        if element.getparent() is None or element.tag == "body":
            continue
        named = f"{element.get('id') or ''} {element.get('class') or ''}".lower()
        notice = element.tag == "noscript" or any(word in named for word in _CONSENT)
        if notice and len(element.text_content()) <= _MOST_NOTICE:
            element.drop_tree()
    # A page that loads the next article below has only the first one's address.
    heads = [head.getparent() for head in tree.iter("h1")]
    for article in heads[1:]:
        if article is not heads[0] and (article.tag, article.get("class")) == (heads[0].tag, heads[0].get("class")):
            article.drop_tree()
    for element in [*tree.iter("br")]:
        if not ends_line(element):
            element.tail = " " + (element.tail or "").lstrip()
            element.drop_tag()
    for element in [*tree.iter("pre")]:
        element.tag = "p"
        for part in element.iter():
            part.text, part.tail = (
                joined(part.text or ""),
                (joined(part.tail or "") if part is not element else part.tail),
            )


def _body(tree: Any, facts: Facts, links: set[str]) -> tuple[str, tuple[str, ...]]:
    """The article's text and the lines that were dropped around it; "" if there is no article on the page."""
    text = _extracted(tree)
    if len(words(text)) < _SHORT:
        text = max((text, facts.body, _paragraphs(tree)), key=lambda found: len(words(found)) * (found != ""))
    if len(words(facts.body)) > _LONGER * len(words(text)):
        text = facts.body
    lines, dropped = trimmed(_without_headline(text, facts.title).split("\n"))
    kept = [line for line in lines if line and not (_NOTICE.match(line) and len(line) <= _MOST_NOTICE // 3)]
    if sum(line in links for line in kept) > _MENU_SHARE * len(kept):
        return "", dropped
    text = without_inserts(joined("\n".join(kept)))
    n = len(words(text))
    gone = n < 4 * _LEAST_WORDS and (_ABSENT.search(facts.title) or _ABSENT.search(text))
    return ("", dropped) if n < _LEAST_WORDS or gone or same_headline(text, facts.title) else (text, dropped)


def _extracted(tree: Any) -> str:
    from copy import deepcopy

    from trafilatura import bare_extraction

    found: Any = bare_extraction(deepcopy(tree), with_metadata=False, include_comments=False, include_tables=True)
    return clean(found.text) if found is not None and found.text else ""


def _paragraphs(tree: Any) -> str:
    """The text of the element that is marked as the article's body, for pages too short for a search."""
    for path in ("//*[@itemprop='articleBody']", "//article", "//main"):
        for element in tree.xpath(path)[:1]:
            from copy import deepcopy

            body = deepcopy(element)
            for part in [*body.iter("h1", "h2", "header", "footer", "nav", "aside", "time")]:
                if part.getparent() is not None:
                    part.drop_tree()
            break_lines(body)
            if text := plain_text(body.text_content()):
                return text
    return ""


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
    )
    return text, description if own else ""


def _without_headline(text: str, title: str) -> str:
    first, _, rest = text.partition("\n")
    return rest if rest and same_headline(first, title) else without_title(text, title)
