"""What the workers of a service share: a folder, in which stands the model that all are to answer with."""

import os
import shutil
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

from svodka.files import read_json, write_json, write_text


@dataclass(frozen=True, slots=True)
class Wanted:
    """The model that all workers are to answer with.

    Attributes:
        number: of the change that asked for it; 0: none has.
        bundle: its folder; None: the one that the workers were started with.
    """

    number: int = 0
    bundle: str | None = None


class Shared:
    """A folder with the wanted model, and a file of each worker with the number of the change that it has made."""

    def __init__(self, folder: Path) -> None:
        """Take a folder, which is there and theirs alone; it is the same in every process."""
        self._folder = folder
        self._wanted, self._workers = folder / "wanted.json", folder / "workers"
        self._lock, self._turn = folder / "lock", folder / "turn"

    def wanted(self) -> Wanted:
        """The model that all are to answer with."""
        return Wanted(**read_json(self._wanted)) if self._wanted.exists() else Wanted()

    def change(self, bundle: str | None) -> Wanted:
        """Have all workers answer with another bundle; None: read theirs anew."""
        with FileLock(self._lock):
            before = self.wanted()
            wanted = Wanted(before.number + 1, bundle or before.bundle)
            write_json(self._wanted, asdict(wanted))
        return wanted

    def turn(self) -> FileLock:
        """Held while a worker loads a model: two at a time would need the memory of two more. It does not wait.

        Entering it raises `filelock.Timeout` where it is another's turn.
        """
        return FileLock(self._turn, timeout=0)

    def made(self, number: int) -> None:
        """Note that this worker has made a change; -1: none yet, but it has begun."""
        write_text(self._workers / str(os.getpid()), str(number))

    def left(self) -> None:
        """Note that this worker answers no more."""
        (self._workers / str(os.getpid())).unlink(missing_ok=True)

    def remove_if_last(self) -> None:
        """Remove the folder, where no worker is left: nobody else does whose supervisor was killed."""
        if not self._files():
            shutil.rmtree(self._folder, ignore_errors=True)

    def all_have_made(self, number: int) -> bool:
        """Whether every worker has made this change, or a later one."""
        return all(_number(path) >= number for path in self._files())

    def forget_all_but(self, workers: Collection[int | None]) -> list[int]:
        """Forget the workers that were killed, as they could note nothing.

        Args:
            workers: ids of the processes that there are.

        Returns:
            Ids of those that were forgotten.
        """
        gone = [path for path in self._files() if int(path.name) not in workers]
        for path in gone:
            path.unlink(missing_ok=True)
        return [int(path.name) for path in gone]

    def _files(self) -> list[Path]:
        # Beside them lie those that are just being written.
        return [path for path in self._workers.glob("*") if path.name.isdigit()]


def _number(path: Path) -> float:
    try:
        return int(path.read_text(encoding="utf-8"))
    except FileNotFoundError:  # it has left just now
        return float("inf")
