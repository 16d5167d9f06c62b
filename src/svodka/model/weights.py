"""Weights on disk: safetensors in float32, in half precision, or with the matrices in fewer bits.

r: rows of a matrix, c: its columns, k: blocks of a row.
"""

from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from svodka.errors import BundleError

# Name of a format -> number type of what is not quantised.
WEIGHT_TYPES = {
    "float32": torch.float32,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
    "int8": torch.float16,
    "int4": torch.float16,
}
SCALE = "::scale"  # after the name of a matrix in fewer bits: the scales of its rows or blocks
BLOCK = 32  # entries of a row that share a scale in 4 bits
_LARGE = 2**14  # entries; a smaller matrix is not worth its error


def save_weights(model: nn.Module, path: Path, kind: str) -> None:
    """Write a model's weights in a format of `WEIGHT_TYPES`; tied weights once.

    `int8` keeps a matrix of at least 2^14 entries as rows of int8 with one float32 scale each, the largest entry of
    a row over 127 (symmetric, round to nearest), the rest in float16. `int4` does so too, but for the token embedding,
    which most of a small multilingual model is, and for matrices that 4 bits hold without loss: see `in_blocks`.

    Raises:
        BundleError: a weight is not finite in that format.
    """
    weights: dict[str, Tensor] = {}
    tokens = _token_embedding(model)
    for name, tensor in _untied(model).items():
        plain = tensor.detach().cpu().contiguous()
        few_bits = kind in ("int8", "int4") and plain.is_floating_point() and plain.dim() == 2
        if few_bits and plain.numel() >= _LARGE:
            _check_finite(name, plain)
            blocks = kind == "int4" and plain.shape[1] % BLOCK == 0
            blocks = blocks and (tensor.data_ptr() == tokens or _is_of_4_bits(plain))
            weights[name], scale = in_blocks(plain) if blocks else quantised(plain)
            weights[name + SCALE] = scale
            _check_finite(name, scale)
        else:
            weights[name] = plain.to(WEIGHT_TYPES[kind]) if plain.is_floating_point() else plain
            _check_finite(name, weights[name])
    safetensors.torch.save_file(weights, path)
    # safetensors leaves the file readable to its owner alone; a bundle is there to be shared.
    path.chmod(0o644)


def load_weights(model: nn.Module, path: Path) -> None:
    """Read what `save_weights` wrote into a model, as float32.

    Raises:
        BundleError: the file cannot be read, or its weights are not exactly those of the architecture.
    """
    own = model.state_dict()
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            stored = set(file.keys())
            names = {name for name in stored if not name.endswith(SCALE)}
            missing, unexpected = sorted(set(_untied(model)) - names), sorted(names - set(own))
            if missing or unexpected:
                raise BundleError(f"{path}: missing weights {missing[:5]}, unexpected {unexpected[:5]}")
            # One at a time, straight into place: at no time are there two copies of the model.
            for name in names:
                scale = file.get_tensor(name + SCALE) if name + SCALE in stored else None
                _fill(own[name], file.get_tensor(name), scale, name)
    except (OSError, ValueError, RuntimeError, safetensors.SafetensorError) as error:
        raise BundleError(f"{path}: the weights do not fit the architecture: {error}") from error


def stored_shapes(path: Path) -> list[tuple[str, int]]:
    """Name of each weight of a file, and how many numbers it holds, from the file's head alone.

    Raises:
        BundleError: no weights, or cut.
    """
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            stored = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118 - no mapping
            return [
                (name, prod(full_shape(one.get_shape(), blocks=one.get_dtype() == "U8" and name + SCALE in stored)))
                for name, one in stored.items()
                if not name.endswith(SCALE)
            ]
    except (OSError, ValueError, RuntimeError, safetensors.SafetensorError) as error:
        raise BundleError(f"{path}: cannot read the weights, which may be cut: {error}; get the file anew") from error


class AtMost(TorchFunctionMode):
    """While it is on, a model that is built may not become much larger than its weights on disk."""

    def __init__(self, numbers: int) -> None:
        """Take how many numbers the weights hold; what is tied to another weight is made before it is tied."""
        super().__init__()
        self._left = 2 * numbers + _BUFFERS

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        given = kwargs or {}
        if func in _MAKING:
            self._left -= _asked_for(func, args, given)
            if self._left < 0:
                raise BundleError("config.json asks for a larger model than the weights are of; get the bundle anew")
        return func(*args, **given)


_MAKING = {torch.empty, torch.zeros, torch.ones, torch.full, torch.rand, torch.randn, torch.arange}
_BUFFERS = 2**23  # numbers that a model makes and no file holds, as a table of positions


def _asked_for(func: Any, args: tuple[Any, ...], given: Mapping[str, Any]) -> int:
    """How many numbers a call of `_MAKING` makes."""
    if func is torch.arange:
        bounds = [value for value in (*args, given.get("end")) if isinstance(value, (int, float))]
        return int(bounds[0] if len(bounds) == 1 else bounds[1] - bounds[0]) if bounds else 0
    size = given.get("size", args[0] if args and not isinstance(args[0], int) else args)
    return prod(size)


def _fill(target: Tensor, stored: Tensor, scale: Tensor | None, name: str) -> None:
    blocks = scale is not None and stored.dtype == torch.uint8
    shape = list(full_shape(stored.shape, blocks=blocks))
    if shape != list(target.shape):  # copy_ would spread a smaller one
        raise ValueError(f"'{name}' is {shape} in the file, but {list(target.shape)} in the model")
    if scale is None:
        if target.is_floating_point() != stored.is_floating_point():
            raise ValueError(f"'{name}' is of {stored.dtype} in the file, without its scales")
        if not torch.isfinite(stored).all():
            raise ValueError(f"'{name}' is not finite throughout")
        target.copy_(stored)
        return
    if not torch.isfinite(scale).all():
        raise ValueError(f"the scales of '{name}' are not all finite")
    expected = [shape[0], shape[1] // BLOCK if blocks else 1]
    if list(scale.shape) != expected:
        raise ValueError(f"the scales of '{name}' are {list(scale.shape)} in the file, but {expected} belong to it")
    if blocks:
        fill_blocks(target, stored, scale)
    else:
        target.copy_(stored)
        target.mul_(scale)  # in place: a product of int8 and float32 would first copy the whole matrix


def fill_blocks(target: Tensor, stored: Tensor, scale: Tensor) -> None:
    """`in_blocks` undone, straight into place."""
    rows, half = len(stored), BLOCK // 2
    blocks, halves = target.view(rows, -1, 2, half), stored.view(rows, -1, half)
    blocks[:, :, 0] = halves & 15
    blocks[:, :, 1] = halves >> 4
    blocks.sub_(8).mul_(scale.float()[:, :, None, None])


def full_shape(stored: Sequence[int], *, blocks: bool) -> tuple[int, ...]:
    """The shape of a weight by that of what is stored of it; `blocks`: as `in_blocks` stores it."""
    return (*stored[:-1], 2 * stored[-1]) if blocks else tuple(stored)


def in_blocks(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """A matrix [r, c] in 4 bits: halves of bytes, uint8 [r, c/2], and scales of 32 entries each, float16 [r, c/32].

    As ggml's Q4_0: a block's scale is its entry of largest magnitude over -8, and q in 0..15 stands for (q - 8) times
    the scale; byte j of a block holds entry j below and entry j + 16 above. So weights that came out of Q4_0 and were
    not trained go in again without loss.
    """
    blocks = matrix.float().view(len(matrix), -1, BLOCK)  # [r, k, 32]
    largest = blocks.gather(2, blocks.abs().argmax(dim=2, keepdim=True))
    scale = (largest / -8).half()
    steps = torch.round(blocks / scale.float()).nan_to_num_(nan=0.0) + 8  # a block of zeros has scale 0
    first, second = steps.clamp_(0, 15).to(torch.uint8).chunk(2, dim=2)
    return (first | second << 4).flatten(1).contiguous(), scale.squeeze(2)


def _is_of_4_bits(matrix: Tensor) -> bool:
    """Whether a matrix [r, c] comes out of `in_blocks` as it went in: it was in 4 bits before, and was not trained."""
    found = torch.empty_like(matrix, dtype=torch.float32)
    fill_blocks(found, *in_blocks(matrix))
    return torch.equal(found, matrix.float())


def quantised(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """A matrix [r, c] as int8 [r, c] and scales [r, 1]; their product is off by at most half a scale."""
    scale = matrix.float().abs().amax(dim=1, keepdim=True).clamp(min=torch.finfo(torch.float32).tiny) / 127
    return torch.round(matrix.float() / scale).to(torch.int8), scale


def _token_embedding(model: nn.Module) -> int | None:
    """Where the token embedding of a model lies in memory; None if it has none."""
    found = getattr(model, "get_input_embeddings", lambda: None)()
    return None if found is None else int(found.weight.data_ptr())


def _untied(model: nn.Module) -> dict[str, Tensor]:
    """The state without the names that stand for a tensor that an earlier name stands for already."""
    seen: set[int] = set()
    kept: dict[str, Tensor] = {}
    for name, tensor in model.state_dict().items():
        if tensor.data_ptr() not in seen or not tensor.numel():
            seen.add(tensor.data_ptr())
            kept[name] = tensor
    return kept


def _check_finite(name: str, tensor: Tensor) -> None:
    if not torch.isfinite(tensor).all():
        raise BundleError(f"weight '{name}' is not finite as {tensor.dtype}: the model is not saved")
