"""Articles to score a model on: a prepared folder, or files that are read as `annotate` reads them."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from svodka.article import Article
from svodka.config.data import TagConfig
from svodka.data.splits import SPLITS
from svodka.data.store import TOPIC_COLUMNS, PreparedData, save
from svodka.data.tidy import TagSpelling, Tally, tidy
from svodka.errors import DataError
from svodka.inputs.articles import read_articles
from svodka.inputs.reject import Reject
from svodka.inputs.sources import Inputs, kind_of
from svodka.inputs.streams import is_url
from svodka.labels import TagVocabulary
from svodka.topics import TOPIC_IDS


@dataclass(frozen=True)
class Gold:
    """Articles with their editors' tags and summaries, not yet read.

    Attributes:
        prepared: the prepared folder, if it is one.
        given: what is read otherwise.
        refused: takes what could not be read.
    """

    prepared: PreparedData | None
    given: Inputs
    refused: list[Reject] = field(default_factory=list)

    @classmethod
    def of(cls, path: str, fields: tuple[tuple[str, str], ...]) -> "Gold":
        """Look at a path before any work starts.

        Args:
            path: a folder made by `svodka prepare`, or anything that `svodka annotate` reads.
            fields: article field, column that holds it, where a table's names differ.

        Raises:
            DataError: no such folder, or a prepared one that is damaged.
            ConfigError: no such file, or nothing in it that is read.
        """
        given = Inputs((path,), fields=fields)
        named = is_url(path) or kind_of(path) is not None or Path(path).exists()
        if (Path(path) / "manifest.json").is_file() or not named:
            return cls(PreparedData.open(Path(path)), given)
        given.check()
        return cls(None, given)

    @contextmanager
    def open(self, labels: TagVocabulary, split: str) -> Iterator[PreparedData]:
        """The articles as prepared data; files become the given split of a folder that is removed afterwards.

        Args:
            labels: a model's tags, by which the editors' tags are spelled.
            split: where articles of files stand.

        Raises:
            DataError: no article could be read.
        """
        if self.prepared is not None:
            yield self.prepared
            return
        with tempfile.TemporaryDirectory() as root:
            # Prepared data are named as their outlet, and so are files.
            folder = Path(root) / (Path(self.given.paths[0]).name.partition(".")[0] or "articles")
            self._save(folder, labels, split)
            yield PreparedData.open(folder)

    def _save(self, folder: Path, labels: TagVocabulary, split: str) -> None:
        tally, spelling = Tally(), TagSpelling.of(TagConfig(), labels.aliases)
        read = (tidy(article, spelling, tally) for article in read_articles(self.given, labels, self.refused))
        articles = [_with_usable_topics(article) for article in read if article.text]
        if not articles:
            path = self.given.paths[0]
            raise DataError(f"{path} has no article that can be scored; give articles with tags or summaries")
        rows = [(article, group) for group, article in enumerate(articles)]
        source = {"name": folder.name, "origin": self.given.paths[0], "licence": "unknown", "read": len(articles)}
        save(folder, {name: rows if name == split else [] for name in SPLITS}, labels, _facts(articles, source))


def _with_usable_topics(article: Article) -> Article:
    """The article with those topics alone that are ids of ours: a table's column of that name may hold anything."""
    told = {name: article.extra.get(name) for name in TOPIC_COLUMNS}
    known = {
        name: [one for one in value if one in TOPIC_IDS] if isinstance(value, (list, tuple)) else []
        for name, value in told.items()
    }
    return replace(article, extra={**article.extra, **known})


def _facts(articles: list[Article], source: dict[str, Any]) -> dict[str, Any]:
    return {
        "config": {}, "sources": [source], "read": len(articles), "dropped": {}, "mended": {}, "near_duplicates": 0,
        "languages": dict(Counter(article.lang for article in articles)), "unresolved": {},
    }  # fmt: skip
