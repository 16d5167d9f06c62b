"""What a bundle's files say, held against each other before anything is built of them."""

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from svodka.bundle.files import BundlePaths
from svodka.config.yaml_files import MOST_DEPTH
from svodka.errors import BundleError, DataError
from svodka.files import read_json
from svodka.model.weights import stored_shapes

# Fields by which transformers fetches code or asks whether to run it.
_RUNS_CODE = {
    "auto_map", "attn_implementation", "_attn_implementation", "experts_implementation", "_experts_implementation",
}  # fmt: skip
# Of a tokenizer, files of pieces alone: a piece may have any name.
_PIECES = {"tokenizer.json", "vocab.json", "added_tokens.json"}
_OF_LAYERS = re.compile(r"(^|_)layers$")
# What numbers may be whatever the weights hold: layers that are not used, positions, bases of rotations.
_FEW_LAYERS, _SMALL = 512, 2**24
# libyaml's where PyYAML was built with it: to parse in Python delays the first answer.
_YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def check_no_code(paths: BundlePaths, fields: Mapping[str, Any]) -> None:
    """Refuse settings that name code to run.

    Args:
        paths: the bundle's.
        fields: its config.json.

    Raises:
        BundleError: one does, or a file cannot be read.
    """
    bodies = {paths.model_config: fields}
    for path in sorted(paths.tokenizer.glob("*.json")):
        if path.name not in _PIECES:
            bodies[path] = _object(path)
    for path, body in bodies.items():
        for where, _ in _values(body):
            if where.rsplit(".", 1)[-1] in _RUNS_CODE:
                raise BundleError(f"{path}: '{where}' names code to run, and no bundle may; get one that you trust")


def check_sizes(paths: BundlePaths, fields: Mapping[str, Any]) -> int:
    """Hold the numbers of a config.json against the weights, before anything of that size is made.

    Returns:
        How many numbers the weights hold.

    Raises:
        BundleError: the config asks for more than the weights hold, or these cannot be read.
    """
    shapes = stored_shapes(paths.weights)
    numbers = sum(size for _, size in shapes)
    for where, value in _values(fields):
        if isinstance(value, float) and not math.isfinite(value):
            raise BundleError(f"{paths.model_config}: '{where}' is {value}, which is no number; get the bundle anew")
        if not isinstance(value, int):
            continue
        most = max(len(shapes), _FEW_LAYERS) if _OF_LAYERS.search(where) else max(numbers, _SMALL)
        if value > most:
            raise BundleError(
                f"{paths.model_config}: '{where}' is {value}, but {paths.weights.name} holds {len(shapes)} weights of "
                f"{numbers} numbers; get the bundle anew"
            )
    return numbers


def check_parts(paths: BundlePaths, model: Any, tokenizer: Any) -> None:
    """Hold tokenizer and windows against the model that is to read by them.

    Raises:
        BundleError: a tokenizer without padding, or with more pieces than the embedding has rows; windows that are
            longer than the backbone reads.
    """
    rows, limit, window = model.embedding_rows, model.position_limit, model.config.window.tokens
    if tokenizer.pad_token_id is None:
        raise BundleError(
            f"{paths.tokenizer}: the tokenizer has no token to pad with; name one as 'pad_token' in its "
            "tokenizer_config.json and train again"
        )
    if len(tokenizer) > rows:
        raise BundleError(
            f"{paths.tokenizer}: the tokenizer has {len(tokenizer)} pieces, but the model's embedding {rows} rows; "
            "they belong to different models"
        )
    if limit is not None and window > limit:
        raise BundleError(f"{paths.model_config}: windows of {window} tokens, but the backbone reads at most {limit}")
    if model.config.heads.continues and model.config.window.limit > 1:
        raise BundleError(f"{paths.model_config}: a decoder-only backbone that writes, and more than one window")


def read_run(path: Path) -> dict[str, Any]:
    """The config of the run that made a model.

    Raises:
        BundleError: no YAML, no mapping, or nested deeper than `MOST_DEPTH`.
    """
    depth = 0
    try:
        text = path.read_text(encoding="utf-8")
        # The parser keeps its own stack; what builds objects calls itself, and would exhaust the process'.
        for event in yaml.parse(text, Loader=_YAML):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MOST_DEPTH:
                raise BundleError(f"{path}: nested deeper than {MOST_DEPTH} levels; get the bundle anew")
        body = yaml.load(text, Loader=_YAML)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise BundleError(f"cannot read {path}: {error}") from error
    if not isinstance(body, dict):
        raise BundleError(f"{path} must hold a mapping, got {type(body).__name__}; get the bundle anew")
    return body


def _object(path: Path) -> dict[str, Any]:
    try:
        return read_json(path)
    except DataError as error:
        raise BundleError(str(error)) from error


def _values(body: Any) -> Iterator[tuple[str, Any]]:
    """Every value below a JSON value, and where it stands."""
    waiting = [("", body)]
    while waiting:
        where, node = waiting.pop()
        items = node.items() if isinstance(node, Mapping) else enumerate(node) if isinstance(node, list) else ()
        found = [(f"{where}.{key}".lstrip("."), value) for key, value in items]
        yield from found
        waiting += found
