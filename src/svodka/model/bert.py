"""BERT's encoder (Devlin et al. 2019) for reading, in torch alone: loading transformers takes longer.

It computes what transformers' `BertModel` does with sdpa, operation for operation, so that both give the same bits (a
test compares them), and has the same names of weights, without a pooler. w: windows, t: tokens, h: heads, d: width.
"""

from dataclasses import dataclass, fields
from typing import Any

from torch import Tensor, nn
from torch.nn.functional import gelu, scaled_dot_product_attention

# Settings that would change the arithmetic -> the value with which it is the one of this module.
_PLAIN = {
    "hidden_act": "gelu", "is_decoder": False, "add_cross_attention": False, "chunk_size_feed_forward": 0,
    "position_embedding_type": "absolute",
}  # fmt: skip


@dataclass(frozen=True)
class BertShape:
    """The fields of transformers' `BertConfig` that decide the arithmetic of inference."""

    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    max_position_embeddings: int
    type_vocab_size: int
    layer_norm_eps: float

    @classmethod
    def of(cls, config: dict[str, Any]) -> "BertShape | None":
        """The shape that a backbone's `config.json` tells; None where this module cannot compute it."""
        names = [field.name for field in fields(cls)]
        if config.get("model_type") != "bert" or any(name not in config for name in names):
            return None
        plain = all(config.get(name, value) == value for name, value in _PLAIN.items())
        return cls(**{name: config[name] for name in names}) if plain else None


class BertEncoder(nn.Module):
    """Token ids to token states."""

    def __init__(self, shape: BertShape) -> None:
        super().__init__()
        self.shape = shape
        self.embeddings = _Embeddings(shape)
        self.encoder = _Layers(shape)

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None) -> Tensor:
        """Token ids [w, t] and mask [w, t], 0 on padding, None without any -> token states [w, t, d]."""
        states: Tensor = self.embeddings(input_ids)
        final: Tensor = self.encoder(states, _mask(attention_mask))
        return final


class _Embeddings(nn.Module):
    def __init__(self, shape: BertShape) -> None:
        super().__init__()
        width = shape.hidden_size
        self.word_embeddings = nn.Embedding(shape.vocab_size, width)
        self.position_embeddings = nn.Embedding(shape.max_position_embeddings, width)
        self.token_type_embeddings = nn.Embedding(shape.type_vocab_size, width)
        self.LayerNorm = _norm(shape)

    def forward(self, input_ids: Tensor) -> Tensor:
        # A window is one text: all of it is of type 0.
        typed = self.word_embeddings(input_ids) + self.token_type_embeddings.weight[0]
        states: Tensor = self.LayerNorm(typed + self.position_embeddings.weight[: input_ids.shape[1]])
        return states


class _Layers(nn.Module):
    def __init__(self, shape: BertShape) -> None:
        super().__init__()
        self.layer = nn.ModuleList(_Layer(shape) for _ in range(shape.num_hidden_layers))

    def forward(self, states: Tensor, mask: Tensor | None) -> Tensor:
        for layer in self.layer:
            states = layer(states, mask)
        return states


class _Layer(nn.Module):
    def __init__(self, shape: BertShape) -> None:
        super().__init__()
        self.attention = _Attention(shape)
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(shape.hidden_size, shape.intermediate_size)})
        self.output = _Output(shape.intermediate_size, shape)

    def forward(self, states: Tensor, mask: Tensor | None) -> Tensor:
        states = self.attention(states, mask)
        changed: Tensor = self.output(gelu(self.intermediate["dense"](states)), states)
        return changed


class _Attention(nn.Module):
    def __init__(self, shape: BertShape) -> None:
        super().__init__()
        self.self = _SelfAttention(shape)
        self.output = _Output(shape.hidden_size, shape)

    def forward(self, states: Tensor, mask: Tensor | None) -> Tensor:
        changed: Tensor = self.output(self.self(states, mask), states)
        return changed


class _SelfAttention(nn.Module):
    def __init__(self, shape: BertShape) -> None:
        super().__init__()
        width = shape.hidden_size
        self.heads = shape.num_attention_heads
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))

    def forward(self, states: Tensor, mask: Tensor | None) -> Tensor:
        windows, tokens, width = states.shape
        head = width // self.heads
        query, key, value = (
            part(states).view(windows, tokens, self.heads, head).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )  # [w, h, t, d/h] each
        mixed = scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=head**-0.5)
        return mixed.transpose(1, 2).reshape(windows, tokens, width)


class _Output(nn.Module):
    """A product back to the width of the states, added to them and normalised."""

    def __init__(self, width: int, shape: BertShape) -> None:
        super().__init__()
        self.dense = nn.Linear(width, shape.hidden_size)
        self.LayerNorm = _norm(shape)

    def forward(self, found: Tensor, states: Tensor) -> Tensor:
        normed: Tensor = self.LayerNorm(self.dense(found) + states)
        return normed


def _norm(shape: BertShape) -> nn.LayerNorm:
    return nn.LayerNorm(shape.hidden_size, eps=shape.layer_norm_eps)


def _mask(attention_mask: Tensor | None) -> Tensor | None:
    """Which token may attend to which [w, 1, t, t]; None if every one to every one, which torch computes faster."""
    if attention_mask is None or bool((real := attention_mask.bool()).all()):
        return None
    windows, tokens = real.shape
    return real[:, None, None, :].expand(windows, 1, tokens, tokens)
