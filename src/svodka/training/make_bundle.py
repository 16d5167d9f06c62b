"""What becomes of a trained model: weighed, calibrated, described, and made a bundle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from transformers import PreTrainedTokenizerBase

from svodka.bundle import Bundle
from svodka.bundle.calibration import Calibration, Floats
from svodka.bundle.card import model_card
from svodka.bundle.reference import Reference, make_reference, owned_pieces
from svodka.config.training import BackboneConfig, RunConfig
from svodka.files import read_json
from svodka.heads.targets import OPEN
from svodka.model.news_model import NewsModel
from svodka.training.blend import blend_weights, join, parts_of
from svodka.training.features import Collator
from svodka.training.mentions import learn_mentions
from svodka.training.mixture import Mixture
from svodka.training.run_folder import ORIGIN, STORY
from svodka.training.thresholds import fit_calibration, fit_topics
from svodka.training.trainer import average_precision, label_logits
from svodka.training.writing import adds_writer, with_writer

_ONE = {"tags": "tag", "topics": "topic"}


@dataclass(frozen=True)
class Inputs:
    """What a run trains on."""

    data: Mixture
    tokenizer: PreTrainedTokenizerBase
    splits: dict[str, Any]


def make_bundle(
    config: RunConfig, inputs: Inputs, model: NewsModel, *, held_out: Any, history: Sequence[Mapping[str, Any]]
) -> Bundle:
    """The bundle of a trained model; thresholds and blend are chosen on the validation split.

    A run of a decoder alone gives the bundle that it started from, with the decoder.

    Args:
        config: the run's config.
        inputs: what it trained on.
        model: the trained model; the parts of a blend are joined in it.
        held_out: rows of the validation split, as the collator takes them.
        history: the Trainer's log entries, each with its `step`.
    """
    if adds_writer(config, model.config):
        return with_writer(config, inputs.data, model, history)
    data, labels = inputs.data, inputs.data.labels
    found, scores = _validate(config, inputs, model, held_out)
    tags, topics = found.get("tags"), found.get("topics")
    mentioned = None
    if tags and config.model.tags.mentions:
        labels = replace(labels, named=frozenset(labels.names))
        mentioned, logits = learn_mentions(data, labels, inputs.splits["train"], tags)
        tags = (logits, tags[1])
        scores["tag_average_precision"] = average_precision(*tags)
    calibration = fit_calibration(*tags, config.thresholds) if tags else Calibration.plain(len(labels))
    calibration = replace(calibration, mentioned=mentioned)
    origin = _base(config.model.backbone) | {
        "data": data.hash,
        "sources": data.origins,
        "languages": data.languages,
        "seed": config.seed,
        "datasets": [
            source.dataset
            for data_config in (config.data, *(part.data for part in config.beside))
            for source in data_config.sources
            if source.dataset
        ],
        "steps": max((int(entry["step"]) for entry in history), default=0),
    }
    metrics = {"validation": scores}
    about = config.bundle.about
    return Bundle(
        model=model,
        tokenizer=inputs.tokenizer,
        labels=labels,
        calibration=calibration,
        topics=fit_topics(*topics) if topics else None,
        summary=config.summary,
        origin=origin,
        metrics=metrics,
        run=config.model_dump(mode="json"),
        card=model_card(config.bundle.name, about, origin=origin, metrics=metrics, tags=labels.names),
        reference=_reference(inputs, calibration, tags[0] if tags else np.zeros((len(inputs.splits["validation"]), 0))),
        history=history,
    )


def _validate(
    config: RunConfig, inputs: Inputs, model: NewsModel, rows: Any
) -> tuple[dict[str, tuple[Floats, Floats]], dict[str, Any]]:
    """Logits and targets of the validation split by `label_logits`, of a blend if one is asked for, and scores."""
    scores: dict[str, Any] = {"n": len(rows)}
    if not len(rows) or not model.config.n_labels:
        return {}, scores
    collator = Collator(inputs.tokenizer, inputs.data.known(), config.model, inputs.data.given())
    heads = config.model
    topics = heads.topics.weight and (heads.topics.states or heads.topics.words)
    blends = {"tags": heads.tags.weight and heads.tags.blend, "topics": topics}
    blended = [kind for kind, asked in blends.items() if asked]
    found = label_logits(model, rows, collator, batch_size=config.training.batch_size, apart=blended)
    for kind in blended:
        parts, targets = found[kind]
        # What is left open counts here as it does in training: the best topic is to stand above it.
        counted = np.where(targets == OPEN, 0.0, targets) if heads.topics.left_open else targets
        weights = blend_weights(parts, counted)
        join(model, kind, weights)
        found[kind] = (parts @ np.asarray(weights), targets)
        names = parts_of(model, kind)
        scores[f"{_ONE[kind]}_average_precision_apart"] = {
            name: average_precision(parts[..., i], targets) for i, name in enumerate(names)
        }
        scores["blend" if kind == "tags" else "topic_blend"] = dict(zip(names, weights, strict=True))
    scores |= {f"{_ONE[kind]}_average_precision": average_precision(*logits) for kind, logits in found.items()}
    return found, scores


def _reference(inputs: Inputs, calibration: Calibration, logits: Floats) -> Reference | None:
    """Statistics to find drift by; none without held-out articles."""
    pieces = {
        name: (owned_pieces(row["input_ids"], row["sentence_ids"]) for row in rows)
        for name, rows in inputs.splits.items()
    }
    held_out = list(pieces["validation"])
    if not held_out:
        return None
    tagged = bool(logits.shape[1])
    return make_reference(
        inputs.data.hash,
        pieces["train"],
        held_out,
        n_pieces=len(inputs.tokenizer),
        probabilities=calibration.probabilities(logits) if tagged else logits,
        thresholds=calibration.threshold if tagged else np.zeros(0),
    )


def _base(backbone: BackboneConfig) -> dict[str, Any]:
    """Where the backbone's weights come from: a hub id, a folder that says it, or the story of our own pretraining."""
    folder = Path(backbone.pretrained or "")
    if backbone.pretrained and (folder / ORIGIN).is_file():
        told = read_json(folder / ORIGIN)
        kept = {
            f"base_{key}": told[key] for key in ("model", "revision", "package", "licence", "four_bits") if key in told
        }
        return kept | ({"base_layers": backbone.layers} if backbone.layers else {})
    story = folder / STORY
    if not story.is_file() and folder.is_dir() and backbone.pretrained:
        # The hub would look for a model of this name.
        return {"base_folder": folder.resolve().name}
    if not story.is_file():
        return {"base_model": backbone.pretrained, "base_revision": backbone.revision}
    told = read_json(story)
    return {f"pretraining_{key}": told[key] for key in ("method", "steps", "validation_loss", "data", "sources")}
