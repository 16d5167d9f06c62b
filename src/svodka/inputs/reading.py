"""For applications: articles of a page, a file, a folder or an address, as the commands read them."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from svodka.article import Article
from svodka.errors import DataError
from svodka.inputs.checking import checked
from svodka.inputs.encodings import decode
from svodka.inputs.html_pages import parse_html
from svodka.inputs.readers import read_rows
from svodka.inputs.reject import Reject
from svodka.inputs.rows import Reading, read_row
from svodka.inputs.sources import Inputs, field_map
from svodka.inputs.streams import Meter
from svodka.inputs.text_pages import parse_page
from svodka.labels import TagVocabulary


def read(
    path: str | Path, *, fields: Mapping[str, str] | None = None, labels: TagVocabulary | None = None
) -> Iterator[Article | Reject]:
    """Articles of whatever `svodka annotate` reads, in order; what is none comes as a `Reject` with its reason.

    Args:
        path: a page, a table, a folder of these, or a URL that fsspec reads.
        fields: article field -> column, where a table's names differ.
        labels: the tags of a model (`annotator.bundle.labels`), by which a page's line of tags is split.

    Raises:
        ConfigError: nothing is there, or it is nothing that is read.
        DataError: a file that breaks off, or a table without a column `text`.
    """
    given = Inputs((str(path),), fields=field_map([f"{name}={column}" for name, column in (fields or {}).items()]))
    given.check()
    return _articles(given, Reading(labels, given.fields))


def page_article(text: str) -> Article:
    """The article of a page of text; see `Article.from_page`."""
    return _usable(parse_page(text, None).article)


def html_article(page: str | bytes) -> Article:
    """The article of an HTML page; see `Article.from_html`."""
    return _usable(parse_html(decode(page, where="the page") if isinstance(page, bytes) else page, None).article)


def _articles(given: Inputs, reading: Reading) -> Iterator[Article | Reject]:
    for source in given.sources():
        yield from (read_row(row, reading) for row in read_rows(source, Meter()))


def _usable(article: Article) -> Article:
    if not article.text:
        raise DataError("no article was found in this page; it needs a body of text")
    return checked(article)
