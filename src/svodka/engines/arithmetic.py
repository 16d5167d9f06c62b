"""Encoding and writing: as transformers does it, or faster with the same results.

b: articles, n: windows, t: tokens of a window, s: tokens of an article's windows, d: width of a token state.
"""

from collections.abc import Callable, Iterator, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from svodka.config.summary import SummaryConfig
from svodka.engines.batches import TOKENS_A_CORE
from svodka.engines.products import as_stored, in_int8
from svodka.model.reading import ArticleReader, HeadOutputs, WindowEncoder

if TYPE_CHECKING:
    from svodka.engines.t5.decoder import T5Decoder
    from svodka.engines.t5.search import SearchSettings
    from svodka.model.news_model import NewsModel

# (token states [b, s, d], mask [b, s]) -> token ids of each summary
Writer = Callable[[Tensor, Tensor], list[list[int]]]
# (what was read of articles, what is asked for) -> token ids of each one's summaries, best first
WriteAll = Callable[[HeadOutputs, SummaryConfig], list[list[list[int]]]]
# So many tokens are enough for an encoder's matrix products to run at their full rate.
FILLING_TOKENS = 512

OWN_FAMILIES = ("t5", "mt5", "umt5")  # those that have an encoder and a search of their own here


def stock_writer(model: "NewsModel", summary: SummaryConfig) -> Writer:
    """transformers' `generate`."""
    settings: dict[str, Any] = {
        "max_new_tokens": summary.max_new_tokens,
        "num_beams": summary.beams,
        "do_sample": False,
        "length_penalty": summary.length_penalty,
        "no_repeat_ngram_size": summary.no_repeat_ngram,
        "early_stopping": summary.beams > 1,
    }

    def write(states: Tensor, mask: Tensor) -> list[list[int]]:
        ids: list[list[int]] = model.write(states, mask, **settings).tolist()
        return ids

    return write


def fast_writer(model: "NewsModel", summary: SummaryConfig, *, int8: bool = False) -> Writer:
    """A loop of our own where the family has one, its products in int8 if asked for; else `generate`."""
    settings = _search_settings(model, summary)
    if settings is None:
        return stock_writer(model, summary)
    from svodka.engines.t5.search import search

    decoder, one_at_a_time = own_decoder(model, int8=int8), Lock()

    def write(states: Tensor, mask: Tensor) -> list[list[int]]:
        with one_at_a_time:  # an application may call from several threads
            return search(decoder, states, mask, settings=settings)

    return write


def only_one(write: Writer) -> WriteAll:
    """The form of a backbone's writer, which has one summary an article and takes no wishes."""
    return lambda reading, _: [[ids] for ids in write(reading.states, reading.mask)]


def own_decoder(model: "NewsModel", *, int8: bool) -> "T5Decoder":
    """The decoder of a model of `OWN_FAMILIES`, its products in int8 if asked for."""
    from svodka.engines.t5.decoder import T5Decoder
    from svodka.engines.t5.keys_values import Int8Rows

    return T5Decoder(model.backbone, in_int8, in_int8, Int8Rows) if int8 else T5Decoder(model.backbone)


def fast_encoder(model: ArticleReader, *, int8: bool = False) -> WindowEncoder:
    """The encoder, in batches that fit a CPU's caches; an own one where the family has one, in int8 if asked for.

    Windows must have their text first and what pads them behind it.
    """
    own = _own_encoder(model, int8=int8)

    def encode(ids: Tensor, mask: Tensor) -> Tensor:
        if own is not None:
            return own(ids, mask.bool())
        # Without padding a mask only costs: attention is faster with none.
        return model.token_states(ids, None if mask.all() else mask)

    def encode_in_chunks(ids: Tensor, mask: Tensor) -> Tensor:
        if ids.device.type != "cpu":
            return encode(ids, mask)
        lengths = mask.sum(dim=1).tolist()
        found: Tensor | None = None
        for chunk in chunks(lengths, TOKENS_A_CORE * torch.get_num_threads()):
            width = lengths[chunk[0]]
            states = encode(ids[chunk, :width], mask[chunk, :width])
            if found is None:
                found = states.new_zeros(*ids.shape, states.shape[-1])
            found[chunk, :width] = states
        assert found is not None
        return found

    return encode_in_chunks


def chunks(lengths: Sequence[int], most: int) -> Iterator[list[int]]:
    """Positions of windows in chunks for a CPU, longest first, as equal in length as leaves them long enough.

    Args:
        lengths: tokens of each window.
        most: tokens of a chunk, unless it is a single window.
    """
    chunk: list[int] = []
    for position in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if chunk:
            width = lengths[chunk[0]]
            shorter = lengths[position] < width and len(chunk) * width >= FILLING_TOKENS
            if shorter or (len(chunk) + 1) * width > most:
                yield chunk
                chunk = []
        chunk.append(position)
    if chunk:
        yield chunk


def _own_encoder(model: ArticleReader, *, int8: bool) -> WindowEncoder | None:
    if model.family not in OWN_FAMILIES:
        return None
    # transformers takes seconds to import, and most models do without.
    from svodka.engines.t5.encoder import T5Encoder

    return T5Encoder(model.backbone, in_int8 if int8 else as_stored)


def _search_settings(model: "NewsModel", summary: SummaryConfig) -> "SearchSettings | None":
    """Settings of our own search; None where the model asks for what only `generate` does."""
    if model.family not in OWN_FAMILIES:
        return None
    from svodka.engines.t5.search import SearchSettings

    backbone, decoder = model.backbone.config, model.config.heads.decoder
    generation = model.backbone.generation_config
    start = decoder.start if decoder.start is not None else backbone.decoder_start_token_id
    end = decoder.end if decoder.end is not None else generation.eos_token_id
    asks_more = decoder.first is not None or generation.forced_eos_token_id is not None
    if asks_more or start is None or end is None:
        return None
    return SearchSettings.of(summary, start, tuple(end) if isinstance(end, list) else (end,))
