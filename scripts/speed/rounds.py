"""Timing in rounds, and the few statistics that the benchmark tells."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Spread:
    """A median with the least and the largest value."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """The spread of at least one value."""
        return cls(median(values), min(values), max(values))

    def __format__(self, form: str) -> str:
        return f"{self.median:{form}} [{self.low:{form}}, {self.high:{form}}]"


def run_rounds(
    contenders: Mapping[str, Callable[[], object]], rounds: int, seed: int, *, clock: Callable[[], float] | None = None
) -> dict[str, list[float]]:
    """Seconds of each contender in each round; every round runs each once, in an order of its own.

    Args:
        contenders: name -> what is timed; warmed up already.
        rounds: how many.
        seed: of the orders.
        clock: seconds; None takes `time.perf_counter`.
    """
    tick = clock or time.perf_counter
    chance, seconds = random.Random(seed), {name: list[float]() for name in contenders}
    for _ in range(rounds):
        order = list(contenders)
        chance.shuffle(order)
        for name in order:
            began = tick()
            contenders[name]()
            seconds[name].append(tick() - began)
    return seconds


def ratios(above: Sequence[float], below: Sequence[float]) -> Spread:
    """Spread of the quotients round by round: what slows a whole round down cancels out."""
    return Spread.of([a / b for a, b in zip(above, below, strict=True)])
