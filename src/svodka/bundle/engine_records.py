"""What was found about engines on a bundle: their quality beside the reference's, their speed on a kind of machine."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from svodka.bundle.manifest import explain
from svodka.errors import BundleError, DataError
from svodka.files import read_json, write_json

RECORDS_FORMAT = 1
TOLERANCE = 0.5  # points by which a score may differ from the reference's
LEAST_SPEEDUP = 1.05  # below, the fewer bits buy nothing


@dataclass(frozen=True)
class EngineRecord:
    """One engine held against the reference.

    Attributes:
        engine: its name.
        machine: kind of processor, as `machine_kind` tells it.
        data: hash of the prepared data; split: of which split; n: articles scored.
        scores: name -> (reference, engine), in points of 100.
        speedup: reference's time over the engine's, median over rounds; slowest, fastest: of the rounds.
        timed: articles of a round; rounds: how many.
        versions: of torch and svodka.
    """

    engine: str
    machine: str
    data: str
    split: str
    n: int
    scores: Mapping[str, tuple[float, float]]
    speedup: float
    slowest: float
    fastest: float
    timed: int
    rounds: int
    versions: Mapping[str, str]

    @property
    def faults(self) -> list[str]:
        """Why the engine is not to be used; empty if it is."""
        moved = [
            f"{name} {engine:.2f} against {reference:.2f}, {abs(engine - reference):.2f} points apart; "
            f"at most {TOLERANCE} are allowed"
            for name, (reference, engine) in self.scores.items()
            if abs(engine - reference) > TOLERANCE
        ]
        slow = f"{self.speedup:.2f} times as fast as the reference here; at least {LEAST_SPEEDUP} are asked for"
        return moved + ([slow] if self.speedup < LEAST_SPEEDUP else [])


def read_records(path: Path) -> tuple[EngineRecord, ...]:
    """The records of a bundle; none where there is no such file.

    Raises:
        BundleError: the file cannot be read, or has another format.
    """
    if not path.exists():
        return ()
    try:
        body = read_json(path)
        if body.get("format") != RECORDS_FORMAT:
            raise BundleError(
                f"{path}: format {body.get('format')}, but this version reads {RECORDS_FORMAT}; "
                "make it anew by `svodka export`"
            )
        return TypeAdapter(tuple[EngineRecord, ...]).validate_python(body.get("engines"))
    except DataError as error:
        raise BundleError(str(error)) from error
    except ValidationError as error:
        raise BundleError(f"{path}: engines: {explain(error)}; make it anew by `svodka export`") from error


def write_records(path: Path, records: Sequence[EngineRecord]) -> None:
    """Write records as JSON."""
    write_json(path, {"format": RECORDS_FORMAT, "engines": [asdict(record) for record in records]})


def with_record(records: Sequence[EngineRecord], new: EngineRecord) -> tuple[EngineRecord, ...]:
    """Records with a new one, which takes the place of an older one of the same engine and machine."""
    kept = [one for one in records if (one.engine, one.machine) != (new.engine, new.machine)]
    return (*kept, new)


def fastest(records: Sequence[EngineRecord], machine: str, *, otherwise: str) -> str:
    """The fastest engine that was found good on this kind of machine, else `otherwise`."""
    good = [record for record in records if record.machine == machine and not record.faults]
    return max(good, key=lambda record: record.speedup).engine if good else otherwise
