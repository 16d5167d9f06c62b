"""What a user may choose, checked before anything heavy is loaded."""

from dataclasses import dataclass
from pathlib import Path

from svodka.data.splits import SPLITS
from svodka.errors import ConfigError
from svodka.evaluation.summaries.rouge import PRESETS


@dataclass(frozen=True)
class EvaluateOptions:
    """What to score, and how.

    Attributes:
        split: train, validation or test.
        limit: score only the first articles; None takes all.
        baselines: score them beside the model.
        rouge: preset of the ROUGE tokenisation.
        evidence: try the evidence of the tags on so many of the first articles; 0 leaves it out.
        history: history.jsonl of the training run, in place of what the bundle carries.

    Raises:
        ConfigError: an unknown split or ROUGE preset, or no such history.
    """

    split: str = "test"
    limit: int | None = None
    baselines: bool = True
    rouge: str = "plain"
    evidence: int = 0
    history: Path | None = None

    def __post_init__(self) -> None:
        for name, value, allowed in (("split", self.split, SPLITS), ("rouge", self.rouge, PRESETS)):
            if value not in allowed:
                raise ConfigError(f"--{name} '{value}' is unknown; allowed: {', '.join(allowed)}")
        if self.history is not None and not self.history.is_file():
            raise ConfigError(f"--history {self.history}: no such file; it lies in the folder of the training run")
