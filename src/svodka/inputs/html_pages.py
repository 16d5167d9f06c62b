"""An HTML page becomes an article: trafilatura finds the body, the markup tells headline, lead, tags and date."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from svodka.article import Article
from svodka.errors import DataError
from svodka.inputs.tag_line import TagLine, split_tags
from svodka.inputs.targets import without_lead
from svodka.inputs.text_pages import Page, parse_page
from svodka.labels import TagVocabulary
from svodka.text import clean, words

_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_HEAD_BYTES = 4096
_SAME_HEADLINE = 0.6  # share of words in common
_LANGUAGE = re.compile(r"[a-z]{2}")


def decode_html(raw: bytes, path: Path) -> str:
    """Text of an HTML file: UTF-8, or the encoding that its head declares.

    Raises:
        DataError: bytes that are no text in that encoding, or an encoding that is unknown.
    """
    declared = _CHARSET.search(raw[:_HEAD_BYTES])
    name = declared.group(1).decode("ascii") if declared and not raw.startswith(b"\xef\xbb\xbf") else "utf-8-sig"
    try:
        return raw.decode("utf-8-sig" if name.lower() in ("utf-8", "utf8") else name)
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: byte {error.start} is no text in the declared encoding {name}; mend it") from error
    except LookupError:
        raise DataError(f"{path}: unknown encoding '{name}' declared; save the page as UTF-8") from None


def parse_html(raw: str, vocabulary: TagVocabulary | None, *, name: str = "") -> Page:
    """Read an HTML page; `name` becomes the article's id. A page without a body gives an empty `text`."""
    from trafilatura import bare_extraction

    found: Any = bare_extraction(raw, with_metadata=True, include_comments=False, include_tables=False)
    if found is None or not found.text:
        return Page(Article("", id=name))
    tree = _tree(raw)
    title = clean(_only(tree, "//h1") or found.title or "").replace("\n", " ")
    lead = clean(_lead(tree) or found.description or "").replace("\n", " ")
    body = _without_headline(clean(found.text), title)
    text = without_lead(body, lead)
    # A description that the body does not open with is a teaser of the site's own; it still is an editor's summary.
    tag_line = _tags(tree, found.tags or [], vocabulary)
    rest = parse_page(text, None)
    text = rest.article.text if not rest.article.title else text
    extra = {"unresolved_tags": list(tag_line.unresolved)} if tag_line.unresolved else {}
    article = Article(
        text, id=name, title=title, summary=lead, tags=tag_line.tags, date=found.date or "", url=found.url or "",
        lang=_language(tree), extra=extra,
    )  # fmt: skip
    return Page(article, tag_line.unresolved, rest.boilerplate)


def _tree(raw: str) -> Any:
    from lxml import html

    # lxml refuses a text that declares an encoding; bytes in UTF-8 with the parser told so are safe.
    return html.document_fromstring(raw.encode("utf-8", "replace"), parser=html.HTMLParser(encoding="utf-8"))


def _only(tree: Any, path: str) -> str:
    found = tree.xpath(path)
    return str(found[0].text_content()) if len(found) == 1 else ""


def _lead(tree: Any) -> str:
    named = "[contains(concat(' ', normalize-space(@class), ' '), ' {} ') or @itemprop='description']"
    for word in ("lead", "article__lead", "article-lead", "lede", "announce", "standfirst"):
        found = _only(tree, "//*" + named.format(word) + "[not(self::meta)]")
        if found:
            return found
    return ""


def _tags(tree: Any, keywords: Sequence[str], vocabulary: TagVocabulary | None) -> TagLine:
    links = [clean(link.text_content()) for link in tree.xpath("//a[contains(@rel, 'tag')]")]
    return split_tags("; ".join(filter(None, links or keywords)), vocabulary)


def _language(tree: Any) -> str:
    declared = _LANGUAGE.match(str(tree.get("lang") or "").lower())
    return declared.group() if declared else ""


def _without_headline(text: str, title: str) -> str:
    first, _, rest = text.partition("\n")
    one, other = set(words(first)), set(words(title))
    same = len(one & other) / len(one | other) if one | other else 0.0
    return rest if rest and same >= _SAME_HEADLINE else text
