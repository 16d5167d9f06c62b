#!/usr/bin/env python3
"""Whether an article gets the same tags and summary however it comes: wrapped, in capitals, as a page, a feed, a table.

    scripts/disguises.py models/svodka prepared/rt --limit 20

For each disguise: the share of the plain articles' tags that are kept, how many others come in, the share of summaries
with the same words. Exit code 1 if all disguises together keep less than 95% of the tags or 90% of the summaries.
"""

import argparse
import csv
import sys
import tempfile
import textwrap
from collections.abc import Callable, Sequence
from html import escape
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
from pyarrow import parquet

from svodka.annotator import Annotator
from svodka.article import Annotation, Article
from svodka.data.store import PreparedData
from svodka.inputs.checking import checked
from svodka.inputs.feed_document import read_document
from svodka.inputs.feeds import entry_article
from svodka.inputs.reading import read
from svodka.text import words

MOST_LOST_TAGS, MOST_LOST_SUMMARIES = 0.05, 0.10
_LOOK_ALIKE = str.maketrans("асеорхуАВСЕНКМОРТХ", "aceopxyABCEHKMOPTX")
_FOLDED = str.maketrans("aceopxybhkmt", "асеорхувнкмт")
_INSERTS = (
    "Читайте также: Пожар на складе потушили к утру", "Подписывайтесь на наш Telegram-канал", "Фото: Прохор Лугинин"
)  # fmt: skip
_WIDTH = 70  # columns

Make = Callable[[str, Sequence[str], Path], Article]


class Kept(NamedTuple):
    """What a disguise leaves as it was: tags of the plain articles, how many of them are kept, tags that are new."""

    tags: int
    kept: int
    new: int
    summaries: int
    n: int


def wrapped(title: str, lines: Sequence[str], _: Path) -> Article:
    """Lines of 70 columns that end as on Windows, a blank line between paragraphs."""
    return Article("\r\n\r\n".join("\r\n".join(textwrap.wrap(line, _WIDTH)) for line in lines), title=title)


def capitals(title: str, lines: Sequence[str], _: Path) -> Article:
    """All in capitals."""
    return Article("\n".join(lines).upper(), title=title.upper())


def headline_in_capitals(title: str, lines: Sequence[str], _: Path) -> Article:
    """The title alone in capitals."""
    return Article("\n".join(lines), title=title.upper())


def look_alikes(title: str, lines: Sequence[str], _: Path) -> Article:
    """Latin letters that look like Cyrillic ones."""
    return Article("\n".join(lines).translate(_LOOK_ALIKE), title=title.translate(_LOOK_ALIKE))


def odd_letters(title: str, lines: Sequence[str], _: Path) -> Article:
    """No ё, spaces that do not break, soft hyphens."""
    text = "\n".join(lines).replace("ё", "е").replace("Ё", "Е").replace(" в ", " в\u00a0").replace("ост", "о\u00adст")
    return Article(text, title=title.replace(" ", "\u00a0"))


def html_page(title: str, lines: Sequence[str], _: Path) -> Article:
    """A page of HTML, in windows-1251."""
    return Article.from_html(_page(title, lines).encode("windows-1251", "xmlcharrefreplace"))


def html_column(title: str, lines: Sequence[str], _: Path) -> Article:
    """HTML in the text."""
    return Article(_paragraphs(lines), title=title)


def text_page(title: str, lines: Sequence[str], _: Path) -> Article:
    """A page that was copied: its headline, a line of tags, what stands below."""
    below = ["Теги: Мост, Река, Город", "© Вести Заречья, 2026. Все права защищены."]
    return Article.from_page("\n\n".join([title, *lines, *below]))


def inserts(title: str, lines: Sequence[str], _: Path) -> Article:
    """Links, calls and credits behind the first paragraph."""
    return Article("\n".join([*lines[:1], *_INSERTS, *lines[1:]]), title=title)


def title_repeated(title: str, lines: Sequence[str], _: Path) -> Article:
    """The title once more at the head of the text."""
    return Article("\n".join([title, *lines]), title=title)


def csv_table(title: str, lines: Sequence[str], folder: Path) -> Article:
    """A table as a spreadsheet saves it."""
    with (folder / "rows.csv").open("w", newline="", encoding="utf-16") as file:
        csv.writer(file, delimiter=";").writerows([["id", "title", "text"], ["1", title, "\n".join(lines)]])
    return _only(folder / "rows.csv")


def parquet_table(title: str, lines: Sequence[str], folder: Path) -> Article:
    """A table of Parquet whose texts are bytes."""
    table = pa.table({"id": [1.0], "title": [title], "text": ["\n".join(lines).encode()]})
    parquet.write_table(table, folder / "rows.parquet")
    return _only(folder / "rows.parquet")


def feed(title: str, lines: Sequence[str], _: Path) -> Article:
    """An entry of a feed."""
    body = escape(_paragraphs(lines))
    document = (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Вести</title><item>'
        f"<guid>urn:1</guid><title>{escape(escape(title))}</title><content:encoded>{body}</content:encoded></item>"
        "</channel></rss>"
    )
    found = read_document(document.encode(), url="http://vesti.example/rss", media_type="application/rss+xml")
    article = entry_article(found.entries[0], found, place="feed", name="1", labels=None)
    assert isinstance(article, Article)
    return article


DISGUISES: tuple[Make, ...] = (
    wrapped, capitals, headline_in_capitals, look_alikes, odd_letters, html_page, html_column, text_page, inserts,
    title_repeated, csv_table, parquet_table, feed,
)  # fmt: skip


def undisguised(articles: Sequence[Article]) -> list[Article]:
    """The articles with nothing but title and body."""
    return [Article(article.text, title=article.title) for article in articles]


def annotate(
    annotator: Annotator, articles: Sequence[Article], known: dict[tuple[str, ...], Annotation]
) -> list[Annotation]:
    """Annotations of articles; one that reads as a known one is not annotated again."""
    fresh = [article for article in articles if _read(article) not in known]
    known |= zip(map(_read, fresh), annotator(fresh), strict=True)
    return [known[_read(article)] for article in articles]


def compare(annotator: Annotator, articles: Sequence[Article], plain: Sequence[Annotation], make: Make) -> Kept:
    """What a disguise leaves of `plain`, the tags and summaries of some articles."""
    with tempfile.TemporaryDirectory() as folder:
        dressed = [make(article.title, article.text.split("\n"), Path(folder)) for article in articles]
    known = dict(zip(map(_read, articles), plain, strict=True))
    pairs = list(zip(plain, annotate(annotator, dressed, known), strict=True))
    names = [({tag.name for tag in one.tags}, {tag.name for tag in other.tags}) for one, other in pairs]
    return Kept(
        sum(len(one) for one, _ in names), sum(len(one & other) for one, other in names),
        sum(len(other - one) for one, other in names),
        sum(_said(one) == _said(other) for one, other in pairs), len(pairs),
    )  # fmt: skip


def main() -> int:
    """Read the command line, print a line a disguise; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", help="folder or hub id")
    parser.add_argument("data", type=Path, help="folder made by `svodka prepare`")
    parser.add_argument("--split", default="validation")
    parser.add_argument("--limit", type=int, default=20, help="the first articles that have a title")
    parser.add_argument("--only", nargs="*", help="names of disguises, as the table has them")
    given = parser.parse_args()
    titled = (article for article in PreparedData.open(given.data).articles(given.split) if article.title)
    articles = undisguised(list(islice(titled, given.limit)))
    annotator = Annotator.load(given.bundle)
    plain, found = annotator(articles), list[Kept]()
    for make in (make for make in DISGUISES if not given.only or make.__name__ in given.only):
        found.append(compare(annotator, articles, plain, make))
        show(make.__name__, found[-1])
    total = Kept(*map(sum, zip(*found, strict=True)))
    show("all together", total)
    lost = 1 - total.kept / max(1, total.tags), 1 - total.summaries / total.n
    return int(lost[0] > MOST_LOST_TAGS or lost[1] > MOST_LOST_SUMMARIES)


def show(name: str, kept: Kept) -> None:
    """Print a line of the table."""
    told = f"{name}: tags {kept.kept} of {kept.tags}, {kept.new} new; summaries {kept.summaries} of {kept.n}"
    print(told, flush=True)


def _read(article: Article) -> tuple[str, ...]:
    """What a model sees of an article."""
    found = checked(article)
    return found.title, found.text, found.lang


def _said(found: Annotation) -> list[str]:
    """The words of a summary, in letters that all disguises share."""
    return words(found.summary.text.lower().translate(_FOLDED) if found.summary else "")


def _only(path: Path) -> Article:
    (article,) = read(path)
    assert isinstance(article, Article)
    return article


def _paragraphs(lines: Sequence[str]) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in lines)


def _page(title: str, lines: Sequence[str]) -> str:
    return (
        f'<html><head><meta charset="windows-1251"><title>{escape(title)} — Вести</title></head><body><nav>'
        f'<a href="/">Вести</a></nav><article><h1>{escape(title)}</h1>{_paragraphs(lines)}</article>'
        "<footer>© Вести, 2026. Все права защищены.</footer></body></html>"
    )


if __name__ == "__main__":
    sys.exit(main())
