"""Operations of an encoder, to hold a speed against what the machine can do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_GATED = ("mt5", "modernbert")  # a third matrix in each feed-forward part


@dataclass(frozen=True)
class EncoderSize:
    """What decides an encoder's operations.

    Attributes:
        width: of a token state; inner: of all attention heads together; feed_forward: of the hidden layer.
        matrices: of the feed-forward part, 2 or 3 where it is gated.
        spans: tokens to which a token attends in each layer; None: to all of its window.
    """

    width: int
    inner: int
    feed_forward: int
    matrices: int
    spans: tuple[int | None, ...]

    @classmethod
    def of(cls, config: Any) -> "EncoderSize":
        """From the config of a BERT, a ModernBERT or a T5 with gated feed-forward parts."""
        matrices = 3 if config.model_type in _GATED else 2
        if config.model_type == "mt5":
            inner = config.num_heads * config.d_kv
            return cls(config.d_model, inner, config.d_ff, matrices, (None,) * config.num_layers)
        kinds = getattr(config, "layer_types", None) or ["full_attention"] * config.num_hidden_layers
        spans = tuple(config.local_attention if kind == "sliding_attention" else None for kind in kinds)
        return cls(config.hidden_size, config.hidden_size, config.intermediate_size, matrices, spans)

    def operations(self, lengths: Sequence[int]) -> float:
        """Floating-point operations of all matrix products over windows of these lengths, padding left out.

        A layer takes 2 a parameter and token, and for each token 4 a unit of attention's width and token that it
        attends to (Kaplan et al. 2020, section 2.1, with attention in both directions).
        """
        parameters = 4 * self.width * self.inner + self.matrices * self.width * self.feed_forward
        tokens = sum(lengths)
        return float(2 * parameters * tokens * len(self.spans) + 4 * self.inner * self._attended(lengths))

    def _attended(self, lengths: Sequence[int]) -> int:
        return sum(t * min(t, span or t) for span in self.spans for t in lengths)
