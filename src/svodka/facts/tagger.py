"""Named entities by slovnet's small tagger for news, whose weights and embeddings come inside natasha's wheel.

natasha itself is never imported: it would load pymorphy2, which needs `pkg_resources` and fails on new Pythons.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from svodka.article import EntityKind
from svodka.errors import ConfigError
from svodka.facts.once import loaded_once
from svodka.text import split_sentences

_KINDS: dict[str, EntityKind] = {"PER": "person", "ORG": "organisation", "LOC": "place"}
_MOST_CHARACTERS = 2000  # of a text that the tagger reads at once; it needs memory by length
_EMBEDDINGS = Path("data", "emb", "navec_news_v1_1B_250K_300d_100q.tar")
_ENTITIES = Path("data", "model", "slovnet_ner_news_v1.tar")
_MORPHOLOGY = Path("data", "model", "slovnet_morph_news_v1.tar")


@dataclass(frozen=True, slots=True)
class Span:
    """A named entity at `text == source[start:stop]`."""

    text: str
    start: int
    stop: int
    kind: EntityKind


def available() -> bool:
    """Whether the libraries of the extra `ru` are installed."""
    return all(find_spec(name) is not None for name in ("natasha", "navec", "slovnet"))


def require() -> None:
    """Stop where the extra `ru` is missing.

    Raises:
        ConfigError: it is, with what to do.
    """
    if not available():
        raise ConfigError("named entities need natasha, navec and slovnet; get them by pip install 'svodka[ru]'")


def find_spans(text: str) -> list[Span]:
    """Named entities of a text in order, never across lines."""
    chunks = list(_chunks(text))
    found = []
    for (offset, _), markup in zip(chunks, _entity_tagger().map([chunk for _, chunk in chunks]), strict=True):
        for span in markup.spans:
            start, stop = offset + span.start, offset + span.stop
            found.append(Span(text[start:stop], start, stop, _KINDS[span.type]))
    return found


def features(sentences: Sequence[Sequence[str]]) -> list[list[dict[str, str]]]:
    """Features of each token of each sentence, in terms of Universal Dependencies, with its part of speech as `POS`."""
    markups = _morphology().map([list(sentence) for sentence in sentences])
    return [[{"POS": token.pos, **(token.feats or {})} for token in markup.tokens] for markup in markups]


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """Lines of a text with their places; one that is too long in groups of its sentences."""
    start = stop = -1
    for sentence in split_sentences(text):
        if start >= 0 and ("\n" in text[stop : sentence.start] or sentence.stop - start > _MOST_CHARACTERS):
            yield start, text[start:stop]
            start = -1
        start = sentence.start if start < 0 else start
        stop = sentence.stop
    if start >= 0:
        yield start, text[start:stop]


def _file(path: Path) -> Path:
    spec = find_spec("natasha")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / path


@loaded_once
def _embeddings() -> Any:
    from navec import Navec

    return Navec.load(_file(_EMBEDDINGS))


@loaded_once
def _entity_tagger() -> Any:
    from slovnet import NER

    return NER.load(_file(_ENTITIES)).navec(_embeddings())


@loaded_once
def _morphology() -> Any:
    from slovnet import Morph

    return Morph.load(_file(_MORPHOLOGY)).navec(_embeddings())
