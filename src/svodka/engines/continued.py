"""Writing by a decoder-only backbone: its steps over the keys and values that the reading left.

b: articles, k: beams, t: tokens of an article and of what was written, u: tokens written, v: pieces.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from svodka.config.summary import SummaryConfig
from svodka.engines.growing import GrowingCaches
from svodka.engines.own_writer import absent_pieces, pieces_with_digits, wanted
from svodka.engines.t5.search import SearchSettings, all_found
from svodka.heads.continued import ContinuedWriter, Remembered

if TYPE_CHECKING:
    from svodka.engines.arithmetic import WriteAll
    from svodka.model.reading import HeadOutputs


def continued_writer(model: Any, tokenizer: Any) -> "WriteAll":
    """What writes by a decoder-only backbone; a piece with a digit is written only if the article has it."""
    settings = model.config.heads.decoder
    digits = pieces_with_digits(tokenizer, model.embedding_rows)

    def write(reading: "HeadOutputs", summary: SummaryConfig) -> list[list[list[int]]]:
        assert reading.remembered is not None
        prompt = settings.prompts[wanted(summary)[0]]
        absent = absent_pieces(digits.to(reading.ids.device), reading)
        steps = ContinuedSteps(model, reading.remembered, prompt[:-1], absent)
        search = SearchSettings.of(summary, prompt[-1], (settings.end,), most=settings.max_tokens)
        return all_found(steps, reading.states, reading.mask, settings=search)

    return write


@dataclass
class ContinuedCaches(GrowingCaches):
    """What a step needs of the steps before.

    Attributes:
        remembered: of each beam [b * k].
    """

    remembered: Remembered

    def choose(self, rows: Tensor) -> None:
        """As in `GrowingCaches`."""
        self.remembered = self.remembered.chosen(rows)


class ContinuedSteps:
    """The steps of a decoder-only backbone behind articles that it has read."""

    def __init__(self, model: ContinuedWriter, remembered: Remembered, prompt: list[int], absent: Tensor) -> None:
        """Take what was remembered of the articles [b]; `prompt`: what stands before the first step's token."""
        self._model, self._remembered, self._prompt, self._absent = model, remembered, prompt, absent

    def start(self, states: Tensor, mask: Tensor, *, beams: int, room: int) -> ContinuedCaches:
        """Caches for the articles; they grow as they must."""
        remembered = self._remembered
        if self._prompt:
            prompt = torch.tensor([self._prompt], device=mask.device).expand(len(mask), -1)
            _, remembered = self._model.write_on(remembered, prompt)
        rows = torch.arange(len(mask), device=mask.device).repeat_interleave(beams)
        return ContinuedCaches(self._absent, beams, remembered.chosen(rows))

    def step(self, tokens: Tensor, caches: ContinuedCaches, *, reach: int) -> Tensor:
        """Write tokens [b, k] behind each beam -> log probabilities of the next ones [b, k, v]."""
        logits, caches.remembered = self._model.write_on(caches.remembered, tokens.reshape(-1, 1))
        chances = logits[:, -1].float().log_softmax(dim=-1).view(*tokens.shape, -1)
        return chances.masked_fill(caches.absent.unsqueeze(1), -torch.inf)
