"""Prepared articles as rows of numbers, cached on disk, and the collator that makes batches of them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from svodka.article import Article
from svodka.config.training import ModelSection
from svodka.heads.batch import head_targets
from svodka.heads.targets import NO_CANDIDATE
from svodka.labels import TagVocabulary
from svodka.model.batch import pad_encodings
from svodka.model.encoding import ArticleEncoder, Encoding
from svodka.model.languages import SummaryFormat
from svodka.text import TEXT_VERSION
from svodka.topics import TOPIC_IDS
from svodka.training.oracle import greedy_oracle
from svodka.training.targets import Target, target_of

# Raised when a change here changes the rows: datasets' own fingerprint does not see imported functions.
_FEATURES_VERSION = 3
_TOPIC_INDEX = {topic: position for position, topic in enumerate(TOPIC_IDS)}


@dataclass(frozen=True)
class Featuriser:
    """Turns prepared rows into training rows: windows, tag positions, sentence targets, summary tokens.

    Without a `summary` format no summary tokens are made.
    """

    encoder: ArticleEncoder
    labels: TagVocabulary
    settings: ModelSection
    summary: SummaryFormat | None = None

    def __call__(self, rows: Mapping[str, Sequence[Any]], positions: Sequence[int]) -> dict[str, list[Any]]:
        """Columns of a prepared batch, and its positions in the split -> columns of training rows.

        These are `row` (the position), `input_ids`, `sentence_ids`, `n_sentences`, `tags`, `topics` (those that the
        row has), `topics_known` (those of which it tells), `sentence_labels`, `labels` and `length` (tokens, for
        batches of like length); where a decoder learns also `signals`, kind and length of what it writes.
        """
        articles = [Article(text, title=title) for text, title in zip(rows["text"], rows["title"], strict=True)]
        written = self._targets(articles, rows["summary"], positions)
        encodings = self.encoder.encode([one.article for one in written] or articles)
        pairs = list(zip(encodings, rows["summary"], strict=True))
        columns: dict[str, list[Any]] = {
            "row": list(positions),
            "input_ids": [e.input_ids for e in encodings],
            "sentence_ids": [e.sentence_ids for e in encodings],
            "n_sentences": [e.n_read for e in encodings],
            "topics": topic_positions(rows["topics"]),
            "topics_known": topic_positions(rows["topics_known"]),
            "tags": [[i for i, on in enumerate(self.labels.encode(tags)) if on] for tags in rows["tags"]],
            "sentence_labels": [self._sentence_labels(e, summary) for e, summary in pairs],
            "labels": self._written_ids(written) or [[] for _ in encodings],
            "length": [e.n_tokens for e in encodings],
        }
        return columns | ({"signals": [list(one.signals) for one in written]} if self.summary else {})

    def _sentence_labels(self, encoding: Encoding, summary: str) -> list[float]:
        if not summary or not self.settings.sentences.weight:
            return [NO_CANDIDATE] * encoding.n_read
        body = encoding.sentences[1 : encoding.n_read]
        chosen = set(greedy_oracle(body, summary, self.settings.sentences.target_sentences))
        return [NO_CANDIDATE, *(float(i in chosen) for i in range(len(body)))]

    def _targets(self, articles: Sequence[Article], summaries: Sequence[str], turns: Sequence[int]) -> list[Target]:
        """What is to be written of each article; nothing where there is no decoder."""
        if self.summary is None:
            return []
        kinds = self.settings.decoder.targets
        return [
            target_of(article, summary, kinds=kinds, turn=turn)
            for article, summary, turn in zip(articles, summaries, turns, strict=True)
        ]

    def _written_ids(self, targets: Sequence[Target]) -> list[list[int]]:
        if self.summary is None:
            return []
        texts = [one.text for one in targets]
        encoded = self.summary.encode(self.encoder.tokenizer, texts, self.settings.decoder.max_tokens)
        return [ids if text else [] for ids, text in zip(encoded, texts, strict=True)]


def topic_positions(topics: Sequence[Sequence[str]]) -> list[list[int]]:
    """Ids of the topics of each article -> their positions."""
    return [[_TOPIC_INDEX[topic] for topic in own] for own in topics]


def featurise(dataset: Any, featuriser: Featuriser, cache: Path, *, data_hash: str) -> Any:
    """Map a prepared split (a `datasets.Dataset`) to training rows, reusing `cache` where nothing changed.

    Args:
        dataset: the split.
        featuriser: what to apply.
        cache: folder for the Arrow files.
        data_hash: hash of the prepared data.
    """
    from datasets import Features, List, Value

    cache.mkdir(parents=True, exist_ok=True)
    columns = _COLUMNS | ({"signals": ["int64"]} if featuriser.summary else {})
    key = _fingerprint(featuriser, f"{data_hash}-{dataset._fingerprint}")
    return dataset.map(
        featuriser,
        with_indices=True,
        batched=True,
        batch_size=64,
        remove_columns=dataset.column_names,
        cache_file_name=str(cache / f"{key}.arrow"),
        new_fingerprint=key,
        # Said outright: of columns that a small corpus leaves empty, `datasets` would guess the type.
        features=Features({name: _column(kind, List, Value) for name, kind in columns.items()}),
        desc="encoding articles",
    )


_COLUMNS: dict[str, str | list[str]] = {
    "row": "int64",
    "input_ids": ["int32", "list"],
    "sentence_ids": ["int32", "list"],
    "n_sentences": "int64",
    "topics": ["int64"],
    "topics_known": ["int64"],
    "tags": ["int64"],
    "sentence_labels": ["float32"],
    "labels": ["int64"],
    "length": "int64",
}


def _column(kind: str | list[str], many: Any, value: Any) -> Any:
    if isinstance(kind, str):
        return value(kind)
    inner = many(value(kind[0]))
    return many(inner) if len(kind) > 1 else inner


class Collator:
    """Training rows -> a padded batch with targets; see `NewsModel.forward` for the shapes."""

    def __init__(
        self, tokenizer: PreTrainedTokenizerBase, known: Tensor, settings: ModelSection, given: Tensor | None = None
    ) -> None:
        """Make one.

        Args:
            tokenizer: pads.
            known: [corpora, l], the tags of which the rows of a corpus tell, as `Mixture.known`.
            settings: which heads there are.
            given: [corpora, k], as `Mixture.given`; None: nobody asks.
        """
        self._pad_id = tokenizer.pad_token_id
        self.known = known
        self._given = torch.zeros(len(known), len(TOPIC_IDS), dtype=torch.bool) if given is None else given
        self._settings = settings

    def __call__(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Tensor]:
        """Pad; targets of tasks that the config leaves out are not made. `rows` [b] are positions in the split."""
        encodings = [Encoding(r["input_ids"], r["sentence_ids"], [], r["n_sentences"], 0) for r in rows]
        batch = pad_encodings(encodings, self._pad_id)
        batch["rows"] = torch.tensor([r.get("index", r["row"]) for r in rows])
        corpora = [r["corpus"] for r in rows]
        known = self.known[corpora] if self._settings.tags.weight else self.known
        batch |= head_targets(rows, self._settings, known, self._given[corpora])
        if "states" in rows[0]:
            batch["states"] = _padded_states([r["states"] for r in rows], batch["input_ids"].shape)
        return batch


def _padded_states(states: Sequence[Sequence[Tensor]], shape: torch.Size) -> Tensor:
    """Token states of each article's windows, [t, d] each -> [b, n*t, d] as windows [b, n, t] are padded."""
    padded = torch.zeros(*shape, states[0][0].shape[-1], dtype=states[0][0].dtype)
    for i, windows in enumerate(states):
        for j, window in enumerate(windows):
            padded[i, j, : len(window)] = window
    return padded.flatten(1, 2)


def _fingerprint(featuriser: Featuriser, data: str) -> str:
    tokenizer = featuriser.encoder.tokenizer
    # How the decoder is built changes no row, nor does what it learns where there is none.
    left_out = {"layers", "dropout"} | (set() if featuriser.summary else {"targets"})
    settings = featuriser.settings.model_dump(
        mode="json",
        exclude={
            "backbone": True,
            "decoder": left_out,
            "tags": {"lexical_states", "mentions"},
            "topics": {"states", "hidden", "left_open", "words"},
        },
    )
    parts = {
        "data": data,
        "text": TEXT_VERSION,
        "features": _FEATURES_VERSION,
        "tokenizer": hashlib.sha256(json.dumps(tokenizer.get_vocab(), sort_keys=True).encode()).hexdigest(),
        "around": [featuriser.encoder.around, asdict(featuriser.summary) if featuriser.summary else None],
        "names": featuriser.labels.names,
        "model": settings,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]
