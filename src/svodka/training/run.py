"""A training run, from a config to a bundle."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from transformers import AutoTokenizer, PreTrainedTokenizerBase, Trainer, set_seed

from svodka.bundle import Bundle, save_bundle
from svodka.calibration import Calibration, Floats
from svodka.card import model_card
from svodka.config.training import BackboneConfig, RunConfig
from svodka.data.prepare import prepare
from svodka.data.store import PreparedData
from svodka.errors import ConfigError, DataError
from svodka.files import read_json, write_text
from svodka.model.encoding import ArticleEncoder
from svodka.model.news_model import NewsModel
from svodka.reference import Reference, make_reference, owned_pieces
from svodka.training.adapter import ADAPTER, merge_adapter, save_adapter
from svodka.training.blend import PARTS, blend_weights, join, part_logits
from svodka.training.build import build_model, format_for, tag_targets
from svodka.training.callbacks import LossGuard, StopOnSignal
from svodka.training.features import Collator, Featuriser, featurise
from svodka.training.run_folder import STORY, RunFolder
from svodka.training.thresholds import fit_calibration
from svodka.training.tokenizer import load_tokenizer, train_tokenizer
from svodka.training.trainer import average_precision, make_trainer, run_to_end, tag_logits

SPLITS = ("train", "validation")

Say = Callable[[str], None]


@dataclass(frozen=True)
class _Inputs:
    """What a run trains on."""

    data: PreparedData
    tokenizer: PreTrainedTokenizerBase
    splits: dict[str, Any]


def train(config: RunConfig, *, resume: bool = False, say: Say = print) -> Path:
    """Train, choose thresholds on the validation split, save the bundle.

    Args:
        config: what to do; data that are not prepared yet are prepared first.
        resume: go on from the last checkpoint of the run folder.
        say: takes a line for the person who watches.

    Returns:
        The bundle's folder.

    Raises:
        ConfigError: the config cannot be carried out, or the run folder holds another run.
        DataError: the data cannot be read.
        TrainingError: the loss is not finite, or a signal stopped the run.
    """
    data = open_or_prepare(config, say)
    folder = RunFolder(config.output)
    folder.open(config, data.hash, resume=resume)
    set_seed(config.seed)
    inputs = _inputs(config, folder, data)
    say(", ".join(f"{len(rows)} {name}" for name, rows in inputs.splits.items()) + f", {len(data.labels)} tags")
    model = build_model(config, inputs.tokenizer, inputs.splits["train"], n_tags=len(data.labels))
    trained = model.num_parameters(only_trainable=True)
    say(f"{model.num_parameters():,} parameters, {trained:,} of them trained, {len(inputs.tokenizer):,} pieces")
    stop = StopOnSignal()
    ids = data.dataset("train")["id"]
    trainer = make_trainer(
        config, folder, model,
        splits=inputs.splits,
        collator=Collator(inputs.tokenizer, len(data.labels), config.model),
        callbacks=[stop, LossGuard(model, ids)],
    )  # fmt: skip
    run_to_end(trainer, folder, stop)
    _write_history(trainer, folder)
    if config.training.lora is not None:
        save_adapter(_trained(trainer), folder.root / ADAPTER)
        merge_adapter(_trained(trainer))
    save_bundle(_bundle(config, inputs, trainer), folder.bundle, weights=config.bundle.weights)
    folder.end()
    return folder.bundle


def open_or_prepare(config: RunConfig, say: Say) -> PreparedData:
    """The prepared data of a config; prepared now if the folder is not there.

    Raises:
        ConfigError: the folder was prepared with other settings.
    """
    target = config.data.output
    if not target.exists():
        say(f"preparing {target}")
        prepare(config.data)
    data = PreparedData.open(target)
    if data.config != config.data.model_dump(mode="json"):
        raise ConfigError(
            f"{target} was prepared with other settings than the `data` of this config; "
            "prepare it anew by `svodka prepare`, or give it another folder by data.output=…"
        )
    return data


def _inputs(config: RunConfig, folder: RunFolder, data: PreparedData) -> _Inputs:
    if not len(data.labels) and config.model.tags.weight:
        raise DataError(f"{config.data.output} holds no tags; lower data.tags.min_count, or set model.tags.weight=0")
    tokenizer = _tokenizer(config, folder, data)
    window = config.model.window
    encoder = ArticleEncoder(tokenizer, window.tokens, overlap=window.overlap, limit=window.limit)
    featuriser = Featuriser(encoder, data.labels, config.model, format_for(config.model, tokenizer))
    splits = {n: featurise(data.dataset(n), featuriser, folder.cache, data_hash=data.hash) for n in SPLITS}
    if not len(splits["train"]):
        raise DataError(f"{config.data.output} has no article to train on; look at the drops in its manifest.json")
    return _Inputs(data, tokenizer, splits)


def _tokenizer(config: RunConfig, folder: RunFolder, data: PreparedData) -> PreTrainedTokenizerBase:
    if folder.tokenizer.exists():
        return AutoTokenizer.from_pretrained(folder.tokenizer, local_files_only=True)
    tokenizer = load_tokenizer(config.model)
    if tokenizer is None:
        rows = data.dataset("train")
        texts = (row[key] for row in rows for key in ("title", "summary", "text") if row[key])
        # Without a decoder the first token is a summary of the text for BERT and its kin.
        tokenizer = train_tokenizer(texts, config.model.tokenizer, start_token=not config.model.decoder.weight)
    tokenizer.save_pretrained(folder.tokenizer)
    return tokenizer


def _bundle(config: RunConfig, inputs: _Inputs, trainer: Trainer) -> Bundle:
    data, labels = inputs.data, inputs.data.labels
    logits, scores = _validate(config, inputs, trainer)
    calibration = _calibrate(config, inputs, logits)
    origin = _base(config.model.backbone) | {
        "data": data.hash,
        "sources": data.origins,
        "languages": data.languages,
        "seed": config.seed,
        "steps": trainer.state.global_step,
    }
    metrics = {"validation": scores}
    about = config.bundle.about
    return Bundle(
        model=_trained(trainer),
        tokenizer=inputs.tokenizer,
        labels=labels,
        calibration=calibration,
        summary=config.summary,
        origin=origin,
        metrics=metrics,
        run=config.model_dump(mode="json"),
        card=model_card(config.bundle.name, about, origin=origin, metrics=metrics, tags=labels.names),
        reference=_reference(inputs, calibration, logits),
        history=trainer.state.log_history,
    )


def _validate(config: RunConfig, inputs: _Inputs, trainer: Trainer) -> tuple[Floats, dict[str, Any]]:
    """Logits of the validation split [n, l], those of a blend where one is asked for, and what to say of them."""
    rows, n_tags = inputs.splits["validation"], len(inputs.data.labels)
    scores: dict[str, Any] = {"n": len(rows)}
    if not len(rows) or not config.model.tags.weight:
        return np.zeros((len(rows), n_tags if config.model.tags.weight else 0)), scores
    model, collator, size = _trained(trainer), trainer.data_collator, config.training.batch_size
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


def _calibrate(config: RunConfig, inputs: _Inputs, logits: Floats) -> Calibration:
    n_tags = len(inputs.data.labels)
    if not logits.size:
        return Calibration.plain(n_tags)
    return fit_calibration(logits, tag_targets(inputs.splits["validation"], n_tags), config.thresholds)


def _reference(inputs: _Inputs, calibration: Calibration, logits: Floats) -> Reference | None:
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


def _trained(trainer: Trainer) -> NewsModel:
    model: NewsModel = trainer.accelerator.unwrap_model(trainer.model, keep_fp32_wrapper=False)
    return model


def _write_history(trainer: Trainer, folder: RunFolder) -> None:
    write_text(folder.history, "".join(json.dumps(entry) + "\n" for entry in trainer.state.log_history))
