"""What every article must be, whatever it was read from."""

from dataclasses import replace

from svodka.article import Article
from svodka.errors import DataError
from svodka.text import clean

MAX_CHARACTERS = 2_000_000
MAX_TAGS = 50_000
MAX_TITLE = 10_000  # characters; no headline, but a body in the wrong field


def check_tags(n: int, name: str) -> None:
    """Look whether markup can be read in time: the search for an article in it takes longer than its length grows.

    Args:
        n: how often `<` stands in it.
        name: what it is, for the message.

    Raises:
        DataError: more than `MAX_TAGS`.
    """
    if n > MAX_TAGS:
        raise DataError(f"{name} has {n} tags of HTML, at most {MAX_TAGS} are read; it is no page of one article")


def checked(article: object, where: int = 0) -> Article:
    """An input as a cleaned `Article`.

    Args:
        article: an `Article` or a text.
        where: its place in the input, for the message.

    Raises:
        DataError: another type, empty, or longer than `MAX_CHARACTERS`.
    """
    if isinstance(article, str):
        article = Article(text=article)
    if not isinstance(article, Article):
        raise DataError(f"input {where}: expected an Article or a text, got {type(article).__name__}")
    name = f"article '{article.id[:200]}'" if article.id else f"input {where}"
    if len(article.title) > MAX_TITLE:
        raise DataError(f"{name} has a title of {len(article.title)} characters, at most {MAX_TITLE} are read")
    if len(article.text) > MAX_CHARACTERS:
        raise DataError(f"{name} has {len(article.text)} characters, at most {MAX_CHARACTERS} are read; split it")
    text = clean(article.text)
    if not text:
        raise DataError(f"{name} has no text; give the body in 'text'")
    title = clean(article.title).replace("\n", " ")
    return replace(article, text=text, title=title)
