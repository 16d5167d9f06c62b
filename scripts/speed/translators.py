"""Svodka's own loop beside CTranslate2's on the same model and tokens: encoder and decoder, no text, no tags."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from speed.contenders import NEW_TOKENS, NO_REPEAT
from speed.rounds import Spread, ratios, run_rounds
from speed.setting import Section, Setting
from speed.shapes import MT5, WINDOW, Heads, bundle
from svodka.bundle import Bundle, load_bundle
from svodka.config.summary import SummaryConfig
from svodka.engines.arithmetic import fast_encoder, fast_writer

BEAMS = (1, 4)
_ENGINES = ("fast", "int8")
_NAMES = {"fast": "float32", "int8": "int8"}  # CTranslate2's for the same bits
_TITLE = "Writing beside CTranslate2"
_HEADER = ("", "beams", "articles/s", "times CTranslate2's of the same bits")


def translators(setting: Setting, _: Mapping[str, float]) -> Section:
    """Full windows of tokens in, token ids of summaries out."""
    try:
        import ctranslate2
    except ImportError:
        return Section(_TITLE, _HEADER, [], ["CTranslate2 is not installed: `pip install ctranslate2`."])
    chance = torch.Generator().manual_seed(setting.seed)
    made = load_bundle(bundle(MT5, Heads(writes=True), setting))
    ordinary = torch.tensor(sorted(set(range(len(made.tokenizer))) - set(made.tokenizer.all_special_ids)))
    ids = ordinary[torch.randint(len(ordinary), (setting.n_written, WINDOW), generator=chance)]
    cells, data = [], {}
    for beams in BEAMS:
        runs = dict[str, Callable[[], object]]()
        for engine in _ENGINES:
            runs[f"Svodka, {engine}"] = _svodka(made, ids, engine, beams)
            runs[f"CTranslate2, {_NAMES[engine]}"] = _theirs(made, ids, _NAMES[engine], beams, setting.work)
        for run in runs.values():
            run()
        seconds = run_rounds(runs, setting.rounds, setting.seed)
        for engine in _ENGINES:
            ours, theirs = f"Svodka, {engine}", f"CTranslate2, {_NAMES[engine]}"
            ratio = f"{ratios(seconds[theirs], seconds[ours]):.2f}"
            for name, told in ((ours, ratio), (theirs, "")):
                rate = Spread.of([len(ids) / taken for taken in seconds[name]])
                cells.append([name, str(beams), f"{rate:.1f}", told])
        data[str(beams)] = seconds
    notes = [
        f"{len(ids)} articles of {WINDOW} tokens at once, {NEW_TOKENS} tokens written for each, {setting.rounds} "
        f"rounds, {MT5.name}'s shape with its vocabulary cut, random weights; CTranslate2 {ctranslate2.__version__}.",
    ]
    return Section(_TITLE, _HEADER, cells, notes, data)


def _svodka(made: Bundle, ids: Tensor, engine: str, beams: int) -> Callable[[], object]:
    model = made.model.eval()
    settings = SummaryConfig(
        mode="abstractive", beams=beams, max_new_tokens=NEW_TOKENS, no_repeat_ngram=NO_REPEAT, length_penalty=1.0
    )
    encode, write = fast_encoder(model, int8=engine == "int8"), fast_writer(model, settings, int8=engine == "int8")
    mask = torch.ones_like(ids, dtype=torch.bool)

    @torch.inference_mode()
    def run() -> object:
        return _whole(write(encode(ids, mask), mask))

    return run


def _theirs(made: Bundle, ids: Tensor, bits: str, beams: int, work: Path) -> Callable[[], object]:
    from ctranslate2 import Translator
    from ctranslate2.converters import TransformersConverter

    source, target = work / "for CTranslate2", work / f"CTranslate2 {bits}"
    if not source.exists():
        made.model.backbone.save_pretrained(source)
        made.tokenizer.save_pretrained(source)
    if not target.exists():
        TransformersConverter(str(source)).convert(str(target), quantization=bits)
    translator = Translator(str(target), device="cpu", intra_threads=torch.get_num_threads(), compute_type=bits)
    tokens = [made.tokenizer.convert_ids_to_tokens(row) for row in ids.tolist()]
    options: dict[str, Any] = {
        "beam_size": beams, "max_decoding_length": NEW_TOKENS, "min_decoding_length": NEW_TOKENS,
        "no_repeat_ngram_size": NO_REPEAT, "max_input_length": 0, "max_batch_size": 0,
    }  # fmt: skip

    def run() -> object:
        return _whole([found.hypotheses[0] for found in translator.translate_batch(tokens, **options)])

    return run


def _whole(written: list[Any]) -> list[Any]:
    """The same, if all wrote as much as they should."""
    lengths = {len(tokens) for tokens in written}
    if lengths != {NEW_TOKENS}:
        raise RuntimeError(f"{lengths} tokens were written instead of {NEW_TOKENS}")
    return written
