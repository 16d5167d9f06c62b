"""Several processes that train one model: who goes first, what all know.

`torchrun` and `accelerate launch` start the same command several times. One process, the leader, prepares data, writes
files and prints; the others wait for it, and read what it wrote. The folders must be on a file system that all see.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
from accelerate import PartialState

# Followers wait while the leader prepares data, which may take longer than the library's ten minutes.
_PATIENCE = timedelta(hours=3)


@dataclass(frozen=True)
class Processes:
    """The processes of a run; alone, each method does nothing."""

    count: int
    is_leader: bool

    @classmethod
    def join(cls, *, cpu: bool) -> "Processes":
        """Meet the others, if a launcher started several."""
        state = PartialState(cpu=cpu, timeout=_PATIENCE)
        return cls(state.num_processes, state.is_main_process)

    @contextmanager
    def leader_first(self) -> Iterator[None]:
        """The leader runs the block alone, then the others do."""
        if self.count > 1 and not self.is_leader:
            torch.distributed.barrier()
        yield
        if self.count > 1 and self.is_leader:
            torch.distributed.barrier()

    def wait(self) -> None:
        """Wait until all are here."""
        if self.count > 1:
            torch.distributed.barrier()


def any_process(flag: bool) -> bool:
    """Whether the flag is set in any of the processes; each must ask at the same point."""
    state = PartialState()
    if state.num_processes == 1:
        return flag
    found = torch.tensor(int(flag), device=state.device)
    torch.distributed.all_reduce(found, op=torch.distributed.ReduceOp.MAX)
    return bool(found.item())
