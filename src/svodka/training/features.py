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
from svodka.labels import TagVocabulary
from svodka.model.batch import pad_encodings
from svodka.model.encoding import ArticleEncoder, Encoding
from svodka.model.languages import SummaryFormat
from svodka.text import TEXT_VERSION
from svodka.training.oracle import greedy_oracle

NO_TARGET = -100
NO_CANDIDATE = -1.0

# Raised when a change here changes the rows: datasets' own fingerprint does not see imported functions.
_FEATURES_VERSION = 2


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

        These are `row` (the position), `input_ids`, `sentence_ids`, `n_sentences`, `tags`, `sentence_labels`,
        `labels` and `length` (tokens, for batches of like length).
        """
        articles = [Article(text, title=title) for text, title in zip(rows["text"], rows["title"], strict=True)]
        encodings = self.encoder.encode(articles)
        pairs = list(zip(encodings, rows["summary"], strict=True))
        return {
            "row": list(positions),
            "input_ids": [e.input_ids for e in encodings],
            "sentence_ids": [e.sentence_ids for e in encodings],
            "n_sentences": [e.n_read for e in encodings],
            "tags": [[i for i, on in enumerate(self.labels.encode(tags)) if on] for tags in rows["tags"]],
            "sentence_labels": [self._sentence_labels(e, summary) for e, summary in pairs],
            "labels": self._summary_ids(rows["summary"]),
            "length": [e.n_tokens for e in encodings],
        }

    def _sentence_labels(self, encoding: Encoding, summary: str) -> list[float]:
        if not summary or not self.settings.sentences.weight:
            return [NO_CANDIDATE] * encoding.n_read
        body = encoding.sentences[1 : encoding.n_read]
        chosen = set(greedy_oracle(body, summary, self.settings.sentences.target_sentences))
        return [NO_CANDIDATE, *(float(i in chosen) for i in range(len(body)))]

    def _summary_ids(self, summaries: Sequence[str]) -> list[list[int]]:
        if self.summary is None:
            return [[] for _ in summaries]
        encoded = self.summary.encode(self.encoder.tokenizer, summaries, self.settings.decoder.max_tokens)
        return [ids if text else [] for ids, text in zip(encoded, summaries, strict=True)]


def featurise(dataset: Any, featuriser: Featuriser, cache: Path, *, data_hash: str) -> Any:
    """Map a prepared split (a `datasets.Dataset`) to training rows, reusing `cache` where nothing changed.

    Args:
        dataset: the split.
        featuriser: what to apply.
        cache: folder for the Arrow files.
        data_hash: hash of the prepared data.
    """
    cache.mkdir(parents=True, exist_ok=True)
    key = _fingerprint(featuriser, f"{data_hash}-{dataset._fingerprint}")
    return dataset.map(
        featuriser,
        with_indices=True,
        batched=True,
        batch_size=64,
        remove_columns=dataset.column_names,
        cache_file_name=str(cache / f"{key}.arrow"),
        new_fingerprint=key,
        desc="encoding articles",
    )


class Collator:
    """Training rows -> a padded batch with targets; see `NewsModel.forward` for the shapes."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, n_tags: int, settings: ModelSection) -> None:
        self._pad_id = tokenizer.pad_token_id
        self._n_tags = n_tags
        self._settings = settings

    def __call__(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Tensor]:
        """Pad; targets of tasks that the config leaves out are not made. `rows` [b] are positions in the split."""
        encodings = [Encoding(r["input_ids"], r["sentence_ids"], [], r["n_sentences"], 0) for r in rows]
        batch = pad_encodings(encodings, self._pad_id)
        batch["rows"] = torch.tensor([r["row"] for r in rows])
        if self._settings.tags.weight:
            batch["tag_labels"] = torch.zeros(len(rows), self._n_tags)
            for i, row in enumerate(rows):
                batch["tag_labels"][i, row["tags"]] = 1.0
        if self._settings.sentences.weight:
            batch["sentence_labels"] = _padded([r["sentence_labels"] for r in rows], NO_CANDIDATE).float()
        if self._settings.decoder.weight:
            batch["labels"] = _padded([r["labels"] for r in rows], NO_TARGET).long()
        return batch


def _padded(lists: Sequence[Sequence[float]], fill: float) -> Tensor:
    width = max(1, *map(len, lists))
    return torch.tensor([[*values, *[fill] * (width - len(values))] for values in lists])


def _fingerprint(featuriser: Featuriser, data: str) -> str:
    tokenizer = featuriser.encoder.tokenizer
    parts = {
        "data": data,
        "text": TEXT_VERSION,
        "features": _FEATURES_VERSION,
        "tokenizer": hashlib.sha256(json.dumps(tokenizer.get_vocab(), sort_keys=True).encode()).hexdigest(),
        "around": [featuriser.encoder.around, asdict(featuriser.summary) if featuriser.summary else None],
        "names": featuriser.labels.names,
        "model": featuriser.settings.model_dump(mode="json", exclude={"backbone"}),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]
