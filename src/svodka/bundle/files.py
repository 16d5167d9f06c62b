"""The files of a saved model, known and checked without loading it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from svodka.errors import BundleError
from svodka.files import is_lfs_pointer, sha256


@dataclass(frozen=True)
class BundlePaths:
    """Where everything lies in a bundle."""

    root: Path

    @property
    def manifest(self) -> Path:
        """Format number, versions, origin, sha256 and size of every other file."""
        return self.root / "bundle.json"

    @property
    def labels(self) -> Path:
        """The tags and their order."""
        return self.root / "labels.json"

    @property
    def thresholds(self) -> Path:
        """Calibration and threshold of each tag."""
        return self.root / "thresholds.json"

    @property
    def metrics(self) -> Path:
        """Scores, each with n and the data it was measured on."""
        return self.root / "metrics.json"

    @property
    def run(self) -> Path:
        """The resolved config of the run that made the model."""
        return self.root / "run.yaml"

    @property
    def tokenizer(self) -> Path:
        """Folder of the tokenizer."""
        return self.root / "tokenizer"

    @property
    def model_config(self) -> Path:
        """Architecture."""
        return self.root / "config.json"

    @property
    def weights(self) -> Path:
        """Weights."""
        return self.root / "model.safetensors"

    @property
    def reference(self) -> Path:
        """Statistics of the training data, to find drift by; an older bundle has none."""
        return self.root / "reference.json"

    @property
    def history(self) -> Path:
        """Losses and validation figures of the training run by step; an older bundle has none."""
        return self.root / "history.jsonl"

    @property
    def engines(self) -> Path:
        """Engines that passed the gate, on which kind of machine; most bundles have none."""
        return self.root / "engines.json"

    @property
    def learned(self) -> Path:
        """Folder of what it was taught by corrections, beside the weights; most bundles have none."""
        return self.root / "learned"

    @property
    def card(self) -> Path:
        """The model card, which no code reads."""
        return self.root / "README.md"


def check_bundle(target: Path, *, hashes: bool = True) -> dict[str, Any]:
    """The manifest of a bundle, after checking the format number and every file's size and sha256.

    Args:
        target: the bundle's folder.
        hashes: whether sha256 is checked too, which reads every byte.

    Raises:
        BundleError: naming the first thing that is wrong, and what to do.
    """
    from svodka.bundle.manifest import read_manifest, unlisted  # pydantic would delay `svodka --help`

    manifest = read_manifest(BundlePaths(target).manifest)
    for name, expected in manifest["files"].items():
        _check_file(target / name, expected, hashes=hashes)
    strays = unlisted(target, manifest["files"])
    if strays:
        raise BundleError(f"{target}: {', '.join(strays[:5])}: not listed in its bundle.json; remove what is not of it")
    return manifest


def fingerprint(manifest: Mapping[str, Any], paths: BundlePaths) -> str:
    """sha256 over all that decides a bundle's results, so not over scores, card and engines to choose from."""
    told = {paths.metrics.name, paths.card.name, paths.engines.name}
    files = {name: entry["sha256"] for name, entry in manifest["files"].items() if name not in told}
    deciding = [manifest["text_version"], manifest.get("summary", {}), files]
    return hashlib.sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()


def file_table(folder: Path) -> dict[str, dict[str, Any]]:
    """sha256 and size of every file of a bundle but its manifest."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p != BundlePaths(folder).manifest)
    return {p.relative_to(folder).as_posix(): {"sha256": sha256(p), "size": p.stat().st_size} for p in files}


def _check_file(path: Path, expected: Mapping[str, Any], *, hashes: bool) -> None:
    if not path.is_file():
        raise BundleError(f"{path} is missing: the bundle is incomplete, get it anew")
    if is_lfs_pointer(path):
        raise BundleError(f"{path} is a Git LFS pointer and not the file itself; fetch it by `git lfs pull`")
    if path.stat().st_size != expected["size"]:
        raise BundleError(f"{path}: {path.stat().st_size} bytes, expected {expected['size']}; get the bundle anew")
    found = sha256(path) if hashes else expected["sha256"]
    if found != expected["sha256"]:
        raise BundleError(f"{path}: sha256 {found[:12]}…, expected {expected['sha256'][:12]}…; get the bundle anew")
