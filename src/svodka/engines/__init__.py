"""How the arithmetic runs. An engine turns a batch of encodings into arrays; `ENGINES` names those there are."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from svodka.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from svodka.bundle import Bundle
    from svodka.config.summary import SummaryConfig
    from svodka.engines.result import EngineResult
    from svodka.model.encoding import Encoding


class Engine(Protocol):
    """What every engine does."""

    @property
    def device(self) -> object:
        """Where the arithmetic runs; its text is `cpu`, `cuda`, …"""
        ...

    @property
    def machine(self) -> str:
        """Kind of processor, see `machine_kind`."""
        ...

    def run(self, encodings: "Sequence[Encoding]", *, write: "SummaryConfig | None") -> "list[EngineResult]":
        """Read each encoding once, and write what `write` asks for, if it does; results in the order given.

        Several threads may call it at once.
        """
        ...


def _torch(bundle: "Bundle", device: str | None) -> Engine:
    from svodka.engines.torch_engine import reference_engine

    return reference_engine(bundle, device)


def _fast(bundle: "Bundle", device: str | None) -> Engine:
    from svodka.engines.torch_engine import fast_engine

    return fast_engine(bundle, device)


def _bf16(bundle: "Bundle", device: str | None) -> Engine:
    from svodka.engines.torch_engine import bf16_engine

    return bf16_engine(bundle, device)


def _int8(bundle: "Bundle", device: str | None) -> Engine:
    from svodka.engines.torch_engine import int8_engine

    return int8_engine(bundle, device)


# The first two give the same results; those behind them have fewer bits, and must pass the gate of `svodka export`.
ENGINES: dict[str, Callable[["Bundle", str | None], Engine]] = {
    "torch": _torch,
    "fast": _fast,
    "bf16": _bf16,
    "int8": _int8,
}


def choose_engine(name: str, bundle: "Bundle", *, device: str | None = None) -> str:
    """The name of an engine; for `auto` the fastest that `svodka export` found good for this bundle on such a machine.

    Raises:
        ConfigError: an unknown name or device.
    """
    if name in ENGINES:
        return name
    if name != "auto":
        raise ConfigError(f"unknown engine '{name}'; allowed: auto, {', '.join(ENGINES)}")
    if not bundle.engines:
        return "fast"
    from svodka.bundle.engine_records import fastest
    from svodka.engines.machine import find_device, machine_kind

    known = [record for record in bundle.engines if record.engine in ENGINES]
    return fastest(known, machine_kind(find_device(device)), otherwise="fast")


def make_engine(name: str, bundle: "Bundle", *, device: str | None = None) -> Engine:
    """An engine by a name that `choose_engine` gave.

    The bundle's model belongs to the engine from then on: it is moved to the device, and an engine of fewer bits
    changes its weights.

    Raises:
        ConfigError: an engine that this model or device has no part for.
    """
    return ENGINES[name](bundle, device)
