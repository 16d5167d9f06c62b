"""The topics' linear model on words, fitted to all articles that tell of topics: it needs no states.

k: topics, v: the tokenizer's pieces.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from svodka.article import Article
from svodka.config.network import TopicTask
from svodka.heads.topics import topic_targets
from svodka.model.encoding import ArticleEncoder
from svodka.model.news_model import NewsModel
from svodka.progress import Say
from svodka.training.features import topic_positions
from svodka.training.lexical import bag, fit_lexical
from svodka.training.mixture import Corpus, Draw, Mixture

# Articles of a corpus that are read at most, chosen at random: the largest would drown the others.
MOST = 20_000
_BATCH = 256


def add_topic_words(settings: TopicTask, model: NewsModel, data: Mixture, encoder: ArticleEncoder, say: Say) -> None:
    """Fit the model of `model.topics.words`; one that a bundle to start from has brought along stays as it is.

    Args:
        settings: the topics' part of the run's config.
        model: it is changed.
        data: the corpora; those that tell of no topic are passed over.
        encoder: cuts articles into pieces and sentences, as they will be read.
        say: takes a line on what is done.
    """
    branch = model.topic_words
    if branch.weight.any():
        return
    say("fitting the topics' model on words")
    bags: list[dict[int, float]] = []
    targets: list[NDArray[np.float64]] = []
    for number, corpus in enumerate(data.corpora):
        for articles, told in _batches(corpus, data, number):
            encodings = encoder.encode(articles)
            bags += [bag(one.input_ids, one.sentence_ids, model) for one in encodings]
            targets.append(told)
    fit_lexical(
        bags, np.concatenate(targets),
        n_pieces=len(branch.idf), strength=settings.words, left_open=settings.left_open,
    ).start(branch)  # fmt: skip


def _batches(corpus: Corpus, data: Mixture, number: int) -> Iterator[tuple[list[Article], NDArray[np.float64]]]:
    """Articles of a corpus' training split with their targets, as `topic_targets` makes them."""
    rows = corpus.data.dataset("train")
    if not len(rows) or not any(rows["topics_known"][:]):
        return
    chosen = Draw(len(rows), most=MOST).rows(seed=data.seed, epoch=0).tolist()
    given = data.given()[number]
    for at in range(0, len(chosen), _BATCH):
        part = rows.select(chosen[at : at + _BATCH])
        topics, known = topic_positions(part["topics"]), topic_positions(part["topics_known"])
        articles = [Article(text, title=title) for text, title in zip(part["text"], part["title"], strict=True)]
        yield articles, topic_targets(topics, known, given.expand(len(topics), -1)).double().numpy()
