"""What a page's head says of its article: JSON-LD, Open Graph, microdata and the older metas."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from svodka.inputs.boilerplate import is_frame
from svodka.inputs.days import day_of
from svodka.inputs.markup import plain_text
from svodka.text import words

_ARTICLE_TYPES = (
    "article",
    "newsarticle",
    "reportagenewsarticle",
    "analysisnewsarticle",
    "blogposting",
    "liveblogposting",
)
_LANGUAGE = re.compile(r"[a-z]{2}")
_SAME = 0.5  # share of words that two headlines of one article have in common
_SAME_SENTENCE = 0.9
_STOP = re.compile(r"[^.]\.[»\")]?$")
_LEADS = ("lead", "article__lead", "article-lead", "lede", "announce", "standfirst")
_DATE_LINE_CHARACTERS, _MOST_DATE_WORDS = 60, 6
_TITLE_END = re.compile(r"\s+[|—–•·:»/-]{1,2}\s+((?:(?!\s[|—–•·:»/-]{1,2}\s)[^|—–]){2,60})$")
_TITLE_START = re.compile(r"(?:[^\W_][\w.]*\s+){1,3}[|»•]\s+(?!.*\s[|—–-]\s)")
_MOST_SITE_WORDS = 6
_LEAST_TITLE = 4  # words
_DATED_CLASS = ("date", "time", "published", "meta")


@dataclass(frozen=True)
class Facts:
    """The fields of an article that a page names; "" where it names none.

    Attributes:
        lead: the text of an element that is marked as the lead.
        description: what the head gives search engines.
        body: the article's text in JSON-LD.
    """

    title: str = ""
    lead: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    date: str = ""
    url: str = ""
    lang: str = ""
    body: str = ""


def facts_of(tree: Any) -> Facts:
    """The facts of a page's tree."""
    linked = next(_linked(tree), {})
    return Facts(
        title=_title(tree, linked),
        lead=_lead(tree),
        description=_first(
            _line(linked.get("description")), *_metas(tree, "og:description", "description", "twitter:description")
        ),
        tags=_tags(tree, linked),
        date=_date(tree, linked),
        url=_first(*tree.xpath("//link[@rel='canonical']/@href")[:1], *_metas(tree, "og:url")),
        lang=_language(tree),
        body=plain_text(str(linked.get("articleBody") or "")),
    )


def same_headline(one: str, other: str) -> bool:
    """Whether two lines say the same in about the same words."""
    return _shared(one, other) >= _SAME


def is_copy(line: str, title: str) -> bool:
    """Whether a line is the headline once more; a whole sentence must have the same words, or it is the opening."""
    return _shared(line, title) >= (_SAME_SENTENCE if _STOP.search(line) else _SAME)


def _shared(one: str, other: str) -> float:
    first, second = set(words(one)), set(words(other))
    return len(first & second) / len(first | second) if first | second else 0.0


def _title(tree: Any, linked: Mapping[str, Any]) -> str:
    marked = [_line(one.text_content()) for one in tree.xpath("//*[@itemprop='headline'][not(self::meta)]")[:1]]
    told = list(filter(None, [*_metas(tree, "og:title", "twitter:title"), _line(linked.get("headline")), *marked]))
    shown = [_line(title.text_content()) for title in tree.xpath("//head/title")[:1]]
    # A page's title of a few words may be the site's, if the head names another.
    shown = [title for title in shown if not told or len(words(title)) >= _LEAST_TITLE]
    named = [_without_site(title) for title in [*told, *shown] if title]
    sites = {" ".join(words(site)) for site in _metas(tree, "og:site_name")}
    heads = [text for head in tree.xpath("//h1") if (text := _line(head.text_content()))]
    # The name of the site is often a page's first heading.
    heads = [head for head in heads if " ".join(words(head)) not in sites and not _is_cut_off(head, shown, named)]
    for head in heads:
        if any(same_headline(head, title) or set(words(head)) <= set(words(title)) for title in named):
            return head
    for head in (_line(head.text_content()) for head in tree.iter("h2", "h3")):
        if len(words(head)) >= _LEAST_TITLE and any(words(head) == words(title) for title in named):
            return head
    if len(heads) == 1 and not told:
        return heads[0]
    return named[0] if named else ""


def _is_cut_off(head: str, shown: list[str], named: list[str]) -> bool:
    """Whether a heading is the part of the page's title that the article's title lacks."""
    own = set(words(head))
    return any(own <= set(words(title)) for title in shown) and not any(own & set(words(title)) for title in named)


def _without_site(title: str) -> str:
    """A page's title without the name of the site behind it, or before it if that is the shorter part."""
    if (cut := _TITLE_START.match(title)) and len(words(title[cut.end() :])) >= _LEAST_TITLE:
        return title[cut.end() :]
    cut = _TITLE_END.search(title)
    if not cut:
        return title
    first, last = title[: cut.start()], cut[1]
    if len(words(first)) < min(_LEAST_TITLE, len(words(last))) and not last[0].islower():
        return last
    # A small letter goes on with the headline, unless it is that of an address.
    is_site = len(words(last)) <= _MOST_SITE_WORDS and (last.isascii() or not last[0].islower())
    return first if is_site else title


def _lead(tree: Any) -> str:
    named = "[contains(concat(' ', normalize-space(@class), ' '), ' {} ') or @itemprop='description']"
    for word in _LEADS:
        found = tree.xpath("//*" + named.format(word) + "[not(self::meta)]")
        if len(found) == 1 and (text := _line(found[0].text_content())):
            return text
    return ""


def _tags(tree: Any, linked: Mapping[str, Any]) -> tuple[str, ...]:
    links = [_line(link.text_content()) for link in tree.xpath("//a[contains(@rel, 'tag') or @itemprop='keywords']")]
    keywords = linked.get("keywords") or ()
    listed = keywords.split(",") if isinstance(keywords, str) else keywords if isinstance(keywords, list) else ()
    metas = [part for text in _metas(tree, "news_keywords", "keywords")[:1] for part in re.split(r"[,;]", text)]
    for found in (links, _metas(tree, "article:tag"), listed, metas):
        tags = tuple(dict.fromkeys(tag for one in found if isinstance(one, str) and (tag := _line(one).lstrip("#"))))
        if tags:
            return tags
    return ()


def _date(tree: Any, linked: Mapping[str, Any]) -> str:
    told = [
        *_metas(
            tree,
            "article:published_time",
            "og:published_time",
            "datePublished",
            "pubdate",
            "date",
            "dc.date",
            "publish_date",
            "mediator_published_time",
            "published_time",
            "publication_date",
            "parsely-pub-date",
            "sailthru.date",
        ),
        linked.get("datePublished"),
        *tree.xpath("//*[@itemprop='datePublished']/@content | //*[@itemprop='datePublished']/@datetime"),
        *tree.xpath("//article//time/@datetime"),
        *tree.xpath("//time/@datetime")[:1],
    ]
    for value in told:
        if value and (day := day_of(value)):
            return day
    for element in tree.xpath("//p | //time | //span | //div[not(*)]")[:400]:
        text = _line(element.text_content())
        # A line that is nothing but a date stands over the article; one within a sentence is told by it.
        is_one = len(text) <= _DATE_LINE_CHARACTERS and (len(words(text)) <= _MOST_DATE_WORDS or is_frame(text))
        if is_one and (day := day_of(text)):
            return day
    return ""


def _language(tree: Any) -> str:
    declared = _LANGUAGE.match(str(tree.get("lang") or "").lower())
    return declared.group() if declared else ""


def _metas(tree: Any, *names: str) -> list[str]:
    """Contents of the metas of these names, in the order of the names."""
    found = {name.lower(): list[str]() for name in names}
    for meta in tree.iter("meta"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").lower()
        if name in found and (text := _line(meta.get("content"))):
            found[name].append(text)
    return [text for name in names for text in found[name.lower()]]


def _linked(tree: Any) -> Iterator[Mapping[str, Any]]:
    """The articles that JSON-LD tells of."""
    for script in tree.xpath("//script[contains(@type, 'ld+json')]"):
        with suppress(ValueError, RecursionError):
            yield from _articles(json.loads(script.text_content(), strict=False), depth=4)


def _articles(value: Any, *, depth: int) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list) and depth:
        for one in value:
            yield from _articles(one, depth=depth - 1)
    elif isinstance(value, Mapping):
        kinds = value.get("@type")
        named = kinds if isinstance(kinds, list) else [kinds]
        if any(str(kind).lower() in _ARTICLE_TYPES for kind in named):
            yield value
        elif depth:
            yield from _articles(value.get("@graph") or value.get("mainEntity") or [], depth=depth - 1)


def _line(text: Any) -> str:
    return plain_text(text).replace("\n", " ") if isinstance(text, str) else ""


def _first(*texts: str) -> str:
    return next((text for text in texts if text), "")
