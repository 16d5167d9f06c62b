"""Moved to `svodka.bundle.files`."""

from svodka.bundle.files import BundlePaths, check_bundle

__all__ = ["BundlePaths", "check_bundle"]
