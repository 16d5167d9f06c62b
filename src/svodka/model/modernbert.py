"""ModernBERT's encoder (Warner et al. 2024) for reading, in torch alone: loading transformers takes longer.

It computes what transformers' `ModernBertModel` does with sdpa, operation for operation, so that both give the same
bits (a test compares them), and has the same names of weights. w: windows, t: tokens, h: heads, d: width.
"""

from dataclasses import dataclass, fields
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, scaled_dot_product_attention

FULL, SLIDING = "full_attention", "sliding_attention"


@dataclass(frozen=True)
class ModernBertShape:
    """The fields of transformers' `ModernBertConfig` that decide the arithmetic of inference."""

    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    local_attention: int
    layer_types: list[str]
    rope_parameters: dict[str, dict[str, Any]]
    hidden_activation: str
    norm_eps: float
    norm_bias: bool
    attention_bias: bool
    mlp_bias: bool

    @classmethod
    def of(cls, config: dict[str, Any]) -> "ModernBertShape | None":
        """The shape that a backbone's `config.json` tells; None where this module cannot compute it."""
        names = [field.name for field in fields(cls)]
        if config.get("model_type") != "modernbert" or "head_dim" in config or any(n not in config for n in names):
            return None
        shape = cls(**{name: config[name] for name in names})
        plain = all(
            (shape.rope_parameters.get(kind) or {}).get("rope_type") == "default" for kind in set(shape.layer_types)
        )
        known = set(shape.layer_types) <= {FULL, SLIDING} and shape.hidden_activation == "gelu"
        return shape if plain and known else None

    @property
    def half_window(self) -> int:
        """Tokens to each side that a sliding layer attends to."""
        return self.local_attention // 2


class ModernBertEncoder(nn.Module):
    """Token ids to token states."""

    def __init__(self, shape: ModernBertShape) -> None:
        super().__init__()
        self.shape = shape
        self.embeddings = nn.ModuleDict(
            {"tok_embeddings": nn.Embedding(shape.vocab_size, shape.hidden_size), "norm": _norm(shape)}
        )
        self.layers = nn.ModuleList(_Layer(shape, first=i == 0) for i in range(shape.num_hidden_layers))
        self.final_norm = _norm(shape)

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None) -> Tensor:
        """Token ids [w, t] and mask [w, t], 0 on padding, None without any -> token states [w, t, d]."""
        states: Tensor = self.embeddings["norm"](self.embeddings["tok_embeddings"](input_ids))
        real = torch.ones_like(input_ids, dtype=torch.bool) if attention_mask is None else attention_mask.bool()
        masks = {FULL: _mask(real, None), SLIDING: _mask(real, self.shape.half_window)}
        turns = {kind: self._turns(kind, states) for kind in set(self.shape.layer_types)}
        for layer, kind in zip(self.layers, self.shape.layer_types, strict=True):
            states = layer(states, masks[kind], turns[kind])
        final: Tensor = self.final_norm(states)
        return final

    def _turns(self, kind: str, states: Tensor) -> tuple[Tensor, Tensor]:
        """Cosine and sine of each position's rotation [1, 1, t, d/h] (RoFormer, Su et al. 2021)."""
        width = self.shape.hidden_size // self.shape.num_attention_heads
        # On the CPU first, as transformers has it: other devices round powers in their own way.
        steps = torch.arange(0, width, 2, dtype=torch.float) / width
        frequencies = (1.0 / (self.shape.rope_parameters[kind]["rope_theta"] ** steps)).to(states.device)
        positions = torch.arange(states.shape[1], device=states.device)[None, :, None].float()
        angles = positions * frequencies
        both = torch.cat((angles, angles), dim=-1).unsqueeze(1)
        return both.cos(), both.sin()


class _Layer(nn.Module):
    def __init__(self, shape: ModernBertShape, *, first: bool) -> None:
        super().__init__()
        width, inner = shape.hidden_size, shape.intermediate_size
        self.heads = shape.num_attention_heads
        self.attn_norm = nn.Identity() if first else _norm(shape)
        self.attn = nn.ModuleDict(
            {
                "Wqkv": nn.Linear(width, 3 * width, bias=shape.attention_bias),
                "Wo": nn.Linear(width, width, bias=shape.attention_bias),
            }
        )
        self.mlp_norm = _norm(shape)
        self.mlp = nn.ModuleDict(
            {
                "Wi": nn.Linear(width, 2 * inner, bias=shape.mlp_bias),
                "Wo": nn.Linear(inner, width, bias=shape.mlp_bias),
            }
        )

    def forward(self, states: Tensor, mask: Tensor | None, turns: tuple[Tensor, Tensor]) -> Tensor:
        states = states + self._attend(self.attn_norm(states), mask, turns)
        value, gate = self.mlp["Wi"](self.mlp_norm(states)).chunk(2, dim=-1)
        changed: Tensor = states + self.mlp["Wo"](gelu(value) * gate)
        return changed

    def _attend(self, states: Tensor, mask: Tensor | None, turns: tuple[Tensor, Tensor]) -> Tensor:
        windows, tokens, width = states.shape
        parts = self.attn["Wqkv"](states).view(windows, tokens, 3, self.heads, width // self.heads)
        query, key, value = (part.transpose(1, 2) for part in parts.unbind(dim=2))  # [w, h, t, d/h] each
        query, key = _turned(query, turns), _turned(key, turns)
        scale = (width // self.heads) ** -0.5
        mixed = scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=scale)
        out: Tensor = self.attn["Wo"](mixed.transpose(1, 2).reshape(windows, tokens, width))
        return out


def _norm(shape: ModernBertShape) -> nn.LayerNorm:
    return nn.LayerNorm(shape.hidden_size, eps=shape.norm_eps, bias=shape.norm_bias)


def _turned(vectors: Tensor, turns: tuple[Tensor, Tensor]) -> Tensor:
    cos, sin = turns
    first, second = vectors.chunk(2, dim=-1)
    # The angles are float32 whatever the vectors are.
    return (vectors * cos + torch.cat((-second, first), dim=-1) * sin).to(vectors.dtype)


def _mask(real: Tensor, half_window: int | None) -> Tensor | None:
    """Which token may attend to which [w, 1, t, t]; None if every one to every one, which torch computes faster."""
    windows, tokens = real.shape
    if bool(real.all()) and (half_window is None or tokens < half_window):
        return None
    allowed = real[:, None, None, :].expand(windows, 1, tokens, tokens)
    if half_window is None:
        return allowed
    places = torch.arange(tokens, device=real.device)
    return allowed & ((places[:, None] - places[None, :]).abs() <= half_window)
