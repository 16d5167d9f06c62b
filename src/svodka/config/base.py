"""The base of every config section."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A section of a config: unknown keys are errors, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=(), allow_inf_nan=False)


def differences(old: Any, new: Any, where: str = "") -> list[str]:
    """A line for each field in which two dumped configs differ: its path, the value then, the value now."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = [*old, *(key for key in new if key not in old)]
        return [line for key in keys for line in differences(old.get(key), new.get(key), f"{where}.{key}".lstrip("."))]
    empty: tuple[Any, ...] = ([], {})  # alike: a field that was a list may have become a mapping since
    return [] if old == new or (old in empty and new in empty) else [f"{where}: {old!r} then, {new!r} now"]


# Fields that say where something lies, not what it is: of what lies there a hash decides.
_PLACES = ("path", "output", "aliases", "topics", "states")
# Fields that name weights by a folder, of which nothing but the name is kept.
_FOLDERS = ("pretrained", "start", "teacher")


def without_places(settings: Any) -> Any:
    """A dumped config without where things lie, so that what was moved, or is named otherwise, is the same."""
    if isinstance(settings, (list, tuple)):
        return [without_places(value) for value in settings]
    if not isinstance(settings, Mapping):
        return settings
    return {key: _place(key, value) for key, value in settings.items()}


def _place(key: Any, value: Any) -> Any:
    if isinstance(value, str) and key in _PLACES:
        return "a path"
    if isinstance(value, str) and key in _FOLDERS and Path(value).exists():
        return str(Path(value).resolve())
    return without_places(value)
