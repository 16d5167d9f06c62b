"""What a saved model is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from svodka.bundle.calibration import Calibration, TopicCalibration
from svodka.bundle.engine_records import EngineRecord
from svodka.bundle.reference import Reference
from svodka.config.summary import SummaryConfig
from svodka.errors import BundleError
from svodka.labels import TagVocabulary
from svodka.tagsets.record import TagSet

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from svodka.bundle.learned import LearnedStep
    from svodka.heads.settings import Heads
    from svodka.model.news_config import NewsConfig
    from svodka.model.news_model import NewsModel


@dataclass(frozen=True)
class Bundle:
    """A trained model with all it needs.

    Attributes:
        origin: base model and revision, hash of the data manifest, seed: where the model comes from.
        metrics: scores by split.
        run: the resolved config of the training run.
        card: text of the model card.
        reference: statistics of the training data, None if none are known.
        history: the training run's log entries, each with its `step`.
        engines: engines of fewer bits that were held against the reference.
        fingerprint: sha256 over all that decides its results, so not over scores and card; "" if never saved.
        topics: calibration of the topics, None where the model knows none.
        tag_set: the set whose tags it gives, in the order of `labels`; None: those that it was trained on.
        spellings: of each tag those that count as evidence where they stand in an article; empty: none do.
        learned: what it was taught by corrections, lesson by lesson.
        folder: where it was loaded from, None if it was not.
    """

    model: "NewsModel"
    tokenizer: "PreTrainedTokenizerBase"
    labels: TagVocabulary
    calibration: Calibration
    summary: SummaryConfig
    origin: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    run: Mapping[str, Any] = field(default_factory=dict)
    card: str = ""
    reference: Reference | None = None
    history: Sequence[Mapping[str, Any]] = ()
    engines: Sequence[EngineRecord] = ()
    fingerprint: str = ""
    topics: TopicCalibration | None = None
    tag_set: TagSet | None = None
    spellings: tuple[tuple[str, ...], ...] = ()
    learned: "Sequence[LearnedStep]" = ()
    folder: Path | None = None


def check_fit(
    config: "NewsConfig", labels: TagVocabulary, topics: TopicCalibration | None, *, where: Path
) -> None:  # fmt: skip
    """Raise a BundleError where the heads are of another width than labels and topics; `where` names the bundle."""
    heads: Heads = config.heads
    if heads.tags.weight and heads.tags.n != len(labels):
        raise BundleError(f"{where}: the tag head is {heads.tags.n} wide, but there are {len(labels)} labels")
    scored, calibrated = heads.n_topics, 0 if topics is None else len(topics)
    if scored != calibrated:
        raise BundleError(f"{where}: the model scores {scored} topics, but {calibrated} are calibrated")


def check_untaught(bundle: Bundle, what: str) -> None:
    """Raise a BundleError where a bundle has learned from corrections: `what` would lose the rows of its lessons."""
    if bundle.learned:
        raise BundleError(
            f"{what} would lose what the bundle learned from corrections; take its lessons back by `svodka learn "
            "--undo`, and teach it anew afterwards"
        )
