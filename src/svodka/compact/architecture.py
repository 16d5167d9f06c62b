"""A model's config and weights with the rows of the kept tokens alone."""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from math import prod
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import safe_open
from transformers import PretrainedConfig

from svodka.compact.vocabulary import Vocabulary
from svodka.errors import BundleError
from svodka.model.news_config import NewsConfig
from svodka.model.news_model import NewsModel
from svodka.model.weights import SCALE, full_shape

Shape = tuple[int, ...]

_LISTED = ("bad_words_ids", "suppress_tokens", "begin_suppress_tokens")


def named_ids(config: NewsConfig, rows: int) -> set[int]:
    """Every token id that a config names; one beyond the embedding's rows is a default that means nothing."""
    found: set[int] = set()

    def seen(token: int) -> int:
        found.add(token)
        return token

    _with_ids(deepcopy(config), seen)
    return {token for token in found if 0 <= token < rows}


def cut_config(config: NewsConfig, vocabulary: Vocabulary) -> NewsConfig:
    """The config of a model with the kept tokens alone."""
    fresh = deepcopy(config)
    _with_ids(fresh, vocabulary.move)
    for part in _parts(fresh.backbone):
        if hasattr(part, "vocab_size"):
            part.vocab_size = len(vocabulary.kept)
    return fresh


def shapes(config: NewsConfig) -> dict[str, Shape]:
    """Name -> shape of everything in the state of a model; nothing of it is computed."""
    with torch.device("meta"):
        return {name: tuple(tensor.shape) for name, tensor in NewsModel(config).state_dict().items()}


def cut_weights(source: Path, target: Path, expected: Mapping[str, Shape], vocabulary: Vocabulary) -> tuple[int, int]:
    """Copy the weights of a bundle as they are stored, with the rows of the kept tokens alone.

    Args:
        source: weights as `save_weights` wrote them.
        target: the new file.
        expected: `shapes` of the new model.
        vocabulary: the tokens that stay.

    Returns:
        How many numbers there were and are; the scales of int8 are not counted.

    Raises:
        BundleError: a weight that fits the new model neither as it is nor with fewer rows.
    """
    kept, numbers = torch.tensor(vocabulary.kept), [0, 0]
    fresh: dict[str, torch.Tensor] = {}
    with safe_open(source, framework="pt") as file:
        for name in file.keys():  # noqa: SIM118 - no mapping
            owner, tensor = name.removesuffix(SCALE), file.get_tensor(name)
            shape = _shape(file, owner)
            axis = _axis(owner, shape, expected)
            if axis is not None and tensor.shape[axis] > 1:
                tensor = tensor.index_select(axis, kept)
            fresh[name] = tensor.contiguous()
            if name == owner:
                numbers[0] += prod(shape)
                numbers[1] += prod(expected[owner])
    safetensors.torch.save_file(fresh, target)
    target.chmod(0o644)
    return numbers[0], numbers[1]


def _shape(file: Any, name: str) -> Shape:
    """The shape of a weight, whatever number format it is stored in."""
    stored = file.get_slice(name)
    blocks = name + SCALE in file.keys() and stored.get_dtype() == "U8"  # noqa: SIM118 - no mapping
    return full_shape(stored.get_shape(), blocks=blocks)


def _axis(name: str, shape: Shape, expected: Mapping[str, Shape]) -> int | None:
    """The axis along which a weight is cut, None where it stays whole."""
    wanted = expected.get(name, ())
    differing = [i for i, (old, new) in enumerate(zip(shape, wanted, strict=False)) if old != new]
    if len(shape) != len(wanted) or len(differing) > 1:
        raise BundleError(f"weight '{name}' has shape {shape}, but the smaller model wants {wanted}: it cannot be cut")
    return differing[0] if differing else None


def _with_ids(config: NewsConfig, move: Callable[[int], int]) -> None:
    for part in _parts(config):
        for name, value in list(vars(part).items()):
            if name.endswith(("token_id", "token_ids")) or name in _LISTED:
                setattr(part, name, _each(value, move))
    decoder = config.heads.decoder
    moved = {name: _each(getattr(decoder, name), move) for name in ("start", "first", "end", "prompts")}
    config.heads = config.heads.model_copy(update={"decoder": decoder.model_copy(update=moved)})


def _each(value: Any, move: Callable[[int], int]) -> Any:
    if isinstance(value, (list, tuple)):
        return [_each(item, move) for item in value]
    return move(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _parts(config: PretrainedConfig) -> Iterator[PretrainedConfig]:
    """A config and those inside it: T5Gemma has one for each half."""
    yield config
    for value in vars(config).values():
        if isinstance(value, PretrainedConfig):
            yield from _parts(value)
