"""What the encoder made of windows that were read before, so that to learn again reads only what is new.

n: windows, t: tokens of a window, d: width of a token state.
"""

from torch import Tensor

from svodka.model.reading import WindowEncoder

MOST_NUMBERS = 32_000_000  # of all states; 128 MB of float32, some 250 articles of 1,000 characters in width 384


class KeptStates:
    """Token states by the tokens of their window. They are those of one encoder; several threads may ask at once."""

    def __init__(self, most: int = MOST_NUMBERS) -> None:
        """Begin with none; what exceeds `most` numbers is computed again each time."""
        self._most = most
        self._kept: dict[bytes, Tensor] = {}
        self._asked: set[bytes] = set()

    def encoder(self, compute: WindowEncoder) -> WindowEncoder:
        """What takes the place of an encoder: it computes the windows alone that were never computed."""

        def encode(ids: Tensor, mask: Tensor) -> Tensor:
            lengths = mask.sum(dim=1).tolist()
            keys = [row[:n].cpu().numpy().tobytes() for row, n in zip(ids, lengths, strict=True)]
            self._asked.update(keys)
            found = {key: self._kept[key] for key in keys if key in self._kept}
            fresh = [row for row, key in enumerate(keys) if key not in found]
            if fresh:
                states = compute(ids[fresh], mask[fresh])
                for row, own in zip(fresh, states, strict=True):
                    found[keys[row]] = own[: lengths[row]].cpu().clone()
                    self._keep(keys[row], found[keys[row]])
            width = found[keys[0]].shape[-1]
            whole = found[keys[0]].new_zeros(*ids.shape, width)
            for row, (key, n) in enumerate(zip(keys, lengths, strict=True)):
                whole[row, :n] = found[key]
            return whole.to(ids.device)

        return encode

    def forget_unasked(self) -> None:
        """Keep no window that nobody has asked for since this was last called."""
        self._kept = {key: states for key, states in self._kept.items() if key in self._asked}
        self._asked = set()

    def _keep(self, key: bytes, states: Tensor) -> None:
        if states.numel() + sum(one.numel() for one in self._kept.copy().values()) <= self._most:
            self._kept[key] = states
