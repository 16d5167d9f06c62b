"""What every article must be, whatever it was read from, and the one place where its text is put in order."""

from dataclasses import replace

from svodka.article import Article
from svodka.errors import DataError
from svodka.inputs.boilerplate import without_frame, without_inserts
from svodka.inputs.bylines import without_byline
from svodka.inputs.lines import headline, without_title
from svodka.inputs.markup import plain_text
from svodka.inputs.mojibake import mojibake

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
    """An input as a cleaned `Article`: markup, inserts and a repeated headline are gone, wrapped lines are joined.

    Args:
        article: an `Article` or a text.
        where: its place in the input, for the message.

    Raises:
        DataError: another type, empty, mojibake, or longer than `MAX_CHARACTERS`.
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
    found = tidied(article)
    if not found.text:
        raise DataError(f"{name} has no text; give the body in 'text'")
    fault = mojibake(f"{found.title}\n{found.text}")
    if fault:
        raise DataError(f"{name} cannot be read: {fault}; save it anew from its source as UTF-8")
    return found


def tried(article: object, where: int = 0) -> Article | DataError:
    """As `checked`, with the error in place of an article that is none."""
    try:
        return checked(article, where)
    except DataError as error:
        return error


def tidied(article: Article) -> Article:
    """The article with title and body put in order; a body of a headline and paragraphs gives a missing title."""
    title = plain_text(article.title).replace("\n", " ")
    text = without_inserts(plain_text(article.text))
    if not title:
        title, text = headline(text)
    # A date may stand above the headline, and below.
    text = without_byline(without_frame(without_title(without_frame(text), title)), title)
    return replace(article, title=title, text=text)
