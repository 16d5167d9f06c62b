"""The base of every config section."""

from collections.abc import Mapping
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
    return [] if old == new else [f"{where}: {old!r} then, {new!r} now"]


def without_places(settings: Any) -> Any:
    """A dumped data config without where things lie: the same data in another folder are the same data."""
    if isinstance(settings, Mapping):
        return {key: without_places(value) for key, value in settings.items() if key not in ("path", "output")}
    return [without_places(value) for value in settings] if isinstance(settings, (list, tuple)) else settings
