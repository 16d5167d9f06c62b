"""The scores of a bundle: split -> name -> a figure, or the figures of a system."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from svodka.bundle.manifest import explain
from svodka.errors import BundleError, DataError
from svodka.files import read_json

# What begins the name of a system, or of a difference between two.
_SYSTEMS = ("topics, ", "tags, ", "summaries, ")


class Interval(BaseModel):
    """A difference and where it lies with some confidence."""

    model_config = ConfigDict(extra="allow")

    mean: float
    low: float
    high: float


_SPLITS = TypeAdapter(dict[str, dict[str, Any]])
_FIGURES = TypeAdapter(dict[str, float | Interval])


def read_metrics(path: Path) -> dict[str, dict[str, Any]]:
    """The scores in `metrics.json`.

    Raises:
        BundleError: unreadable, or a figure of a system is neither a number nor an interval.
    """
    try:
        splits = _SPLITS.validate_python(read_json(path))
        for scores in splits.values():
            for name, figures in scores.items():
                if name.startswith(_SYSTEMS):
                    _FIGURES.validate_python(figures)
    except DataError as error:
        raise BundleError(str(error)) from error
    except ValidationError as error:
        raise BundleError(f"{path}: {explain(error)}; get the bundle anew") from error
    return splits
