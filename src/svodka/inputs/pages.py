"""A stored page, text or HTML, becomes an article."""

import zlib
from dataclasses import replace
from pathlib import Path

from svodka.errors import DataError
from svodka.inputs.checking import check_tags
from svodka.inputs.encodings import decode
from svodka.inputs.html_pages import parse_html
from svodka.inputs.mail import mail_as_page
from svodka.inputs.text_pages import Page, parse_page
from svodka.labels import TagVocabulary

HTML_SUFFIXES = (".html", ".htm")
_GZIP = b"\x1f\x8b"
_MOST_BYTES = 32 << 20
PAGE_SUFFIXES = (".txt", ".eml", *HTML_SUFFIXES)


def read_page(path: Path, vocabulary: TagVocabulary | None) -> Page:
    """Read a `.txt` or `.html` page; the file's stem is the id.

    Args:
        path: the file; UTF-8, or for HTML the encoding that it declares.
        vocabulary: tags by which the line of tags is split.

    Raises:
        DataError: no text in a known encoding, or no article in it.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from error
    return page_of(raw, path, vocabulary)


def page_of(raw: bytes, path: Path, vocabulary: TagVocabulary | None) -> Page:
    """The page that a file's bytes hold; `path` tells the form by its suffix and the id by its stem.

    Raises:
        DataError: no text in a known encoding, or no article in it.
    """
    if raw.startswith(_GZIP):
        # As a server sent it to a program that asked for packed pages.
        raw = _unpacked(raw, path)
    check_tags(raw.count(b"<") if path.suffix.lower() in HTML_SUFFIXES else 0, str(path))
    if path.suffix.lower() in HTML_SUFFIXES:
        page = parse_html(decode(raw, where=str(path)), vocabulary, name=path.stem)
    else:
        text, day = mail_as_page(raw) or (decode(raw, where=str(path)), "")
        page = parse_page(text, vocabulary, name=path.stem)
        page = replace(page, article=replace(page.article, date=day))
    if not page.article.text:
        raise DataError(f"{path}: no article was found in this page; it needs a body of text")
    return page


def _unpacked(raw: bytes, path: Path) -> bytes:
    try:
        found = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(raw, _MOST_BYTES)
    except zlib.error as error:
        raise DataError(f"{path}: a damaged gzip file: {error}") from error
    if len(found) == _MOST_BYTES:
        raise DataError(f"{path}: longer than {_MOST_BYTES} bytes when it is unpacked")
    return found
