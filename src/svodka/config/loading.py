"""From a YAML file and `key=value` overrides to a checked config, with every error told at once."""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from svodka.config.base import Section
from svodka.config.data import DataConfig
from svodka.config.pretraining import PretrainConfig
from svodka.config.training import RunConfig
from svodka.config.tuning import TuneConfig
from svodka.config.yaml_files import parse_yaml, read_yaml
from svodka.errors import ConfigError

Config = TypeVar("Config", bound=Section)

_PLAIN = (str, int, float, bool, Path, NoneType)


def load_data_config(path: Path, overrides: Sequence[str] = ()) -> DataConfig:
    """Read a data YAML, or the `data` section of a training YAML.

    Args:
        path: the YAML file.
        overrides: `key=value`, the key a dotted path as `source.path` or `source.0.path`.

    Raises:
        ConfigError: every error of the file and the overrides, one a line.
    """
    body = _read_yaml(path)
    if "data" in body and "source" not in body:
        return load_run_config(path, overrides).data
    return _validate(DataConfig, _override(DataConfig, body, overrides), path)


def load_run_config(path: Path, overrides: Sequence[str] = ()) -> RunConfig:
    """Read a training YAML. Its `data`, and that of each corpus `beside`, may name a data YAML, relative to the file.

    Raises:
        ConfigError: every error of the file and the overrides, one a line.
    """
    body = _read_yaml(path)
    if isinstance(body.get("data"), str):
        replaced = [line for line in overrides if line.startswith("data=")]
        target = Path(replaced[-1].removeprefix("data=")) if replaced else path.parent / body["data"]
        overrides = [line for line in overrides if line not in replaced]
        body = body | {"data": _read_yaml(target)}
    if isinstance(body.get("beside"), list):
        body = body | {"beside": [_with_data(part, path.parent) for part in body["beside"]]}
    return _validate(RunConfig, _override(RunConfig, body, overrides), path)


def _with_data(part: Any, folder: Path) -> Any:
    named = isinstance(part, dict) and isinstance(part.get("data"), str)
    return part | {"data": _read_yaml(folder / part["data"])} if named else part


def load_pretrain_config(path: Path, overrides: Sequence[str] = ()) -> PretrainConfig:
    """Read a pretraining YAML.

    Raises:
        ConfigError: every error of the file and the overrides, one a line.
    """
    return _validate(PretrainConfig, _override(PretrainConfig, _read_yaml(path), overrides), path)


def load_tune_config(path: Path, overrides: Sequence[str] = ()) -> TuneConfig:
    """Read a tuning YAML. Its `run` names a training YAML, relative to the file itself.

    Raises:
        ConfigError: every error of the file and the overrides, one a line.
    """
    body = _read_yaml(path)
    if isinstance(body.get("run"), str):
        body = body | {"run": str(path.parent / body["run"])}
    return _validate(TuneConfig, _override(TuneConfig, body, overrides), path)


def _read_yaml(path: Path) -> dict[str, Any]:
    body = read_yaml(path, "config")
    if not isinstance(body, dict):
        raise ConfigError(f"{path} must hold a mapping of settings, got {type(body).__name__}")
    return body


def _override(kind: type[Section], body: dict[str, Any], overrides: Sequence[str]) -> dict[str, Any]:
    for line in overrides:
        key, equals, value = line.partition("=")
        if not equals or not key:
            raise ConfigError(f"override '{line}' must be key=value, as training.epochs=2")
        keys = key.split(".")
        body = _with(body, keys, _value(value, line, plain=_is_plain(kind, keys)), line)
    return body


def _value(text: str, line: str, *, plain: bool) -> Any:
    """What an override means: a field of one value takes the text as it was written, others take YAML."""
    if plain and not (text[:1] in "'\"" and text[-1:] == text[:1] and len(text) > 1):
        return None if text in ("", "~", "null") else text
    try:
        return parse_yaml(text)
    except yaml.YAMLError as error:
        if plain:  # a quotation mark that is no quotation
            return text
        raise ConfigError(f"override '{line}': the value is no YAML: {error}") from None


def _with(node: Any, keys: list[str], value: Any, line: str) -> Any:
    if not keys:
        return value
    if isinstance(node, list):
        if not keys[0].isdigit() or int(keys[0]) >= len(node):
            raise ConfigError(f"override '{line}': '{keys[0]}' must be a position from 0 to {len(node) - 1}")
        return [_with(item, keys[1:], value, line) if i == int(keys[0]) else item for i, item in enumerate(node)]
    if node is not None and not isinstance(node, dict):
        raise ConfigError(f"override '{line}': '{keys[0]}' is under a plain value ({node!r}), not a section")
    node = node or {}
    return node | {keys[0]: _with(node.get(keys[0]), keys[1:], value, line)}


def _validate(kind: type[Config], body: dict[str, Any], path: Path) -> Config:
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        found: list[Any] = error.errors(include_url=False, include_context=False)
        told = [item for item in found if not _other_branch(item)] or found
        lines = sorted({_explain(kind, item, body) for item in told})
        raise ConfigError(f"{path} has {len(lines)} error(s):\n" + "\n".join(f"  {line}" for line in lines)) from None


def _other_branch(item: dict[str, Any]) -> bool:
    # `source` is a section or a list of them; pydantic also reports the form that the user did not choose.
    is_list, is_section = isinstance(item["input"], list), isinstance(item["input"], dict)
    return (item["type"] == "list_type" and is_section) or (item["type"] == "model_type" and is_list)


def _explain(kind: type[Section], item: dict[str, Any], body: Any) -> str:
    keys = _written(item["loc"], body, missing=item["type"] == "missing")
    where = ".".join(map(str, keys)) or "(top level)"
    if item["type"] == "extra_forbidden":
        allowed = [name for section in _sections(_options(kind, keys[:-1])) for name in section.model_fields]
        near = get_close_matches(str(keys[-1]), allowed, 1) or get_close_matches(str(keys[-1]).lower(), allowed, 1)
        hint = f"did you mean '{near[0]}'? " if near else ""
        return f"{where}: unknown key; {hint}allowed: {', '.join(sorted(allowed))}"
    if item["type"] == "missing":
        return f"{where}: missing"
    got = "" if item["type"] == "value_error" else f" (got {str(item['input'])[:60]!r})"
    return f"{where}: {item['msg'].removeprefix('Value error, ')}{got}"


def _written(place: Sequence[Any], body: Any, *, missing: bool) -> list[Any]:
    """The keys of an error's place that stand in the config; pydantic adds the names of union members to them."""
    keys = []
    for i, key in enumerate(place):
        inside = key in body if isinstance(body, dict) else isinstance(body, list) and isinstance(key, int)
        if inside:
            body = body[key]
        if inside or (missing and i == len(place) - 1):
            keys.append(key)
    return keys


def _is_plain(kind: type[Section], keys: Sequence[Any]) -> bool:
    """Whether the field at a path is declared to be one value: a text, number, truth value, path, or one of some words.

    False where there is no such field.
    """
    found = _options(kind, keys)
    return bool(found) and all(option in _PLAIN or get_origin(option) is Literal for option in found)


def _options(annotation: Any, keys: Sequence[Any]) -> list[Any]:
    """The types, members of unions apart, that a field at a path below `annotation` may have."""
    members = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    if not keys:
        return list(members)
    key, rest = str(keys[0]), keys[1:]
    inner: list[Any] = [
        section.model_fields[key].annotation for section in _sections(members) if key in section.model_fields
    ]
    inner += [get_args(member)[0] for member in members if get_origin(member) is list and key.isdigit()]
    inner += [get_args(member)[1] for member in members if get_origin(member) is dict]
    return [option for member in inner for option in _options(member, rest)]


def _sections(annotations: Sequence[Any]) -> list[type[BaseModel]]:
    return [found for found in annotations if isinstance(found, type) and issubclass(found, BaseModel)]
