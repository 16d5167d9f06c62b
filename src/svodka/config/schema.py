"""JSON Schema of what a YAML may hold, for editors that complete and check it."""

from typing import Any

from svodka.config.base import Section
from svodka.config.data import DataConfig
from svodka.config.pretraining import PretrainConfig
from svodka.config.training import RunConfig
from svodka.config.tuning import TuneConfig
from svodka.errors import ConfigError

KINDS: dict[str, type[Section]] = {
    "train": RunConfig,
    "data": DataConfig,
    "pretrain": PretrainConfig,
    "tune": TuneConfig,
}
_PATH = {"type": "string", "description": "Path of a YAML file that holds this section, relative to this file."}


def json_schema(kind: str) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a kind of config.

    Args:
        kind: a key of `KINDS`.

    Raises:
        ConfigError: no such kind.
    """
    if kind not in KINDS:
        raise ConfigError(f"config kind '{kind}' is unknown; allowed: {', '.join(KINDS)}")
    schema = KINDS[kind].model_json_schema()
    # A section that a file may hold in place of the config itself.
    owners = [schema, *schema.get("$defs", {}).values()]
    for name in ("data", "run"):
        for owner in owners:
            section = owner.get("properties", {}).get(name, {})
            if "$ref" in section:
                owner["properties"][name] = {"anyOf": [_PATH, section]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
