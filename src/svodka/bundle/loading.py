"""Loading a saved model, whole or not at all."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import reduce
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import ValidationError

import svodka
from svodka.bundle.calibration import Calibration, TopicCalibration
from svodka.bundle.checks import check_no_code, check_parts, check_sizes, read_run
from svodka.bundle.engine_records import read_records
from svodka.bundle.files import BundlePaths, check_bundle, fingerprint
from svodka.bundle.flat_config import nested
from svodka.bundle.learned import read_learned, with_learned
from svodka.bundle.manifest import NEEDED, OPTIONAL, explain
from svodka.bundle.metrics import read_metrics
from svodka.bundle.record import Bundle, check_fit
from svodka.bundle.reference import Reference
from svodka.config.summary import SummaryConfig
from svodka.errors import BundleError, DataError
from svodka.files import read_json, read_lines
from svodka.labels import TagVocabulary
from svodka.model.weights import AtMost, load_weights

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from svodka.model.news_model import NewsModel

Read = TypeVar("Read")
# `no_init_weights` changes transformers for the whole process: two at a time would leave it changed. And its modules
# cannot be loaded by two threads at once.
_BUILDING = Lock()


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
    labels, topics = TagVocabulary.load(paths.labels), TopicCalibration.load(paths.thresholds)
    try:
        summary = SummaryConfig.model_validate(manifest["summary"])
    except ValidationError as error:
        raise BundleError(f"{paths.manifest}: summary: {explain(error)}; get the bundle anew") from error
    with _BUILDING:
        model, tokenizer = _network(paths, manifest, light=light)
    check_fit(model.config, labels, topics, where=root)
    load_weights(model, paths.weights)
    found = Bundle(
        model=model.eval(),
        tokenizer=tokenizer,
        labels=labels,
        calibration=Calibration.load(paths.thresholds, len(labels)),
        summary=summary,
        origin=manifest["origin"],
        metrics=read_metrics(paths.metrics),
        run=read_run(paths.run),
        card=_text(paths.card),
        reference=Reference.load(paths.reference) if paths.reference.exists() else None,
        history=_read(read_lines, paths.history) if paths.history.exists() else (),
        engines=read_records(paths.engines),
        fingerprint=fingerprint(manifest, paths),
        topics=topics,
        spellings=labels.spellings,
        folder=root,
    )
    try:
        learned = reduce(with_learned, read_learned(paths), found)
    except BundleError as error:
        raise BundleError(f"{root}: {error}") from error
    return replace(learned, fingerprint=found.fingerprint)


def _locate(source: str | Path, revision: str | None) -> Path:
    path = Path(source)
    if BundlePaths(path).manifest.is_file():
        return path
    if path.exists() or str(source).count("/") != 1 or str(source).startswith((".", "/", "~")):
        raise BundleError(f"no bundle at {path}: it must be a folder with {BundlePaths(path).manifest.name} in it")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        # Nothing else is fetched: what a repository holds besides has no place in a bundle.
        names = ["bundle.json", *NEEDED, *OPTIONAL, "learned/*", "tokenizer/*"]
        return Path(snapshot_download(str(source), revision=revision, allow_patterns=names))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as error:
        raise BundleError(f"no bundle folder '{source}', and none by that id on the hub: {error}") from error


def _network(
    paths: BundlePaths, manifest: Mapping[str, Any], *, light: bool
) -> "tuple[NewsModel, PreTrainedTokenizerBase]":
    """A model that waits for its weights, and the tokenizer."""
    fields = _read(read_json, paths.model_config)
    if manifest["format"] == 1:
        fields = nested(fields)
    check_no_code(paths, fields)
    numbers = check_sizes(paths, fields)
    try:
        with AtMost(numbers):
            model, tokenizer = (_light_parts(paths, fields) if light else None) or _parts(paths, fields)
    except BundleError as error:
        raise BundleError(f"{paths.root}: {error}") from error
    except ValidationError as error:
        raise BundleError(f"{paths.model_config}: {explain(error)}; get the bundle anew") from error
    except Exception as error:  # whatever the classes of a backbone and a tokenizer raise for settings without sense
        raise BundleError(f"{paths.root}: cannot build model and tokenizer: {error or type(error).__name__}") from error
    check_parts(paths, model, tokenizer)
    return model, tokenizer


def _parts(paths: BundlePaths, fields: dict[str, Any]) -> "tuple[NewsModel, PreTrainedTokenizerBase]":
    from transformers import AutoTokenizer
    from transformers.initialization import no_init_weights

    from svodka.model.news_config import NewsConfig
    from svodka.model.news_model import NewsModel

    # Before the model: to read it takes more memory than to keep it, and the weights fill what it leaves.
    tokenizer = AutoTokenizer.from_pretrained(paths.tokenizer, local_files_only=True, trust_remote_code=False)
    config = NewsConfig.from_dict(fields)
    # Random weights take longer than reading the right ones. What is tied is known from the build: to find it out
    # anew would ask the config, which is wrong about mT5.
    with no_init_weights():
        model = NewsModel(config)
    model.tie_weights(recompute_mapping=False)
    return model, tokenizer


def _light_parts(paths: BundlePaths, fields: dict[str, Any]) -> "tuple[NewsModel, PreTrainedTokenizerBase] | None":
    from svodka.model.light import light_model, light_tokenizer

    model, tokenizer = light_model(fields), light_tokenizer(paths.tokenizer)
    # To whoever only reads they are the same.
    return cast("Any", (model, tokenizer)) if model is not None and tokenizer is not None else None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise BundleError(f"cannot read {path}: {error}") from error


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
