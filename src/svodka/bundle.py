"""The saved model: a folder that needs nothing else and no network. Saved atomically, loaded only when whole."""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar, cast

import yaml
from pydantic import ValidationError

import svodka
from svodka.bundle_files import BUNDLE_FORMAT, BundlePaths, check_bundle, file_table, fingerprint
from svodka.calibration import Calibration, TopicCalibration
from svodka.config.summary import SummaryConfig
from svodka.engine_records import EngineRecord, read_records, write_records
from svodka.errors import BundleError, DataError
from svodka.files import read_json, read_lines, write_json, written_beside
from svodka.labels import TagVocabulary
from svodka.model.weights import load_weights, save_weights
from svodka.reference import Reference
from svodka.text import TEXT_VERSION

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from svodka.model.news_config import NewsConfig
    from svodka.model.news_model import NewsModel

Read = TypeVar("Read")
# libyaml's where PyYAML was built with it: to parse in Python delays the first answer.
_YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# `no_init_weights` changes transformers for the whole process: two at a time would leave it changed.
_BUILDING = Lock()


@dataclass(frozen=True)
class Bundle:
    """A trained model with all it needs.

    Attributes:
        origin: base model and revision, hash of the data manifest, seed: where the model comes from.
        metrics: scores by split.
        run: the resolved config of the training run.
        card: text of the model card.
        reference: statistics of the training data, None if none are known.
        history: the training run's log entries, each with its `step`.
        engines: engines of fewer bits that were held against the reference.
        fingerprint: sha256 over all that decides its results, so not over scores and card; "" if never saved.
        topics: calibration of the topics, None where the model knows none.
    """

    model: "NewsModel"
    tokenizer: "PreTrainedTokenizerBase"
    labels: TagVocabulary
    calibration: Calibration
    summary: SummaryConfig
    origin: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    run: Mapping[str, Any] = field(default_factory=dict)
    card: str = ""
    reference: Reference | None = None
    history: Sequence[Mapping[str, Any]] = ()
    engines: Sequence[EngineRecord] = ()
    fingerprint: str = ""
    topics: TopicCalibration | None = None


def save_bundle(bundle: Bundle, target: Path, *, weights: str = "float32") -> None:
    """Write a bundle beside `target` and rename it into place; an older bundle there is replaced.

    Args:
        bundle: what to save.
        target: the folder.
        weights: number format on disk, a key of `model.weights.WEIGHT_TYPES`; a loaded model computes in float32.

    Raises:
        BundleError: a weight is not finite, or the tag head does not fit the labels and topics.
    """
    _check_fit(bundle.model.config, bundle.labels, bundle.topics, where=target)
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


def load_bundle(source: str | Path, *, revision: str | None = None, light: bool = False) -> Bundle:
    """Load a bundle from a folder, or from the hub by id.

    Args:
        source: folder or hub id.
        revision: commit or tag on the hub.
        light: where the model can be had without transformers, which takes seconds to import, make it so. It reads
            as the other does, bit for bit, but can neither be trained nor saved.

    Raises:
        BundleError: no such bundle, damaged, of another format, or parts that do not fit together.
    """
    root = _locate(source, revision)
    paths, manifest = BundlePaths(root), check_bundle(root)
    labels = TagVocabulary.load(paths.labels)
    try:
        summary = SummaryConfig.model_validate(manifest.get("summary", {}))
        run = yaml.load(paths.run.read_text(encoding="utf-8"), Loader=_YAML)
        model, tokenizer = (_light_parts(paths) if light else None) or _parts(paths)
    except (ValidationError, OSError, ValueError, yaml.YAMLError) as error:
        raise BundleError(f"{root}: cannot read the bundle: {error}") from error
    topics = TopicCalibration.load(paths.thresholds)
    _check_fit(model.config, labels, topics, where=root)
    load_weights(model, paths.weights)
    return Bundle(
        model=model.eval(),
        tokenizer=tokenizer,
        labels=labels,
        calibration=Calibration.load(paths.thresholds, len(labels)),
        summary=summary,
        origin=manifest.get("origin", {}),
        metrics=_read(read_json, paths.metrics),
        run=run,
        card=paths.card.read_text(encoding="utf-8"),
        reference=Reference.load(paths.reference) if paths.reference.exists() else None,
        history=_read(read_lines, paths.history) if paths.history.exists() else (),
        engines=read_records(paths.engines),
        fingerprint=fingerprint(manifest, paths),
        topics=topics,
    )


def _locate(source: str | Path, revision: str | None) -> Path:
    path = Path(source)
    if BundlePaths(path).manifest.is_file():
        return path
    if path.exists() or str(source).count("/") != 1 or str(source).startswith((".", "/", "~")):
        raise BundleError(f"no bundle at {path}: it must be a folder with {BundlePaths(path).manifest.name} in it")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(str(source), revision=revision))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as error:
        raise BundleError(f"no bundle folder '{source}', and none by that id on the hub: {error}") from error


def _check_fit(
    config: "NewsConfig", labels: TagVocabulary, topics: TopicCalibration | None, *, where: Path
) -> None:  # fmt: skip
    if config.tag_weight and config.n_tags != len(labels):
        raise BundleError(f"{where}: the tag head is {config.n_tags} wide, but there are {len(labels)} labels")
    scored, calibrated = config.n_topics if config.topic_weight else 0, 0 if topics is None else len(topics)
    if scored != calibrated:
        raise BundleError(f"{where}: the model scores {scored} topics, but {calibrated} are calibrated")


def _parts(paths: BundlePaths) -> "tuple[NewsModel, PreTrainedTokenizerBase]":
    from transformers import AutoTokenizer
    from transformers.initialization import no_init_weights

    from svodka.model.news_config import NewsConfig
    from svodka.model.news_model import NewsModel

    # Before the model: to read it takes more memory than to keep it, and the weights fill what it leaves.
    tokenizer = AutoTokenizer.from_pretrained(paths.tokenizer, local_files_only=True)
    config = NewsConfig.from_pretrained(paths.root)
    # Random weights take longer than reading the right ones. What is tied is known from the build: to find it out
    # anew would ask the config, which is wrong about mT5.
    with _BUILDING, no_init_weights():
        model = NewsModel(config)
    model.tie_weights(recompute_mapping=False)
    return model, tokenizer


def _light_parts(paths: BundlePaths) -> "tuple[NewsModel, PreTrainedTokenizerBase] | None":
    from svodka.model.light import light_model, light_tokenizer

    model, tokenizer = light_model(paths.model_config), light_tokenizer(paths.tokenizer)
    # To whoever only reads they are the same.
    return cast("Any", (model, tokenizer)) if model is not None and tokenizer is not None else None


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


def _read(reader: Callable[[Path], Read], path: Path) -> Read:
    try:
        return reader(path)
    except DataError as error:
        raise BundleError(str(error)) from error


def default_bundle() -> Path:
    """The bundle that ships with Svodka: in the installed package, or in `models/` of a clone.

    Raises:
        BundleError: none ships with this copy.
    """
    package = Path(svodka.__file__).parent
    for models in (package / "models", package.parents[1] / "models"):
        found = sorted(path.parent for path in models.glob("*/bundle.json"))
        if found:
            return found[0]
    raise BundleError("no bundle ships with this copy; name one by --bundle PATH, or train one by `svodka train`")
