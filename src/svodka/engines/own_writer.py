"""Writing by a decoder of our own: its steps over keys and values that are kept, as the search takes them.

b: articles, k: beams, u: tokens written, s: tokens of an article's windows, d: width of a state, v: pieces.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from svodka.config.summary import SummaryConfig
from svodka.engines.growing import GrowingCaches
from svodka.engines.products import Maker
from svodka.engines.t5.search import SearchSettings, all_found
from svodka.heads.writer import Past, Source, Writer, signals_within

if TYPE_CHECKING:
    from svodka.engines.arithmetic import WriteAll
    from svodka.model.reading import HeadOutputs

_LETTERS_A_WORD = 7  # with the space behind it, in Russian news; of a budget in characters


def own_writer(model: Any, tokenizer: Any, make: Maker) -> "WriteAll":
    """What writes by a model's own decoder; `make`: makes the product with the token embedding, the largest by far.

    A piece with a digit is written only if the article has it; of names the search's beams leave a choice.
    """
    settings, embedding = model.config.heads.decoder, model.token_embedding.detach().to(model.writer.bias.dtype)
    head, digits = make(embedding), pieces_with_digits(tokenizer, len(embedding)).to(embedding.device)

    def write(reading: "HeadOutputs", summary: SummaryConfig) -> list[list[list[int]]]:
        signals = torch.tensor([wanted(summary)], device=embedding.device).expand(len(reading.states), -1)
        source = model.read_to_write(reading.states, reading.mask, reading.ids, signals)
        steps = WriterSteps(model.writer, embedding, head, source=source, absent=absent_pieces(digits, reading))
        # The first token holds the place of the signals.
        search = SearchSettings.of(summary, settings.end, (settings.end,), most=settings.max_tokens)
        return all_found(steps, reading.states, reading.mask, settings=search)

    return write


def wanted(summary: SummaryConfig) -> list[int]:
    """Kind and length that settings ask for, as `signals_of` tells them."""
    kind, most = ("headline", summary.headline_words) if summary.mode == "headline" else ("summary", summary.words)
    return signals_within(kind, min(most, (summary.characters or 10**9) // _LETTERS_A_WORD))


def pieces_with_digits(tokenizer: Any, pieces: int) -> Tensor:
    """Whether each piece [v] has a digit."""
    found = torch.zeros(pieces, dtype=torch.bool)
    places = [place for piece, place in tokenizer.get_vocab().items() if any(map(str.isdigit, piece))]
    found[places] = True
    return found


def absent_pieces(digits: Tensor, reading: "HeadOutputs") -> Tensor:
    """Pieces with digits that an article does not have [b, v], for `digits` [v]."""
    absent = digits.expand(len(reading.ids), -1).clone()
    own = reading.mask & digits[reading.ids]
    rows = torch.arange(len(absent), device=absent.device).unsqueeze(1).expand_as(own)
    absent[rows[own], reading.ids[own]] = False
    return absent


@dataclass
class WriterCaches(GrowingCaches):
    """What a step needs of the steps before.

    Attributes:
        source: the articles.
        past: of each layer, empty before the first step.
    """

    source: Source
    past: Past

    def keep(self, articles: list[int]) -> None:
        """As in `GrowingCaches`."""
        self.source.keep(articles)
        super().keep(articles)

    def choose(self, rows: Tensor) -> None:
        """As in `GrowingCaches`."""
        self.past[:] = [(keys[rows], values[rows]) for keys, values in self.past]


class WriterSteps:
    """The steps of a decoder of our own, over articles that it has read."""

    def __init__(self, writer: Writer, embedding: Tensor, head: Any, *, source: Source, absent: Tensor) -> None:
        self._writer, self._embedding, self._head = writer, embedding, head
        self._source, self._absent = source, absent

    def start(self, states: Tensor, mask: Tensor, *, beams: int, room: int) -> WriterCaches:
        """Caches for the articles; they grow as they must."""
        return WriterCaches(self._absent, beams, self._source, [])

    def step(self, tokens: Tensor, caches: WriterCaches, *, reach: int) -> Tensor:
        """Write tokens [b, k] behind each beam -> log probabilities of the next ones [b, k, v]."""
        writer = self._writer
        states = writer(tokens.unsqueeze(-1), caches.source, self._embedding, caches.past)
        logits = self._head(writer.before_vocabulary(states))[0] + writer.bias
        chances = writer.log_chances(logits, states, caches.source).squeeze(2)
        return chances.masked_fill(caches.absent.unsqueeze(1), -torch.inf)
