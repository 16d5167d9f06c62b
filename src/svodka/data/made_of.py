"""What prepared data were made of: a hash of each source and of the files that say how tags and topics are read."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from svodka.config.data import DataConfig
from svodka.files import sha256


def files_of(config: DataConfig) -> dict[str, Path]:
    """The files and folders that a data config reads, by the field that names each."""
    named = {f"source.{i}.path": source.path for i, source in enumerate(config.sources)}
    named |= {"tags.aliases": config.tags.aliases, "topics": config.topics}
    return {field: path for field, path in named.items() if path is not None}


def hashes_of(config: DataConfig) -> dict[str, str]:
    """Field -> sha256 of the content that it names, of all that is there; where it lies does not count."""
    return {field: _hash(path) for field, path in files_of(config).items() if path.exists()}


def changed_since(then: Mapping[str, str], config: DataConfig) -> list[str]:
    """The paths whose content is not what it was; those that are no longer there are left out."""
    now, paths = hashes_of(config) if then else {}, files_of(config)
    return [str(paths[field]) for field, digest in now.items() if then.get(field, digest) != digest]


def _hash(path: Path) -> str:
    if path.is_file():
        return sha256(path)
    digest = hashlib.sha256()
    for file in sorted(p for p in path.rglob("*") if p.is_file()):
        digest.update(f"{file.relative_to(path).as_posix()}\n{sha256(file)}\n".encode())
    return digest.hexdigest()
