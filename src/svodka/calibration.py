"""From tag logits to probabilities and decisions: the numbers that `thresholds.json` of a bundle holds."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svodka.errors import BundleError

THRESHOLDS_FORMAT = 1

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Calibration:
    """Platt scaling and a threshold for each tag; L is the number of tags.

    Attributes:
        slope: [L] factor of the logit.
        intercept: [L] added to the scaled logit.
        threshold: [L] probability from which a tag is given.
    """

    slope: Floats
    intercept: Floats
    threshold: Floats

    @classmethod
    def plain(cls, n_tags: int) -> "Calibration":
        """The sigmoid of the logit, and 0.5 as every threshold."""
        return cls(np.ones(n_tags), np.zeros(n_tags), np.full(n_tags, 0.5))

    def probabilities(self, logits: Floats) -> Floats:
        """[..., L] logits -> [..., L] calibrated probabilities: sigmoid(slope * logit + intercept)."""
        scaled = np.clip(logits * self.slope + self.intercept, -60.0, 60.0)
        return np.asarray(1.0 / (1.0 + np.exp(-scaled)))

    def save(self, path: Path) -> None:
        """Write as JSON."""
        body: dict[str, Any] = {"format": THRESHOLDS_FORMAT}
        body |= {name: [float(x) for x in getattr(self, name)] for name in _FIELDS}
        path.write_text(json.dumps(body) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path, n_tags: int) -> "Calibration":
        """Read what `save` wrote.

        Raises:
            BundleError: unreadable, another format number, or not one finite number a tag.
        """
        try:
            body = json.loads(path.read_text(encoding="utf-8"))
            found = body["format"]
            columns = [np.asarray(body.get(name), dtype=np.float64) for name in _FIELDS]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BundleError(f"cannot read the thresholds in {path}: {error}") from error
        if found != THRESHOLDS_FORMAT:
            raise BundleError(f"{path}: format {found}, but this version reads {THRESHOLDS_FORMAT}; train again")
        if any(column.shape != (n_tags,) or not np.isfinite(column).all() for column in columns):
            raise BundleError(f"{path}: expected {n_tags} finite numbers in each of {', '.join(_FIELDS)}")
        return cls(*columns)


_FIELDS = ("slope", "intercept", "threshold")
