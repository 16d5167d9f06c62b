"""From a run's config and the bundle that it starts from to a folder that a device without our data can train on."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from torch import Tensor
from transformers import AutoTokenizer

from on_gpu.articles import Articles, Ids, gap_of
from svodka.article import Article
from svodka.bundle import load_bundle
from svodka.config.training import RunConfig
from svodka.heads.topics import topic_targets
from svodka.model.encoding import ArticleEncoder, Encoding
from svodka.model.names import encoded_names
from svodka.model.weights import SCALE, in_blocks
from svodka.training.data import open_or_prepare
from svodka.training.features import topic_positions
from svodka.training.mixture import Corpus, Mixture
from svodka.training.names import name_texts

_AT_ONCE = 256
_LONGEST_TEXT = 95  # tokens of a summary
_READ_UNTAGGED = 704  # tokens; of an article without tags two windows are read at most


def pack(config: RunConfig, start: Path, folder: Path, *, most_tokens: int) -> Articles:
    """Write articles, the twelve layers in 4 bits and what is kept of a bundle into a folder.

    Args:
        config: its corpora, their `most` and `validation`, and `model.backbone.pretrained` count.
        start: a bundle of the same tags and tokens, whose tag head is the first one. If it has fewer layers, these are
            packed too: they are trained on, and teach.
        folder: must be there.
        most_tokens: of an article.
    """
    bundle, data = load_bundle(start), open_or_prepare(config, print)
    if bundle.labels.names != data.labels.names:
        raise SystemExit(f"{start} has other tags than the corpora")
    tokenizer, backbone = bundle.tokenizer, Path(str(config.model.backbone.pretrained))
    if AutoTokenizer.from_pretrained(backbone).get_vocab() != tokenizer.get_vocab():
        raise SystemExit(f"{start} has other tokens than {backbone}")
    rows = list(_rows(data, tokenizer, most_tokens))
    columns: dict[str, list[Any]] = {name: [row[name] for row in rows] for name in rows[0]}
    names = encoded_names(name_texts(data.labels.names, topics=True), tokenizer)
    pieces = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    found = Articles(
        ids=columns["ids"],
        titles=np.array(columns["title"], np.uint16),
        sentences=columns["sentences"],
        gaps=np.array(columns["gap"], np.int8),
        summaries=columns["summary"],
        tags=columns["tags"],
        topics=np.stack(columns["topics"]),
        corpus=np.array(columns["corpus"], np.uint8),
        held_out=np.array(columns["held_out"], np.bool_),
        known=data.known().numpy(),
        name_ids=names["input_ids"].numpy().astype(np.uint16),
        name_mask=names["attention_mask"].numpy().astype(np.bool_),
        begins=np.array([piece.startswith("▁") and len(piece) > 1 for piece, _ in pieces], np.bool_),
        corpora=[corpus.name for corpus in data.corpora],
        special={
            name: int(getattr(tokenizer, f"{kind}_token_id"))
            for name, kind in {"cls": "cls", "sep": "sep", "end": "eos", "pad": "pad", "mask": "mask"}.items()
        },
    )
    found.save(folder)
    head = {name: weight.half().contiguous() for name, weight in bundle.model.tag_head.state_dict().items()}
    safetensors.torch.save_file(head, folder / "head.safetensors")
    weights = safetensors.torch.load_file(backbone / "model.safetensors")
    safetensors.torch.save_file(_in_4_bits(weights), folder / "backbone.safetensors")
    shutil.copy(backbone / "config.json", folder)
    own = bundle.model.backbone
    if own.config.num_hidden_layers < json.loads((folder / "config.json").read_text())["num_hidden_layers"]:
        layers = {name: one for name, one in own.state_dict().items() if name.startswith("encoder.")}
        safetensors.torch.save_file(_in_4_bits(layers), folder / "earlier.safetensors")
    return found


def _rows(data: Mixture, tokenizer: Any, most: int) -> Iterator[dict[str, Any]]:
    given = data.given()
    for place, corpus in enumerate(data.corpora):
        for held_out, split in enumerate(("train", "validation")):
            read = most if held_out or corpus.tags != "none" else min(most, _READ_UNTAGGED)
            encoder = ArticleEncoder(tokenizer, read, overlap=0, limit=1)
            rows = data.rows(corpus, split)
            for at in range(0, len(rows), _AT_ONCE):
                block = rows[at : at + _AT_ONCE]
                for row in _encoded(block, data, corpus, encoder, given[place]):
                    yield row | {"corpus": place, "held_out": bool(held_out)}


def _encoded(
    block: Mapping[str, Sequence[Any]], data: Mixture, corpus: Corpus, encoder: ArticleEncoder, given: Tensor
) -> Iterator[dict[str, Any]]:
    articles = [Article(text, title=title) for text, title in zip(block["text"], block["title"], strict=True)]
    encodings = encoder.encode(articles)
    summaries = encoder.tokenizer([text or "" for text in block["summary"]], add_special_tokens=False)["input_ids"]
    topics = topic_targets(
        topic_positions(block["topics"]), topic_positions(block["topics_known"]), given.expand(len(articles), -1)
    )
    told = data.labels if corpus.tags != "none" else None
    for encoding, summary, target, tags in zip(encodings, summaries, topics, block["tags"], strict=True):
        title, sentences = _parts(encoding)
        yield {
            "ids": np.concatenate([title, *sentences]),
            "title": len(title),
            "sentences": np.array([len(one) for one in sentences], np.uint16),
            "gap": gap_of(sentences),
            "summary": np.array(summary[:_LONGEST_TEXT], np.uint16),
            "tags": np.flatnonzero(told.encode(tags)).astype(np.uint16) if told else np.zeros(0, np.uint16),
            "topics": (2 * target).numpy().astype(np.int8),
        }


def _parts(encoding: Encoding) -> tuple[Ids, list[Ids]]:
    """Tokens of the title, without what stands behind it, and of each sentence."""
    ids, owners = np.array(encoding.input_ids[0], np.uint16), np.array(encoding.sentence_ids[0])
    title = ids[owners == 0][:-1]
    return title, [ids[owners == place] for place in range(1, encoding.n_read) if (owners == place).any()]


def _in_4_bits(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The large matrices in 4 bits, as a copy from the package index has them without loss; the rest as it is."""
    found: dict[str, Tensor] = {}
    for name, weight in weights.items():
        if weight.dim() == 2 and weight.numel() >= 2**14 and "position" not in name:
            found[name], found[name + SCALE] = in_blocks(weight)
        else:
            found[name] = weight.to(torch.float16 if weight.dim() == 2 else torch.float32)
    return found
