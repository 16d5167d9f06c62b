"""Saving a model, or the parts of it that are known later: written beside, then renamed."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

import svodka
from svodka.bundle.engine_records import EngineRecord, write_records
from svodka.bundle.files import BundlePaths, check_bundle, file_table
from svodka.bundle.manifest import BUNDLE_FORMAT
from svodka.bundle.record import Bundle, check_fit, check_untaught
from svodka.bundle.reference import Reference
from svodka.files import write_json, written_beside
from svodka.model.weights import save_weights
from svodka.text import TEXT_VERSION


def save_bundle(bundle: Bundle, target: Path, *, weights: str = "float32") -> None:
    """Write a bundle beside `target` and rename it into place; an older bundle there is replaced.

    Args:
        bundle: what to save.
        target: the folder.
        weights: number format on disk, a key of `model.weights.WEIGHT_TYPES`; a loaded model computes in float32.

    Raises:
        BundleError: a weight is not finite, the tag head does not fit the labels and topics, or the bundle learned from
            corrections: its folder is copied as it is.
    """
    check_untaught(bundle, "saving it anew")
    check_fit(bundle.model.config, bundle.labels, bundle.topics, where=target)
    with written_beside(target) as folder:
        paths = BundlePaths(folder)
        bundle.model.config.save_pretrained(folder)
        save_weights(bundle.model, paths.weights, weights)
        bundle.tokenizer.save_pretrained(paths.tokenizer)
        bundle.labels.save(paths.labels)
        bundle.calibration.save(paths.thresholds, bundle.topics)
        paths.run.write_text(yaml.safe_dump(dict(bundle.run), allow_unicode=True, sort_keys=False), encoding="utf-8")
        paths.card.write_text(bundle.card, encoding="utf-8")
        _save_optional(bundle, paths)
        write_json(paths.metrics, dict(bundle.metrics))
        write_json(paths.manifest, _manifest(bundle, folder, weights))


def _save_optional(bundle: Bundle, paths: BundlePaths) -> None:
    if bundle.reference is not None:
        bundle.reference.save(paths.reference)
    if bundle.history:
        paths.history.write_text("".join(json.dumps(entry) + "\n" for entry in bundle.history), encoding="utf-8")


def update_report(target: Path, *, metrics: Mapping[str, Any], card: str, reference: Reference | None = None) -> None:
    """Replace metrics and card of a saved bundle, and its reference if one is given; atomic like `save_bundle`."""
    manifest = check_bundle(target)
    with written_beside(target) as folder:
        shutil.copytree(target, folder, dirs_exist_ok=True)
        paths = BundlePaths(folder)
        write_json(paths.metrics, dict(metrics))
        paths.card.write_text(card, encoding="utf-8")
        if reference is not None:
            reference.save(paths.reference)
        write_json(paths.manifest, manifest | {"files": file_table(folder)})


def update_engines(target: Path, records: Sequence[EngineRecord]) -> None:
    """Replace the records of engines in a saved bundle; atomic like `save_bundle`."""
    manifest = check_bundle(target)
    with written_beside(target) as folder:
        shutil.copytree(target, folder, dirs_exist_ok=True)
        write_records(BundlePaths(folder).engines, records)
        write_json(BundlePaths(folder).manifest, manifest | {"files": file_table(folder)})


def _manifest(bundle: Bundle, folder: Path, weights: str) -> dict[str, Any]:
    import torch
    import transformers

    return {
        "format": BUNDLE_FORMAT,
        "text_version": TEXT_VERSION,
        "versions": {
            "svodka": svodka.__version__,
            "torch": torch.__version__,
            "transformers": transformers.__version__,
        },
        "origin": dict(bundle.origin),
        "weights": weights,
        "summary": bundle.summary.model_dump(mode="json"),
        "files": file_table(folder),
    }
