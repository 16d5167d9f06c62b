"""What the benchmark is asked to do, and what a part of it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from svodka.article import Article


@dataclass(frozen=True)
class Setting:
    """Options of a run.

    Attributes:
        articles: what is read, the same by all.
        corpus: other articles, by which a vocabulary is cut.
        tokenizers: folder with the tokenizers `rubert-tiny2` and `xlm-roberta`; None: small ones are trained.
        engines: Svodka's engines to try, by name.
        rounds: timed rounds after the warm-up.
        n: articles a round where tags alone are wanted; n_written: where a decoder writes too.
        n_stream: articles of the stream whose memory is watched.
        device: where the arithmetic runs.
        seed: of the random weights and of the order in each round.
        work: folder for models and articles.
        beside: a bundle that the shipped one stands beside, whatever its layers.
    """

    articles: Sequence[Article]
    corpus: Sequence[Article]
    tokenizers: Path | None
    engines: Sequence[str]
    rounds: int
    n: int
    n_written: int
    n_stream: int
    device: str
    seed: int
    work: Path
    beside: Path | None = None


@dataclass(frozen=True)
class Section:
    """A part's answer: a table, what to know about it, and all numbers behind it.

    Attributes:
        header, cells: the table, cells as text.
        notes: lines below it.
        data: what goes into the JSON file.
    """

    title: str
    header: Sequence[str]
    cells: Sequence[Sequence[str]]
    notes: Sequence[str] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
