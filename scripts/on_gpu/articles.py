"""Articles as tokens, with all that a run learns of them, in a folder that is small enough to be carried.

n: articles, l: tags, k: topics, v: pieces, u: tokens of a name.
"""

import io
import json
import lzma
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.uint16]
Kind = Literal["headline", "gap", "summary"]
KINDS: tuple[Kind, ...] = ("headline", "gap", "summary")

_LENGTH = "::length"  # behind the name of an array that holds lists one after another
# Tokens are pairs of bytes; the filter is told so.
_PACKED = [{"id": lzma.FILTER_LZMA2, "preset": 9, "lc": 0, "lp": 1, "pb": 1}]
_CANDIDATES, _FEWEST, _MOST = 12, 9, 60  # sentences of which one may be taken out, and its tokens


@dataclass(frozen=True)
class Articles:
    """What `gpu.py pack` writes.

    Attributes:
        ids: tokens of each article, title before body [n].
        titles: tokens of each title [n].
        sentences: tokens of each sentence of a body, a list an article [n].
        gaps: which sentence of the body tells most of the others, below 0 if none does [n].
        summaries: tokens of the editor's summary, empty where there is none [n].
        tags: positions of the tags [n]; topics: targets as of `topic_targets`, twice [n, k].
        corpus: position in `corpora` [n]; held_out: whether it is of a validation split [n].
        known: of which tags a corpus tells [corpora, l].
        name_ids, name_mask: the names of tags and topics as the encoder reads them [l + k, u].
        begins: which pieces begin a word [v].
        corpora: their names; special: token ids by name: `cls`, `sep`, `end`, `pad`, `mask`.
    """

    ids: list[Ids]
    titles: NDArray[np.uint16]
    sentences: list[Ids]
    gaps: NDArray[np.int8]
    summaries: list[Ids]
    tags: list[Ids]
    topics: NDArray[np.int8]
    corpus: NDArray[np.uint8]
    held_out: NDArray[np.bool_]
    known: NDArray[np.bool_]
    name_ids: NDArray[np.uint16]
    name_mask: NDArray[np.bool_]
    begins: NDArray[np.bool_]
    corpora: list[str]
    special: dict[str, int]

    def __len__(self) -> int:
        return len(self.ids)

    def of(self, corpus: str) -> NDArray[np.int64]:
        """Positions of a corpus' training articles; none if there is no such corpus."""
        place = self.corpora.index(corpus) if corpus in self.corpora else -1
        return np.flatnonzero((self.corpus == place) & ~self.held_out)

    def read(self, i: int, kind: Kind = "summary") -> Ids:
        """The tokens that are read of an article to write a text of a kind; for a summary, and for tags, all."""
        title, body = np.split(self.ids[i], [int(self.titles[i])])
        if kind == "gap":
            start, stop = self._gap(i)
            body = np.concatenate([body[:start], body[stop:]])
        if kind == "headline" or not len(title):
            return body
        return np.concatenate([title, np.array([self.special["sep"]], np.uint16), body])

    def target(self, i: int, kind: Kind) -> Ids:
        """The tokens of the text of a kind, none where an article has no such text."""
        title, body = np.split(self.ids[i], [int(self.titles[i])])
        if kind == "gap":
            start, stop = self._gap(i)
            return body[start:stop]
        return title if kind == "headline" else self.summaries[i]

    def _gap(self, i: int) -> tuple[int, int]:
        if self.gaps[i] < 0:
            return 0, 0
        ends = np.cumsum(self.sentences[i], dtype=np.int64)
        return int(ends[self.gaps[i]] - self.sentences[i][self.gaps[i]]), int(ends[self.gaps[i]])

    def save(self, folder: Path) -> None:
        """Write them."""
        arrays: dict[str, Any] = dict(self._arrays())
        told = {"corpora": self.corpora, "special": self.special}
        (folder / "articles.json").write_text(json.dumps(told, ensure_ascii=False))
        tokens = arrays.pop("ids")
        (folder / "tokens.xz").write_bytes(lzma.compress(tokens.tobytes(), format=lzma.FORMAT_XZ, filters=_PACKED))
        held = io.BytesIO()
        np.savez(held, **arrays)
        (folder / "targets.xz").write_bytes(lzma.compress(held.getvalue()))

    def _arrays(self) -> Iterator[tuple[str, NDArray[Any]]]:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                yield field.name, value
            elif field.name not in ("corpora", "special"):
                yield field.name, np.concatenate([*value, np.zeros(0, np.uint16)])
                yield field.name + _LENGTH, np.array([len(part) for part in value], np.uint16)

    @classmethod
    def load(cls, folder: Path) -> "Articles":
        """What `save` wrote."""
        told = json.loads((folder / "articles.json").read_text())
        with np.load(io.BytesIO(lzma.decompress((folder / "targets.xz").read_bytes()))) as held:
            arrays = {name: held[name] for name in held.files}
        arrays["ids"] = np.frombuffer(lzma.decompress((folder / "tokens.xz").read_bytes()), np.uint16)
        lists = {name.removesuffix(_LENGTH) for name in arrays if name.endswith(_LENGTH)}
        values: dict[str, Any] = {
            field.name: parted(arrays[field.name], arrays[field.name + _LENGTH])
            if field.name in lists
            else arrays[field.name]
            for field in fields(cls)
            if field.name in arrays
        }
        return cls(**values, **told)


def parted(flat: Ids, lengths: NDArray[np.uint16]) -> list[Ids]:
    """An array that holds lists one after another -> the lists."""
    return np.split(flat, np.cumsum(lengths, dtype=np.int64)[:-1]) if len(lengths) else []


def gap_of(sentences: Sequence[Ids]) -> int:
    """The sentence, of the first twelve, whose tokens tell most of the others'; below 0 where a body is short.

    As the sentences that PEGASUS takes out (Zhang et al. 2020), by unigrams of pieces.
    """
    if len(sentences) < 4:
        return -1
    tokens, counts = np.unique(np.concatenate(sentences), return_counts=True)
    everywhere = dict(zip(tokens.tolist(), counts.tolist(), strict=True))
    best, found = 0, -1
    for place, sentence in enumerate(sentences[:_CANDIDATES]):
        if _FEWEST <= len(sentence) <= _MOST:
            own, uses = np.unique(sentence, return_counts=True)
            shared = sum(min(n, everywhere[token] - n) for token, n in zip(own.tolist(), uses.tolist(), strict=True))
            best, found = max((best, found), (shared, place))
    return found
