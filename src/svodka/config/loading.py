"""From a YAML file and `key=value` overrides to a checked config, with every error told at once."""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from svodka.config.base import Section
from svodka.config.data import DataConfig
from svodka.config.pretraining import PretrainConfig
from svodka.config.training import RunConfig
from svodka.config.tuning import TuneConfig
from svodka.errors import ConfigError

Config = TypeVar("Config", bound=Section)


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
    return _validate(DataConfig, _override(body, overrides), path)


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
    return _validate(RunConfig, _override(body, overrides), path)


def _with_data(part: Any, folder: Path) -> Any:
    named = isinstance(part, dict) and isinstance(part.get("data"), str)
    return part | {"data": _read_yaml(folder / part["data"])} if named else part


def load_pretrain_config(path: Path, overrides: Sequence[str] = ()) -> PretrainConfig:
    """Read a pretraining YAML.

    Raises:
        ConfigError: every error of the file and the overrides, one a line.
    """
    return _validate(PretrainConfig, _override(_read_yaml(path), overrides), path)


def load_tune_config(path: Path, overrides: Sequence[str] = ()) -> TuneConfig:
    """Read a tuning YAML. Its `run` names a training YAML, relative to the file itself.

    Raises:
        ConfigError: every error of the file and the overrides, one a line.
    """
    body = _read_yaml(path)
    if isinstance(body.get("run"), str):
        body = body | {"run": str(path.parent / body["run"])}
    return _validate(TuneConfig, _override(body, overrides), path)


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        body = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        near = get_close_matches(path.name, [p.name for p in path.parent.glob("*.y*ml")], 1)
        raise ConfigError(f"no config at {path}{f'; did you mean {path.parent / near[0]}?' if near else ''}") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"cannot read {path} as YAML: {error}") from error
    if not isinstance(body, dict):
        raise ConfigError(f"{path} must hold a mapping of settings, got {type(body).__name__}")
    return body


def _override(body: dict[str, Any], overrides: Sequence[str]) -> dict[str, Any]:
    for line in overrides:
        key, equals, value = line.partition("=")
        if not equals or not key:
            raise ConfigError(f"override '{line}' must be key=value, as training.epochs=2")
        body = _with(body, key.split("."), _value(value, line), line)
    return body


def _value(text: str, line: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
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
        lines = sorted({_explain(kind, dict(item)) for item in error.errors() if not _other_branch(dict(item))})
        raise ConfigError(f"{path} has {len(lines)} error(s):\n" + "\n".join(f"  {line}" for line in lines)) from None


def _other_branch(item: dict[str, Any]) -> bool:
    # `source` is a section or a list of them; pydantic also reports the form that the user did not choose.
    is_list, is_section = isinstance(item["input"], list), isinstance(item["input"], dict)
    return (item["type"] == "list_type" and is_section) or (item["type"] == "model_type" and is_list)


def _explain(kind: type[Section], item: dict[str, Any]) -> str:
    # pydantic adds the names of union members to the path; a user wrote none of them.
    keys = [part for part in item["loc"] if not (isinstance(part, str) and (part.endswith("]") or part[:1].isupper()))]
    where = ".".join(map(str, keys)) or "(top level)"
    if item["type"] == "extra_forbidden":
        allowed = _allowed(kind, keys[:-1])
        near = get_close_matches(str(keys[-1]), allowed, 1)
        hint = f"did you mean '{near[0]}'? " if near else ""
        return f"{where}: unknown key; {hint}allowed: {', '.join(sorted(allowed))}"
    if item["type"] == "missing":
        return f"{where}: missing"
    got = "" if item["type"] == "value_error" else f" (got {str(item['input'])[:60]!r})"
    return f"{where}: {item['msg'].removeprefix('Value error, ')}{got}"


def _allowed(kind: type[BaseModel], keys: Sequence[Any]) -> list[str]:
    node: type[BaseModel] = kind
    for key in keys:
        field = node.model_fields.get(str(key))
        if field is not None:
            node = _section_of(field.annotation) or node
    return list(node.model_fields)


def _section_of(annotation: Any) -> type[BaseModel] | None:
    candidates = [annotation, *getattr(annotation, "__args__", ())]
    return next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), None)
