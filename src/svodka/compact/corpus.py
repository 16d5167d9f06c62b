"""The articles that a vocabulary is cut by: those whose tokens count, and those held out to measure the loss."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerBase

from svodka.article import Article
from svodka.data.store import PreparedData
from svodka.errors import DataError
from svodka.text import split_sentences

_BLOCK = 256

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Corpus:
    """Cleaned articles in two parts.

    Attributes:
        data: name of the data: sha256 of their content.
        counted: articles whose tokens are kept.
        held_out: articles that tell how many tokens of new text are lost.
    """

    data: str
    counted: Sequence[Article]
    held_out: Sequence[Article]

    def __post_init__(self) -> None:
        if not self.counted:
            raise DataError("there are no articles to count tokens in; give more, or hold out a smaller share")

    @classmethod
    def prepared(cls, data: PreparedData) -> "Corpus":
        """A prepared folder: its train split is counted, validation and test are held out."""
        return cls(data.hash, data.articles("train"), [*data.articles("validation"), *data.articles("test")])

    @classmethod
    def divided(cls, articles: Iterable[Article], share: float) -> "Corpus":
        """Articles divided by a hash of their title and text, so that one always falls on the same side.

        Args:
            articles: cleaned ones.
            share: about this part of them is held out, from 0 to below 1.

        Raises:
            DataError: no article is left to count.
        """
        digest = hashlib.sha256()
        counted: list[Article] = []
        held_out: list[Article] = []
        for article in articles:
            content = hashlib.sha256(f"{article.title}\n{article.text}".encode("utf-8", "surrogatepass")).digest()
            (held_out if int.from_bytes(content[:8]) < share * 2**64 else counted).append(article)
            digest.update(content + article.summary.encode("utf-8", "surrogatepass"))
        return cls(digest.hexdigest(), counted, held_out)


def count_tokens(tokenizer: PreTrainedTokenizerBase, articles: Iterable[Article]) -> Counts:
    """How often each token id stands in title, text and summary of some articles [p], p the tokenizer's size."""
    counts = np.zeros(len(tokenizer), dtype=np.int64)
    for block in _blocks(articles):
        texts = [text for article in block for text in (*read_texts(article), article.summary)]
        found = tokenizer(texts, add_special_tokens=False, verbose=False)["input_ids"]
        counts += np.bincount([token for ids in found for token in ids], minlength=len(counts))
    return counts


def read_tokens(tokenizer: PreTrainedTokenizerBase, articles: Iterable[Article]) -> Iterator[list[list[int]]]:
    """Token ids of each article's title and sentences: what a model reads of it, whatever its windows."""
    for block in _blocks(articles):
        texts = [read_texts(article) for article in block]
        flat = [text for own in texts for text in own]
        found = iter(tokenizer(flat, add_special_tokens=False, verbose=False)["input_ids"])
        yield from ([next(found) for _ in own] for own in texts)


def read_texts(article: Article) -> list[str]:
    """Title and sentences, as `ArticleEncoder` tokenises them."""
    return [article.title, *(sentence.text for sentence in split_sentences(article.text))]


def _blocks(articles: Iterable[Article]) -> Iterator[list[Article]]:
    waiting = iter(articles)
    while block := list(islice(waiting, _BLOCK)):
        yield block
