"""What a model is called where its answers stand."""

from pathlib import Path

from svodka.bundle.card import name_and_about
from svodka.bundle.checks import read_run
from svodka.bundle.files import BundlePaths, check_bundle, fingerprint
from svodka.bundle.loading import default_bundle


def model_name(source: str | None) -> str:
    """What stands beside each result: a bundle's name and the first digits of its fingerprint, or its hub id."""
    root = default_bundle() if source is None else Path(source)
    paths = BundlePaths(root)
    if not paths.manifest.is_file():
        return str(source)
    # Not of its weights alone: what it has learned from corrections lies beside them.
    found = fingerprint(check_bundle(root, hashes=False), paths)
    return f"{name_and_about(read_run(paths.run), otherwise=root.name)[0]}@{found[:12]}"
