"""What a step of the decoder is bound by: the numbers that it reads, and its operations, beside the measured rates."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch

from speed import card
from speed.contenders import NEW_TOKENS
from speed.encoders import FORMATS
from speed.machine import memory_rate
from speed.rounds import Spread, run_rounds
from speed.setting import Section, Setting
from speed.shapes import MT5, WINDOW, Heads, bundle
from svodka.bundle import load_bundle
from svodka.engines import make_engine
from svodka.engines.arithmetic import own_decoder
from svodka.engines.t5.decoder import Caches, T5Decoder
from svodka.engines.t5.steps import steps_over

ARTICLES = 32  # as many as are written at once on a CPU
BEAMS = (1, 4)
# Bytes of a weight, of a number of an article's keys and values, and of one of the text's.
_BYTES = {"fast": (4, 4, 4), "int8": (1, 1, 4), "bf16": (2, 2, 2)}
_HEADER = (
    "", "beams", "ms a step", "GB/s", "of the measured reading rate", "GFLOP/s", "of the measured matrix rate",
)  # fmt: skip


@dataclass(frozen=True)
class Work:
    """What a step has to do at least.

    Attributes:
        bytes: read once each: the weights of its products, and the keys and values of article and text.
        operations: of all products, attention's among them.
    """

    bytes: float
    operations: float

    @classmethod
    def of(
        cls, config: Any, *, articles: int, beams: int, tokens: int, written: float, sizes: tuple[int, int, int]
    ) -> "Work":
        """Count for a decoder like T5's, gated.

        Args:
            config: of transformers.
            articles, beams: that are written at once.
            tokens: of an article.
            written: tokens so far.
            sizes: bytes of a weight, of a number of an article's keys and values, and of one of the text's.
        """
        inner = config.num_heads * config.d_kv
        # Own queries, keys, values and output; queries and output to the article; the gated feed-forward part.
        layer = config.d_model * (6 * inner + 3 * config.d_ff)
        weights = config.num_decoder_layers * layer + config.d_model * config.vocab_size
        rows = articles * beams
        cached = 2 * config.num_decoder_layers * articles * inner * (tokens * sizes[1] + written * beams * sizes[2])
        attention = 4 * config.num_decoder_layers * rows * inner * (tokens + written * beams)
        return cls(weights * sizes[0] + cached, 2.0 * weights * rows + attention)


def decoders(setting: Setting, peaks: Mapping[str, float]) -> Section:
    """Steps of mT5-small's decoder behind full windows, by each engine that has them."""
    rate = memory_rate(setting.device)
    cells, data = [], dict[str, Any]()
    for beams in BEAMS:
        runs, works = dict[str, Callable[[], None]](), dict[str, Work]()
        for engine in (engine for engine in setting.engines if engine in _BYTES):
            if engine == "int8" and card.is_card(setting.device):
                continue
            runs[engine], works[engine] = _run(engine, beams, setting)
        seconds = run_rounds(runs, setting.rounds, setting.seed)
        for engine, work in works.items():
            each = [taken / NEW_TOKENS for taken in seconds[engine]]
            peak = peaks[FORMATS.get(engine, "float32")]
            cells.append([f"{MT5.name}, {engine}", str(beams), *_cells(work, each, rate, peak)])
            data[f"{engine}, {beams}"] = {"seconds": each, "bytes": work.bytes, "operations": work.operations}
    notes = [
        f"{ARTICLES} articles of {WINDOW} tokens at once, {NEW_TOKENS} steps, {setting.rounds} rounds. Measured "
        f"reading rate: {rate:.1f} GB/s. A step reads at least its weights and the keys and values of the articles, "
        "once; int8's operations stand beside the rate of float32.",
    ]
    return Section("A step of the decoder", _HEADER, cells, notes, {"reading_rate": rate, "steps": data})


def _run(engine: str, beams: int, setting: Setting) -> tuple[Callable[[], None], Work]:
    made = load_bundle(bundle(MT5, Heads(writes=True), setting))
    make_engine(engine, made, device=setting.device)  # places the model, and gives it its number format
    backbone = made.model.backbone
    decoder = own_decoder(made.model, int8=engine == "int8")
    dtype = torch.bfloat16 if engine == "bf16" else torch.float32
    chance = torch.Generator().manual_seed(setting.seed)
    states = torch.randn(ARTICLES, WINDOW, backbone.config.d_model, generator=chance).to(setting.device, dtype)
    with torch.inference_mode():
        mask = torch.ones(states.shape[:2], dtype=torch.bool, device=states.device)
        caches = decoder.start(states, mask, beams=beams, room=NEW_TOKENS)
    work = Work.of(
        backbone.config, articles=ARTICLES, beams=beams, tokens=WINDOW, written=NEW_TOKENS / 2, sizes=_BYTES[engine]
    )
    run = partial(_write, decoder, caches, setting.device)
    run()
    return run, work


@torch.inference_mode()
def _write(decoder: T5Decoder, caches: Caches, device: str) -> None:
    caches.place.zero_()
    step, tokens = steps_over(decoder, caches), torch.zeros_like(caches.ancestry[:, :, 0])
    for _ in range(NEW_TOKENS):
        tokens = step(tokens).argmax(dim=-1)
    card.wait(device)


def _cells(work: Work, seconds: Sequence[float], rate: float, peak: float) -> list[str]:
    """Under the header's last five columns.

    Args:
        work: of a step.
        seconds: of a step, in each round.
        rate: GB/s that a plain reading has.
        peak: GFLOP/s that a plain product has.
    """
    read = [work.bytes / taken / 1e9 for taken in seconds]
    done = [work.operations / taken / 1e9 for taken in seconds]
    share, of_peak = Spread.of([one / rate for one in read]), Spread.of([one / peak for one in done])
    step = Spread.of([1e3 * taken for taken in seconds])
    return [f"{step:.2f}", f"{Spread.of(read):.1f}", f"{share:.0%}", f"{Spread.of(done):.0f}", f"{of_peak:.0%}"]
