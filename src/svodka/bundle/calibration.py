"""From logits to probabilities and decisions: the numbers that `thresholds.json` of a bundle holds."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svodka.article import Topic
from svodka.errors import BundleError
from svodka.facts.mentions import PLACES
from svodka.topics import TOPIC_IDS, topic_name

THRESHOLDS_FORMAT = 1

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TopicCalibration:
    """Platt scaling and two levels for each of the topics; k is their number, their order that of `TOPIC_IDS`.

    Attributes:
        slope: [k] factor of the logit.
        intercept: [k] added to the scaled logit.
        threshold: [k] probability from which a topic is given.
        sure: [k] probability from which a topic that is given is right nine times in ten.
    """

    slope: Floats
    intercept: Floats
    threshold: Floats
    sure: Floats

    @classmethod
    def plain(cls) -> "TopicCalibration":
        """The sigmoid of the logit, given from 0.5 and sure from 0.9."""
        k = len(TOPIC_IDS)
        return cls(np.ones(k), np.zeros(k), np.full(k, 0.5), np.full(k, 0.9))

    def __len__(self) -> int:
        return len(self.slope)

    def probabilities(self, logits: Floats) -> Floats:
        """[..., k] logits -> [..., k] calibrated probabilities: sigmoid(slope * logit + intercept)."""
        return _scaled(logits, self.slope, self.intercept)

    def decode(self, probabilities: Floats, language: str) -> tuple[Topic, ...]:
        """The best topic, whatever its probability, and all others that reach their threshold, best first.

        Args:
            probabilities: [k].
            language: of the names, one of `topics.LANGUAGES`.
        """
        order = [int(i) for i in np.argsort(-probabilities, kind="stable")]
        given = order[:1] + [i for i in order[1:] if probabilities[i] >= self.threshold[i]]
        return tuple(
            Topic(
                id=TOPIC_IDS[i],
                name=topic_name(TOPIC_IDS[i], language),
                score=float(probabilities[i]),
                sure=bool(probabilities[i] >= self.sure[i]),
            )
            for i in given
        )

    def to_dict(self) -> dict[str, Any]:
        """The JSON form: the ids in order, and a list of numbers for each field."""
        return {"ids": list(TOPIC_IDS), **_listed(self, _TOPIC_FIELDS)}

    @classmethod
    def load(cls, path: Path) -> "TopicCalibration | None":
        """Read what `Calibration.save` wrote of the topics; None where it wrote none.

        Raises:
            BundleError: unreadable, other topics than this version's, or not one finite number a topic.
        """
        body = _read(path)
        if "topics" not in body:
            return None
        found = body["topics"]
        if not isinstance(found, dict) or found.get("ids") != list(TOPIC_IDS):
            raise BundleError(
                f"{path}: 'topics' must hold the ids {TOPIC_IDS[0]} to {TOPIC_IDS[-1]} in their order; train again"
            )
        return cls(*_columns(found, _TOPIC_FIELDS, n=len(TOPIC_IDS), path=path))


@dataclass(frozen=True)
class Calibration:
    """Platt scaling and a threshold for each tag; L is the number of tags.

    Attributes:
        slope: [L] factor of the logit.
        intercept: [L] added to the scaled logit.
        threshold: [L] probability from which a tag is given.
        nearly: share of its threshold from which the nearest tag is given where none reaches its own; 1: none is.
        mentioned: [L, places] added to the logit for the place where its name first stands in the article, those of
            `facts.mentions`, in Russian also for nowhere; None: what `bundle.named` says of tags read by their names.
    """

    slope: Floats
    intercept: Floats
    threshold: Floats
    nearly: float = 1.0
    mentioned: Floats | None = None

    @classmethod
    def plain(cls, n_tags: int) -> "Calibration":
        """The sigmoid of the logit, and 0.5 as every threshold."""
        return cls(np.ones(n_tags), np.zeros(n_tags), np.full(n_tags, 0.5))

    def probabilities(self, logits: Floats) -> Floats:
        """[..., L] logits -> [..., L] calibrated probabilities: sigmoid(slope * logit + intercept)."""
        return _scaled(logits, self.slope, self.intercept)

    def save(self, path: Path, topics: TopicCalibration | None = None) -> None:
        """Write as JSON, with the topics' numbers if there are topics."""
        body: dict[str, Any] = {"format": THRESHOLDS_FORMAT, **_listed(self, _FIELDS), "nearly": self.nearly}
        if self.mentioned is not None:
            body["mentioned"] = self.mentioned.round(_MENTIONED_DIGITS).tolist()
        if topics is not None:
            body["topics"] = topics.to_dict()
        path.write_text(json.dumps(body) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path, n_tags: int) -> "Calibration":
        """Read what `save` wrote.

        Raises:
            BundleError: unreadable, another format number, or not one finite number a tag (and place).
        """
        body = _read(path)
        nearly = body.get("nearly", 1.0)
        if not isinstance(nearly, (int, float)) or not 0 < nearly <= 1:
            raise BundleError(f"{path}: 'nearly' must be a share above 0 and at most 1, got {nearly!r}")
        slope, intercept, threshold = _columns(body, _FIELDS, n=n_tags, path=path)
        mentioned = _numbers(body, "mentioned", path=path) if "mentioned" in body else None
        if mentioned is not None and (mentioned.shape != (n_tags, PLACES) or not np.isfinite(mentioned).all()):
            raise BundleError(f"{path}: expected {n_tags} rows of {PLACES} finite numbers in 'mentioned'")
        return cls(slope, intercept, threshold, float(nearly), mentioned)


_FIELDS = ("slope", "intercept", "threshold")
_MENTIONED_DIGITS = 4
_TOPIC_FIELDS = (*_FIELDS, "sure")


def _scaled(logits: Floats, slope: Floats, intercept: Floats) -> Floats:
    scaled = np.clip(logits * slope + intercept, -60.0, 60.0)
    return np.asarray(1.0 / (1.0 + np.exp(-scaled)))


def _listed(record: object, names: Sequence[str]) -> dict[str, list[float]]:
    return {name: [float(x) for x in getattr(record, name)] for name in names}


def _read(path: Path) -> Mapping[str, Any]:
    try:
        body: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        found = body["format"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise BundleError(f"cannot read the thresholds in {path}: {error}") from error
    if found != THRESHOLDS_FORMAT:
        raise BundleError(f"{path}: format {found}, but this version reads {THRESHOLDS_FORMAT}; train again")
    return body


def _columns(body: Mapping[str, Any], names: Sequence[str], *, n: int, path: Path) -> list[Floats]:
    columns = [_numbers(body, name, path=path) for name in names]
    if any(column.shape != (n,) or not np.isfinite(column).all() for column in columns):
        raise BundleError(f"{path}: expected {n} finite numbers in each of {', '.join(names)}")
    return columns


def _numbers(body: Mapping[str, Any], name: str, *, path: Path) -> Floats:
    try:
        return np.asarray(body.get(name), dtype=np.float64)
    except (ValueError, TypeError) as error:
        raise BundleError(f"cannot read the thresholds in {path}: {error}") from error
