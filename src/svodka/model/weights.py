"""Weights on disk: safetensors in float32, in half precision, or with the large matrices in int8."""

from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor, nn

from svodka.errors import BundleError

# Name of a format -> number type of what is not quantised.
WEIGHT_TYPES = {
    "float32": torch.float32,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
    "int8": torch.float16,
}
SCALE = "::scale"  # after the name of a matrix in int8: the scales of its rows
_LARGE = 2**20  # entries; a smaller matrix is not worth its error


def save_weights(model: nn.Module, path: Path, kind: str) -> None:
    """Write a model's weights in a format of `WEIGHT_TYPES`; tied weights once.

    `int8` keeps a matrix of at least 2^20 entries as rows of int8 with one float32 scale each, the largest entry of
    a row over 127 (symmetric, round to nearest), the rest in float16.

    Raises:
        BundleError: a weight is not finite in that format.
    """
    weights: dict[str, Tensor] = {}
    for name, tensor in _untied(model).items():
        plain = tensor.detach().cpu().contiguous()
        if not plain.is_floating_point():
            weights[name] = plain
        elif kind == "int8" and plain.dim() == 2 and plain.numel() >= _LARGE:
            _check_finite(name, plain)
            weights[name], weights[name + SCALE] = quantised(plain)
        else:
            weights[name] = plain.to(WEIGHT_TYPES[kind])
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


def _fill(target: Tensor, stored: Tensor, scale: Tensor | None, name: str) -> None:
    if stored.shape != target.shape:  # copy_ would spread a smaller one
        raise ValueError(f"'{name}' is {list(stored.shape)} in the file, but {list(target.shape)} in the model")
    target.copy_(stored)
    if scale is not None:
        target.mul_(scale)  # in place: a product of int8 and float32 would first copy the whole matrix


def quantised(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """A matrix [r, c] as int8 [r, c] and scales [r, 1]; their product is off by at most half a scale."""
    scale = matrix.float().abs().amax(dim=1, keepdim=True).clamp(min=torch.finfo(torch.float32).tiny) / 127
    return torch.round(matrix.float() / scale).to(torch.int8), scale


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
