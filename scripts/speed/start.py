"""How long `svodka annotate one.txt` takes to its first answer, if scripts/measure_start.py is there to tell."""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from speed.setting import Section, Setting

_SCRIPT = "measure_start"
_TITLE = "First answer of `svodka annotate one.txt`"
_HEADER = ("fresh process, disk cache warm", "median s", "min s", "max s", "CPU s", "peak MiB")
_FIELDS = ("median_s", "min_s", "max_s", "median_cpu_s")


def start(setting: Setting, peaks: Mapping[str, float]) -> Section:
    """The numbers of `measure_start.measure`: the bundle that ships, and a pipeline of its shape."""
    if find_spec(_SCRIPT) is None:
        return Section(_TITLE, (), (), [f"scripts/{_SCRIPT}.py is not there: left out."])
    found: Mapping[str, Any] = import_module(_SCRIPT).measure(setting.rounds)
    names = [name for name, numbers in found.items() if isinstance(numbers, Mapping)]
    cells = [
        [name, *(f"{found[name][field]:.2f}" for field in _FIELDS), f"{found[name]['peak_mib']:.0f}"] for name in names
    ]
    notes = [f"{found['rounds']} rounds; pipeline / Svodka {found['ratio']:.2f}, median of the rounds' ratios."]
    return Section(_TITLE, _HEADER, cells, notes, dict(found))
