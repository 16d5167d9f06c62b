"""`bundle.json`: which files a bundle holds. What it does not list is never opened, and nothing that runs is listed."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from svodka.errors import BundleError, DataError
from svodka.files import read_json
from svodka.text import TEXT_VERSION

# 2: the settings of each head in a section of its own; see `flat_config`.
BUNDLE_FORMAT = 2
_READABLE = (1, 2)

# Beside the folder of the tokenizer; the first ones every bundle has.
NEEDED = (
    "README.md", "config.json", "labels.json", "metrics.json", "model.safetensors", "run.yaml", "thresholds.json",
)  # fmt: skip
OPTIONAL = ("engines.json", "history.jsonl", "reference.json")
# Of the tokenizer: plain text, and sentencepiece's models, which hold pieces and no code.
_TOKENIZER = re.compile(r"tokenizer/[\w-][\w.-]*\.(json|txt|model|spm|jinja)")
_LEARNED = re.compile(r"learned/(learned\.json|\d{3}\.safetensors)")
_CODE = re.compile(r"\.(py[cdow]?|so|dll|dylib|pkl|pickle|pt|pth|bin|ckpt|joblib|npy|npz)$", re.IGNORECASE)


class FileEntry(BaseModel):
    """What is known of a file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(ge=0)


class Origin(BaseModel):
    """Where a model comes from, as the card tells it."""

    model_config = ConfigDict(extra="allow", strict=True)

    base_model: str | None = None
    languages: list[str] = []
    sources: list[str] = []
    datasets: list[str] = []
    vocabulary_cuts: list[dict[str, Any]] = []


class Manifest(BaseModel):
    """The fields of `bundle.json` that are read; others are left as they are."""

    model_config = ConfigDict(extra="allow", strict=True)

    format: int
    text_version: int
    weights: str
    versions: dict[str, str]
    origin: Origin
    summary: dict[str, Any]
    files: dict[str, FileEntry]


def read_manifest(path: Path) -> dict[str, Any]:
    """A manifest whose fields are of their kinds, with `/` between the parts of names.

    Raises:
        BundleError: unreadable, of another format, a field of another kind, or a file that has no place in a bundle.
    """
    try:
        body = read_json(path)
        _check_versions(path.parent, body)
        Manifest.model_validate(body)
    except DataError as error:
        raise BundleError(str(error)) from error
    except ValidationError as error:
        raise BundleError(f"{path}: {explain(error)}; get the bundle anew") from error
    # A bundle saved on Windows by an older version has backslashes.
    files = {name.replace("\\", "/"): entry for name, entry in body["files"].items()}
    for problem in _strange(files):
        raise BundleError(f"{path}: {problem}; get the bundle anew from where you trust it")
    return body | {"files": files}


def unlisted(folder: Path, files: dict[str, Any]) -> list[str]:
    """Names of what lies in a bundle without being listed; hidden files, which nobody reads, are left out."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    names = (path.as_posix() for path in found if not any(part.startswith(".") for part in path.parts))
    return sorted(set(names) - set(files) - {"bundle.json"})


def explain(error: ValidationError) -> str:
    """The first thing that is wrong, and where."""
    first = error.errors(include_url=False, include_context=False)[0]
    where = ".".join(map(str, first["loc"]))
    return f"'{where}': {first['msg']}, got {repr(first['input'])[:60]}"


def _check_versions(folder: Path, body: dict[str, Any]) -> None:
    versions = body.get("versions")
    saved_by = versions.get("svodka", "?") if isinstance(versions, dict) else "?"
    if body.get("format") not in _READABLE:
        readable = " and ".join(map(str, _READABLE))
        raise BundleError(
            f"{folder}: bundle format {body.get('format')}, but this version reads {readable}; "
            f"use the svodka that saved it ({saved_by}), or train again"
        )
    if body.get("text_version") != TEXT_VERSION:
        raise BundleError(
            f"{folder}: trained on text version {body.get('text_version')}, but this version of svodka cleans "
            f"text by version {TEXT_VERSION}; use the version that saved it, or train again"
        )


def _strange(files: dict[str, Any]) -> Iterator[str]:
    for name in files:
        if _CODE.search(name):
            yield f"it lists '{name}', a program or a pickle, which can run code; a bundle holds none"
        elif name not in (*NEEDED, *OPTIONAL) and not (_TOKENIZER.fullmatch(name) or _LEARNED.fullmatch(name)):
            yield f"it lists '{name}', which has no place in a bundle"
    for name in NEEDED:
        if name not in files:
            yield f"it lists no '{name}'"
    if not any(name.startswith("tokenizer/") for name in files):
        yield "it lists no file of the tokenizer"
