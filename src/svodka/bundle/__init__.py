"""The saved model: a folder that needs nothing else and no network. Saved atomically, loaded only when whole."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from svodka.bundle.loading import default_bundle, load_bundle
    from svodka.bundle.named import with_tag_set
    from svodka.bundle.record import Bundle
    from svodka.bundle.saving import save_bundle, update_engines, update_report

# Loaded on first use: the files of a bundle are known and checked without torch.
_HOME = {
    "Bundle": "record",
    "default_bundle": "loading",
    "load_bundle": "loading",
    "save_bundle": "saving",
    "update_engines": "saving",
    "update_report": "saving",
    "with_tag_set": "named",
}

__all__ = ["Bundle", "default_bundle", "load_bundle", "save_bundle", "update_engines", "update_report", "with_tag_set"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'svodka.bundle' has no attribute '{name}'")
    return getattr(import_module(f"svodka.bundle.{_HOME[name]}"), name)
