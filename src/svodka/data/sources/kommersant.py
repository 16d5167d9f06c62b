"""Headlines of Kommersant, 2022, with tags of several kinds: rubrics, themes, parts of the site, authors, issues."""

import re

from svodka.article import Article
from svodka.data.sources.rows import Row, string, strings
from svodka.errors import DataError

COLUMNS = ("Title", "tag_names", "tag_types")

# Rubrics and themes; 4 is a part of the site, 5 an author, 6 an issue.
_TAG_TYPES = (1, 2)
_DATE = re.compile(r"^(\d\d)-(\d\d)-(\d{4})")


def article(row: Row) -> Article:
    """An article whose text is the headline: there is no body.

    Raises:
        DataError: a tag without its type.
    """
    names, types = row["tag_names"], row["tag_types"]
    strings(row, "tag_names")  # a list of strings, or an error
    if not isinstance(types, list) or len(types) != len(names or ()):
        raise DataError("columns 'tag_names' and 'tag_types' must be lists of one length")
    date = _DATE.match(string(row, "DateDoc"))
    return Article(
        text=string(row, "Title"),
        id=str(row.get("DocsId") or ""),
        tags=tuple(dict.fromkeys(name for name, kind in zip(names or (), types, strict=True) if kind in _TAG_TYPES)),
        date="-".join(reversed(date.groups())) if date else "",
        url=string(row, "URL"),
        lang="ru",
    )
