"""What becomes of a trained model: weighed, calibrated, described, and made a bundle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from transformers import PreTrainedTokenizerBase

from svodka.bundle import Bundle
from svodka.calibration import Calibration, Floats
from svodka.card import model_card
from svodka.config.training import BackboneConfig, RunConfig
from svodka.data.store import PreparedData
from svodka.files import read_json
from svodka.model.news_model import NewsModel
from svodka.reference import Reference, make_reference, owned_pieces
from svodka.training.blend import PARTS, blend_weights, join, part_logits
from svodka.training.build import tag_targets
from svodka.training.features import Collator
from svodka.training.run_folder import STORY
from svodka.training.thresholds import fit_calibration
from svodka.training.trainer import average_precision, tag_logits


@dataclass(frozen=True)
class Inputs:
    """What a run trains on."""

    data: PreparedData
    tokenizer: PreTrainedTokenizerBase
    splits: dict[str, Any]


def make_bundle(config: RunConfig, inputs: Inputs, model: NewsModel, *, history: Sequence[Mapping[str, Any]]) -> Bundle:
    """The bundle of a trained model; thresholds and blend are chosen on the validation split.

    Args:
        config: the run's config.
        inputs: what it trained on.
        model: the trained model; the parts of a blend are joined in it.
        history: the Trainer's log entries, each with its `step`.
    """
    data, labels = inputs.data, inputs.data.labels
    logits, scores = _validate(config, inputs, model)
    calibration = _calibrate(config, inputs, logits)
    origin = _base(config.model.backbone) | {
        "data": data.hash,
        "sources": data.origins,
        "languages": data.languages,
        "seed": config.seed,
        "datasets": [source.dataset for source in config.data.sources if source.dataset],
        "steps": max((int(entry["step"]) for entry in history), default=0),
    }
    metrics = {"validation": scores}
    about = config.bundle.about
    return Bundle(
        model=model,
        tokenizer=inputs.tokenizer,
        labels=labels,
        calibration=calibration,
        summary=config.summary,
        origin=origin,
        metrics=metrics,
        run=config.model_dump(mode="json"),
        card=model_card(config.bundle.name, about, origin=origin, metrics=metrics, tags=labels.names),
        reference=_reference(inputs, calibration, logits),
        history=history,
    )


def _validate(config: RunConfig, inputs: Inputs, model: NewsModel) -> tuple[Floats, dict[str, Any]]:
    """Logits of the validation split [n, l], those of a blend where one is asked for, and what to say of them."""
    rows, n_tags = inputs.splits["validation"], len(inputs.data.labels)
    scores: dict[str, Any] = {"n": len(rows)}
    if not len(rows) or not config.model.tags.weight:
        return np.zeros((len(rows), n_tags if config.model.tags.weight else 0)), scores
    collator, size = Collator(inputs.tokenizer, n_tags, config.model), config.training.batch_size
    if config.model.tags.blend:
        parts, targets = part_logits(model, rows, collator, batch_size=size)
        weights = blend_weights(parts, targets)
        join(model, weights)
        apart = {name: average_precision(parts[..., i], targets) for i, name in enumerate(PARTS[: len(weights)])}
        scores |= {
            "tag_average_precision_apart": apart,
            "blend": dict(zip(PARTS, weights, strict=False)),
        }
    logits, targets = tag_logits(model, rows, collator, batch_size=size)
    scores["tag_average_precision"] = average_precision(logits, targets)
    return logits, scores


def _calibrate(config: RunConfig, inputs: Inputs, logits: Floats) -> Calibration:
    n_tags = len(inputs.data.labels)
    if not logits.size:
        return Calibration.plain(n_tags)
    return fit_calibration(logits, tag_targets(inputs.splits["validation"], n_tags), config.thresholds)


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
    """Where the backbone's weights come from: a hub id, or the story of our own pretraining."""
    story = Path(backbone.pretrained or "") / STORY
    if not story.is_file():
        return {"base_model": backbone.pretrained, "base_revision": backbone.revision}
    told = read_json(story)
    return {f"pretraining_{key}": told[key] for key in ("method", "steps", "validation_loss", "data", "sources")}
