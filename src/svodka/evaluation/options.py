"""What a user may choose, checked before anything heavy is loaded."""

from svodka.data.splits import SPLITS
from svodka.errors import ConfigError
from svodka.evaluation.rouge import PRESETS


def check_options(*, split: str, rouge: str) -> None:
    """Check what a user chose before any work starts.

    Raises:
        ConfigError: an unknown split or ROUGE preset.
    """
    for name, value, allowed in (("split", split, SPLITS), ("rouge", rouge, tuple(PRESETS))):
        if value not in allowed:
            raise ConfigError(f"--{name} '{value}' is unknown; allowed: {', '.join(allowed)}")
