"""How long `svodka annotate one.txt` takes to its first answer, if scripts/measure_start.py is there to tell."""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec

from speed.setting import Section, Setting

_SCRIPT = "measure_start"


def start(setting: Setting, peaks: Mapping[str, float]) -> Section:
    """The numbers of `measure_start.measure`, name by name."""
    title = "First answer of `svodka annotate one.txt`"
    if find_spec(_SCRIPT) is None:
        return Section(title, ("",), [], [f"scripts/{_SCRIPT}.py is not there: left out."])
    found: Mapping[str, object] = import_module(_SCRIPT).measure(setting.rounds)
    return Section(title, ("", "seconds"), [[name, str(value)] for name, value in found.items()], (), dict(found))
