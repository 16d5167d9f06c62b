"""Greedy and beam search over a decoder that steps, with the results of transformers' `generate`.

b: articles, k: beams, t: tokens written, the start token included, v: vocabulary.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from svodka.config.summary import SummaryConfig
from svodka.engines.t5.steps import Caches, Decoder, steps_over


@dataclass(frozen=True)
class SearchSettings:
    """How to search.

    Attributes:
        start: token id that every summary begins with.
        ends: token ids that end one.
        room: most tokens to write.
        beams: 1 is greedy.
        length_penalty: a finished beam's log probability is divided by its tokens to this power.
        no_repeat_ngram: size of n-grams that may not come twice; 0 allows all.
    """

    start: int
    ends: tuple[int, ...]
    room: int
    beams: int = 1
    length_penalty: float = 1.0
    no_repeat_ngram: int = 0

    @classmethod
    def of(
        cls, summary: SummaryConfig, start: int, ends: tuple[int, ...], *, most: int | None = None
    ) -> "SearchSettings":
        """What a summary's settings ask for; `most`: tokens that the decoder has learnt to write, None for any."""
        room = summary.max_new_tokens if most is None else min(summary.max_new_tokens, most)
        return cls(start, ends, room, summary.beams, summary.length_penalty, summary.no_repeat_ngram)


def search(decoder: Decoder, states: Tensor, mask: Tensor, *, settings: SearchSettings) -> list[list[int]]:
    """Token ids of each article's best summary; arguments as of `all_found`."""
    return [found[0] for found in all_found(decoder, states, mask, settings=settings)]


def all_found(decoder: Decoder, states: Tensor, mask: Tensor, *, settings: SearchSettings) -> list[list[list[int]]]:
    """Token ids of each article's summaries, best first: of every finished beam one.

    They are without the start token, and with the end token where one was written.

    Args:
        decoder: what writes.
        states: token states [b, s, d]; mask: [b, s], True on text.
        settings: how.
    """
    caches = decoder.start(states, mask, beams=settings.beams, room=settings.room)
    if settings.beams == 1:
        return [[tokens] for tokens in _greedy(decoder, caches, len(states), settings)]
    return _beams(decoder, caches, len(states), settings)


def _greedy(decoder: Decoder, caches: Caches, n: int, settings: SearchSettings) -> list[list[int]]:
    device = caches.device
    written = torch.full((n, 1), settings.start, device=device)  # [b, t] of the articles that still run
    running = list(range(n))
    done: list[list[int]] = [[] for _ in range(n)]
    ends = torch.tensor(settings.ends, device=device)
    open_ = torch.ones(n, dtype=torch.bool, device=device)
    step = steps_over(decoder, caches)
    for _ in range(settings.room):
        logits = step(written[:, -1:]).squeeze(1).float()
        _forbid_repeats(logits, written, settings.no_repeat_ngram)
        written = torch.cat([written, _largest(logits)], dim=1)
        open_ &= ~torch.isin(written[:, -1], ends)
        n_open = int(open_.sum())
        # The finished ones are computed along until they are half of all, or to the end where shapes are fixed.
        if n_open <= (0 if step.fixed else len(running) // 2):
            _collect(done, running, written, ~open_, settings)
            kept = open_.nonzero().squeeze(1).tolist()
            running = [running[i] for i in kept]
            if not running:
                return done
            caches.keep(kept)
            written, open_ = written[kept], open_[kept]
    _collect(done, running, written, torch.ones_like(open_), settings)
    return done


def _largest(logits: Tensor) -> Tensor:
    """Place of the largest of each row [r, v] -> [r, 1]."""
    if logits.device.type == "cpu":  # numpy's takes a fifth of the time there
        return torch.from_numpy(logits.numpy().argmax(axis=-1, keepdims=True))
    return logits.argmax(dim=-1, keepdim=True)


def _collect(
    done: list[list[int]], running: list[int], written: Tensor, which: Tensor, settings: SearchSettings
) -> None:
    for i in which.nonzero().squeeze(1).tolist():
        tokens = written[i, 1:].tolist()
        end = next((place for place, token in enumerate(tokens, 1) if token in settings.ends), len(tokens))
        done[running[i]] = tokens[:end]


@dataclass
class _Finished:
    """An article's finished beams: (score, tokens), best first, at most k."""

    beams: int
    found: list[tuple[float, list[int]]] = field(default_factory=list)

    @property
    def full(self) -> bool:
        return len(self.found) == self.beams

    def add(self, found: list[tuple[float, list[int]]]) -> None:
        self.found = sorted([*self.found, *found], key=lambda one: -one[0])[: self.beams]


def _beams(decoder: Decoder, caches: Caches, n: int, settings: SearchSettings) -> list[list[list[int]]]:
    """Beam search that ends an article as soon as it has k finished beams (`early_stopping=True`)."""
    k, device = settings.beams, caches.device
    written = torch.full((n, k, 1), settings.start, device=device)  # [b, k, t]
    scores = torch.full((n, k), -1e9, device=device)  # all beams are the same at first: only one counts
    scores[:, 0] = 0.0
    running = list(range(n))
    finished = [_Finished(k) for _ in range(n)]
    step = steps_over(decoder, caches)
    for place in range(settings.room):
        logits = step(written[:, :, -1]).float()  # [b, k, v]
        candidates = _candidates(logits, written, scores, settings)
        last = place + 1 == settings.room
        scores, parents, tokens = _advance(candidates, written, [finished[i] for i in running], settings, last=last)
        still = [i for i, article in enumerate(running) if not finished[article].full]
        if last or not still:
            break
        written = torch.cat([written.gather(1, parents.unsqueeze(-1).expand_as(written)), tokens.unsqueeze(-1)], dim=2)
        caches.move(parents)
        if len(still) <= len(running) // 2 and not step.fixed:
            caches.keep(still)
            written, scores, running = written[still], scores[still], [running[i] for i in still]
    return [[tokens for _, tokens in one.found] for one in finished]


def _candidates(logits: Tensor, written: Tensor, scores: Tensor, settings: SearchSettings) -> tuple[Tensor, ...]:
    """The best continuations of each article, best first: score, beam and token [b, c].

    There are so many that k of them do not end, whatever the others do.
    """
    n, k, _ = logits.shape
    width = max(2, 1 + len(settings.ends)) * k
    chances = logits.log_softmax(dim=-1)
    _forbid_repeats(chances.flatten(0, 1), written.flatten(0, 1), settings.no_repeat_ngram)
    best, tokens = chances.topk(min(width, chances.shape[-1]), dim=-1)  # [b, k, c]
    each = best.shape[-1]
    values, places = (best + scores.unsqueeze(-1)).view(n, -1).topk(min(width, k * each), dim=-1)
    return values, places // each, tokens.view(n, -1).gather(1, places)


def _advance(
    candidates: tuple[Tensor, ...], written: Tensor, finished: list[_Finished], settings: SearchSettings, *, last: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Put away what ends, go on with the best that does not: scores, parents and tokens [b, k]."""
    k, device, length = settings.beams, written.device, written.shape[2]
    going = []
    for article, (values, beams, tokens) in enumerate(zip(*(c.tolist() for c in candidates), strict=True)):
        ended: list[tuple[float, list[int]]] = []
        onward: list[tuple[float, int, int]] = []
        for rank, (value, beam, token) in enumerate(zip(values, beams, tokens, strict=True)):
            if token in settings.ends or last:
                if rank < k:  # further ones are there only so that enough go on
                    tokens_so_far = written[article, beam, 1:].tolist()
                    ended.append((value / length**settings.length_penalty, [*tokens_so_far, token]))
            elif len(onward) < k:
                onward.append((value, beam, token))
        if not finished[article].full:
            finished[article].add(ended)
        going.append(onward)
    if last:
        return written.new_empty(0), written.new_empty(0), written.new_empty(0)
    values, parents, tokens = (
        torch.tensor([[one[i] for one in row] for row in going], device=device) for i in range(3)
    )
    return values, parents, tokens


def _forbid_repeats(logits: Tensor, written: Tensor, size: int) -> None:
    """Put minus infinity where a token would complete an n-gram that was written: logits [r, v], written [r, t]."""
    if not size or written.shape[1] < size:
        return
    grams = written.unfold(1, size, 1)  # [r, t - size + 1, size]
    latest = written[:, written.shape[1] - size + 1 :].unsqueeze(1)
    rows, places = (grams[..., :-1] == latest).all(dim=-1).nonzero(as_tuple=True)
    logits[rows, grams[rows, places, -1]] = -torch.inf
