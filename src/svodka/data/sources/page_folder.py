"""A folder of raw pages."""

from collections.abc import Iterator
from dataclasses import replace

from svodka.article import Article
from svodka.config.data import SourceConfig
from svodka.errors import DataError
from svodka.inputs.pages import PAGE_SUFFIXES, read_page
from svodka.inputs.reject import Reject
from svodka.labels import TagVocabulary


def page_folder(config: SourceConfig, vocabulary: TagVocabulary | None) -> Iterator[Article | Reject]:
    """Every `.txt` and `.html` page under the folder, in the order of their names.

    Raises:
        DataError: the folder has none.
    """
    if config.path is None or not config.path.is_dir():
        raise DataError(f"a source of kind 'pages' needs a folder as source.path, got {config.path}")
    paths = sorted(path for path in config.path.rglob("*") if path.suffix.lower() in PAGE_SUFFIXES)
    if not paths:
        raise DataError(f"{config.path} has no pages; looked for {', '.join(PAGE_SUFFIXES)}")
    for path in paths:
        try:
            article = read_page(path, vocabulary).article
        except DataError as error:
            yield Reject("unusable", path.name, str(error))
        else:
            yield replace(article, source=config.path.name)
