"""YAML as version 1.2 reads it, each key once, with a bound on what a small file may grow to."""

import re
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from svodka.errors import ConfigError

MOST_VALUES = 1_000_000  # of a file, each alias counted with all that it stands for
MOST_DEPTH = 40
# No path, name or tag can hold these: the system takes no NUL, and UTF-8 no half of a surrogate pair.
_UNUSABLE = re.compile("[\0\ud800-\udfff]")


def read_yaml(path: Path, what: str) -> Any:
    """What a YAML file holds.

    Args:
        path: the file.
        what: what the file is to the user, as `config`, for the message.

    Raises:
        ConfigError: no such file, no UTF-8, no YAML, a key given twice, nested too deep, or grown too large by aliases.
    """
    try:
        return parse_yaml(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        near = get_close_matches(path.name, [p.name for p in path.parent.glob("*.y*ml")], 1)
        hint = f"; did you mean {path.parent / near[0]}?" if near else ""
        raise ConfigError(f"no {what} at {path}{hint}") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"cannot read the {what} {path} as YAML: {error}") from error


def parse_yaml(text: str) -> Any:
    """What a YAML text holds: mappings, lists, strings, numbers, truth values and None, no dates.

    Raises:
        yaml.YAMLError: no YAML, a key given twice, nested too deep, or grown too large by aliases.
    """
    try:
        return _Loader(text).get_single_data()
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        # What the constructors of PyYAML raise for `!!bool x` and its kin.
        raise yaml.YAMLError(f"a value that does not fit its tag ({error})") from error


class _Loader(yaml.SafeLoader):
    """The safe loader, bounded, with the core schema of YAML 1.2: `no` and `12:30` are strings, `010` is ten."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - as the base class declares it

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = self._values = 0
        self._sizes: dict[int, int] = {}  # id of a node -> values in it, aliases counted in full

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """A node; refused where it is too deep, stands inside itself, or grows too large by its aliases."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        before, self._depth = self._values, self._depth + 1
        if self._depth > MOST_DEPTH:
            raise yaml.YAMLError(f"nested deeper than {MOST_DEPTH} levels, {_line(event)}")
        node = super().compose_node(parent, index)
        self._depth -= 1
        if isinstance(event, yaml.AliasEvent):
            if id(node) not in self._sizes:
                raise yaml.YAMLError(f"'*{event.anchor}' stands inside what it names, {_line(event)}")
            self._values += self._sizes[id(node)]
        else:
            self._values += 1
            self._sizes[id(node)] = self._values - before
        if self._values > MOST_VALUES:
            raise yaml.YAMLError(f"more than {MOST_VALUES:,} values with aliases written out, {_line(event)}")
        return node

    def fetch_flow_collection_start(self, token: Any) -> None:
        """A bracket; the scanner looks far ahead of the nodes, and would take quadratic time for many."""
        if self.flow_level >= MOST_DEPTH:
            raise yaml.YAMLError(f"nested deeper than {MOST_DEPTH} levels, line {self.line + 1}")
        super().fetch_flow_collection_start(token)

    def construct_scalar(self, node: Any) -> Any:
        """The text of a scalar; refused where it holds what no text can."""
        value = super().construct_scalar(node)
        if _UNUSABLE.search(str(value)):
            raise yaml.YAMLError(f"{value!r} holds a character that no name or text can hold, {_line(node)}")
        return value

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """A mapping; refused where a key stands twice, of which PyYAML would keep the last one and tell nobody."""
        seen: set[str] = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if isinstance(key.value, str) and key.value in seen and key.tag != "tag:yaml.org,2002:merge":
                raise yaml.YAMLError(f"'{key.value}' is given twice, {_line(key)}")
            seen.add(str(key.value) if isinstance(key.value, str) else "")
        return super().construct_mapping(node, deep)


def _line(found: Any) -> str:
    return f"line {found.start_mark.line + 1}"


def _whole(loader: _Loader, node: yaml.Node) -> int:
    return int(loader.construct_scalar(node))


_Loader.add_constructor("tag:yaml.org,2002:int", _whole)
for _kind, _form, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        "-+.0123456789",
    ),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("merge", r"<<", "<"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", re.compile(f"^(?:{_form})$"), list(_first))
