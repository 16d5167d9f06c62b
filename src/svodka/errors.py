"""The errors Svodka raises on purpose.

Each message says what is wrong, which value, what is allowed and what to do. Only `cli` and `serve` turn
one into an exit code or a status; everything below them lets it pass.
"""


class SvodkaError(Exception):
    """Base of every error a caller may want to catch."""


class ConfigError(SvodkaError):
    """A config, an override or a command-line value that cannot be used."""


class DataError(SvodkaError, ValueError):
    """Input text, a row, a page or a prepared folder that cannot be used."""


class BundleError(SvodkaError):
    """A saved model that is missing, damaged or does not fit together."""


class TrainingError(SvodkaError):
    """A training run that cannot go on, such as one whose loss is no longer a number."""


class QueueFullError(SvodkaError):
    """More articles than may wait; ask again later.

    Attributes:
        seconds: after which there is likely to be room.
    """

    def __init__(self, message: str, *, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class StoppedError(SvodkaError):
    """A run that a signal ended in good order; the same command goes on with it.

    Attributes:
        signal: number of the signal.
    """

    def __init__(self, message: str, *, signal: int) -> None:
        super().__init__(message)
        self.signal = signal
