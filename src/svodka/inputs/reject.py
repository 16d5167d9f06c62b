"""What could not be used, and why."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reject:
    """A row or page that was set aside.

    Attributes:
        reason: `unreadable` (no such form) or `unusable` (readable, but no article).
        where: file, and line or row from 1.
        detail: what is wrong.
    """

    reason: str
    where: str
    detail: str
