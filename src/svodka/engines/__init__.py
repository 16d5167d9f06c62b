"""How the arithmetic runs. An engine turns a batch of encodings into arrays; `ENGINES` names those there are."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from svodka.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from svodka.bundle import Bundle
    from svodka.engines.result import EngineResult
    from svodka.model.encoding import Encoding


class Engine(Protocol):
    """What every engine does."""

    @property
    def device(self) -> object:
        """Where the arithmetic runs; its text is `cpu`, `cuda`, …"""
        ...

    def run(self, encodings: "Sequence[Encoding]", *, write: bool) -> "list[EngineResult]":
        """Read each encoding once, and write its summary if `write`; results in the order given."""
        ...


def _torch(bundle: "Bundle", device: str | None) -> Engine:
    from svodka.engines.torch_engine import TorchEngine

    return TorchEngine(bundle, device)


ENGINES: dict[str, Callable[["Bundle", str | None], Engine]] = {"torch": _torch}


def make_engine(name: str, bundle: "Bundle", *, device: str | None = None) -> Engine:
    """An engine by name; `auto` takes the fastest that is installed.

    Raises:
        ConfigError: an unknown name.
    """
    chosen = "torch" if name == "auto" else name
    if chosen not in ENGINES:
        raise ConfigError(f"unknown engine '{name}'; allowed: auto, {', '.join(ENGINES)}")
    return ENGINES[chosen](bundle, device)
