"""torch without what its compiler alone needs, for the first answer.

`import torch` ends with Python's kernels for the device `meta`, and the decompositions of all operators behind them,
which takes a good part of its time. They tell the shapes of results to who does not compute them. Whoever computes
does not ask.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_KERNELS = "torch._meta_registrations"


def defer_meta_kernels() -> None:
    """Let the next `import torch` leave them out; they are loaded when a part of their module is asked for.

    Until then operators on tensors of the device `meta` may be missing, so this is for a process of our own. Where
    torch is there already, or its module has another name, nothing changes.
    """
    if "torch" not in sys.modules:
        sys.meta_path.insert(0, _Deferring())


class _Deferring(MetaPathFinder, Loader):
    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> Any:
        return ModuleSpec(fullname, self) if fullname == _KERNELS else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Deferred(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        sys.meta_path.remove(self)  # so that the module itself is found next


class _Deferred(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # as `inspect` asks every module for its file
            raise AttributeError(name)
        if sys.modules.get(_KERNELS) is self:
            del sys.modules[_KERNELS]
        return getattr(import_module(_KERNELS), name)
