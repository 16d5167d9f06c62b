"""Answers of the baselines, kept in a folder: they do not change with the bundle, and take longest."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from svodka.evaluation.tags.record import TagSystem
from svodka.evaluation.topics.record import TopicSystem
from svodka.files import read_json, write_json


class Kept:
    """A folder of answers, each under a name that follows from all that decides it; without one nothing is kept."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def topics(self, key: Sequence[Any], make: Callable[[], Mapping[str, TopicSystem]]) -> dict[str, TopicSystem]:
        """Systems on topics; `make` is asked for them if they are not there."""
        body = self._body(["topics", *key], lambda: {name: system.to_dict() for name, system in make().items()})
        return {name: TopicSystem.from_dict(system) for name, system in body.items()}

    def tags(
        self, key: Sequence[Any], make: Callable[[], Mapping[str, TagSystem]], *, width: int
    ) -> dict[str, TagSystem]:
        """Systems on `width` tags; `make` is asked for them if they are not there."""
        body = self._body(["tags", *key], lambda: {name: system.to_dict() for name, system in make().items()})
        return {name: TagSystem.from_dict(system, width) for name, system in body.items()}

    def _body(self, key: Sequence[Any], make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        if self._folder is None:
            return make()
        path = self._folder / f"{hashlib.sha256(json.dumps(key).encode()).hexdigest()[:24]}.json"
        if not path.is_file():
            self._folder.mkdir(parents=True, exist_ok=True)
            write_json(path, make())
        return read_json(path)
