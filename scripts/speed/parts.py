"""The parts of the benchmark: what stands against what."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from speed.compare import REFERENCE, Comparison, compare
from speed.contenders import LONGEST, NEW_TOKENS, PIPELINE_BATCH, WRITER_BATCH, Spec, load
from speed.rounds import Spread, ratios, run_rounds
from speed.setting import Section, Setting
from speed.shapes import (
    ALL_WINDOWS,
    MINILM,
    MT5,
    TAGS,
    TINY,
    WINDOW,
    Heads,
    Shape,
    bundle,
    classifier,
    deepened,
    writer,
)
from speed.streams import streams
from speed.tables import TIMING_HEADER, text_note, timing_cells
from svodka.bundle import load_bundle

Peaks = Mapping[str, float]
DEPTHS = (6, 8, 12)


def tags_whole(setting: Setting, peaks: Peaks) -> Section:
    """Tags by an encoder of 30M that can read an article whole, as `pipeline` does if nobody forbids it."""
    longest = int(TINY.settings["max_position_embeddings"])
    reads = f"`pipeline` reads as much as its model can, {longest:,} tokens; Svodka all, in windows of {WINDOW}."
    return _tags(TINY, setting, peaks, target=3, longest=longest, reads=reads)


def tags_small(setting: Setting, peaks: Peaks) -> Section:
    """The same, the start of each article alone."""
    return _tags(TINY, setting, peaks, target=3)


def tags_large(setting: Setting, peaks: Peaks) -> Section:
    """Tags by MiniLM's shape."""
    return _tags(MINILM, setting, peaks, target=2.5)


def _tags(
    shape: Shape, setting: Setting, peaks: Peaks, *, target: float, longest: int = LONGEST, reads: str = ""
) -> Section:
    folder = str(bundle(shape, Heads(), setting))
    windows = ALL_WINDOWS if longest > WINDOW else 1
    base = Spec(f"`pipeline`, batch {PIPELINE_BATCH}", "pipeline", str(classifier(shape, setting)), longest=longest)
    ours = [Spec(f"Svodka, {e}", "svodka", folder, engine=e, windows=windows) for e in setting.engines]
    articles = setting.articles[: setting.n]
    found = compare([base, *ours], articles, setting)
    return Section(
        f"Tags, {shape.name}, {'whole articles' if windows > 1 else f'the first {longest} tokens'}",
        TIMING_HEADER,
        timing_cells(found, peaks),
        [
            f"{len(articles)} articles, {setting.rounds} rounds, {TAGS} tags, random weights.",
            *filter(None, [reads]),
            f"`pipeline` has a linear head over [CLS]; Svodka has label-wise attention over all tokens, and gives the "
            f"evidence of each tag. The vocabulary of {shape.vocabulary:,} is whole in both.",
            text_note(found),
            _reached(found, target),
        ],
        found.to_dict(),
    )


def written_greedy(setting: Setting, peaks: Peaks) -> Section:
    """Tags and a greedy summary."""
    return _written(setting, peaks, beams=1)


def written_beams(setting: Setting, peaks: Peaks) -> Section:
    """Tags and a summary by beam search."""
    return _written(setting, peaks, beams=4)


def _written(setting: Setting, peaks: Peaks, *, beams: int) -> Section:
    folder = bundle(MT5, Heads(writes=True), setting)
    both = Spec(
        f"`pipeline` (encoder of 30M), then `generate`, batch {WRITER_BATCH}",
        "two passes", str(classifier(TINY, setting)), writer=str(writer(MT5, setting)), beams=beams,
    )  # fmt: skip
    specs = [
        both,
        *(Spec(f"Svodka, {e}", "svodka", str(folder), engine=e, beams=beams) for e in setting.engines),
    ]
    articles = setting.articles[: setting.n_written]
    found = compare(specs, articles, setting)
    return Section(
        f"Tags and an abstractive summary, {MT5.name}, {'greedy' if beams == 1 else f'beam {beams}'}",
        TIMING_HEADER,
        timing_cells(found, peaks),
        [
            f"{len(articles)} articles, {setting.rounds} rounds, random weights; all read the first {LONGEST} tokens "
            f"and write {NEW_TOKENS}, which none can end before.",
            "Two passes tag by the smaller encoder, the cheaper choice. GFLOP/s are those of the encoder alone over "
            "the time of everything.",
            text_note(found),
            _vocabularies(folder, setting),
            _reached(found, 5),
        ],
        found.to_dict(),
    )


def _reached(found: Comparison, target: float) -> str:
    ours = found.rows[1:]
    if not ours:
        return f"Target: {target} times as fast."
    best = max(ours, key=lambda row: row.ratio.median)
    return f"Target: {target} times as fast; the fastest: {best.name}, {best.ratio.median:.2f}."


def _vocabularies(folder: Path, setting: Setting) -> str:
    kept, whole = len(load_bundle(folder).tokenizer), MT5.vocabulary
    if setting.tokenizers is None:
        return (
            f"The tokenizer is a small one of {kept:,} pieces; two passes have {whole:,} rows for it, Svodka {kept:,}."
        )
    return (
        f"Two passes have the full vocabulary of {whole:,}; Svodka's is cut to the {kept:,} tokens that "
        f"{len(setting.corpus):,} other articles use."
    )


def beside(setting: Setting, peaks: Peaks) -> Section:
    """What tags cost beside a summary, by the same model with and without its tag head."""
    cases = {
        "greedy": (MT5, Heads(writes=True), 1, setting.n_written),
        "beam 4": (MT5, Heads(writes=True), 4, setting.n_written),
        "extractive": (TINY, Heads(sentences=True), 0, setting.n),
    }
    cells, data = [], {}
    for name, (shape, heads, beams, n) in cases.items():
        alone = Heads(tags=False, sentences=heads.sentences, writes=heads.writes)
        specs = {
            "summary": Spec("", "svodka", str(bundle(shape, alone, setting)), engine="auto", beams=beams),
            "both": Spec("", "svodka", str(bundle(shape, heads, setting)), engine="auto", beams=beams),
        }
        seconds = _timed(specs, setting, n)
        spread = ratios(seconds["both"], seconds["summary"])
        rates = [f"{n / Spread.of(s).median:.1f}" for s in (seconds["summary"], seconds["both"])]
        cells.append([f"{shape.name}, {name}", f"{spread:.3f}", *rates])
        data[name] = {"seconds": seconds, "ratio": vars(spread), "n": n}
    notes = [f"{setting.rounds} rounds, engine auto, {TAGS} tags with evidence, random weights. Target: below 1.10."]
    header = ("summary", "time with tags / without", "articles/s without", "articles/s with")
    return Section("Tags beside a summary", header, cells, notes, data)


def _timed(specs: Mapping[str, Spec], setting: Setting, n: int) -> dict[str, list[float]]:
    articles = setting.articles[:n]
    contenders = {name: load(spec, setting.device) for name, spec in specs.items()}
    runs = {name: partial(contender.run, articles) for name, contender in contenders.items()}
    for run in runs.values():
        run()
    return run_rounds(runs, setting.rounds, setting.seed)


def depth(setting: Setting, peaks: Peaks) -> Section:
    """The bundle that ships with more layers, whole: topics, tags, evidence and summary; and beside another bundle."""
    engines = [engine for engine in setting.engines if engine != REFERENCE]
    folders = {f"{layers} layers": deepened(layers, setting) for layers in DEPTHS}
    if setting.beside is not None:
        folders = {setting.beside.name: setting.beside} | folders
    specs = [Spec(f"{name}, {e}", "svodka", str(folder), engine=e) for name, folder in folders.items() for e in engines]
    articles = setting.articles[: setting.n]
    found = compare(specs, articles, setting)
    notes = [
        f"{len(articles)} articles, {setting.rounds} rounds. More layers than ship are those that ship, in turn: their "
        "answers mean nothing.",
        text_note(found),
    ]
    return Section("The shipped bundle by layers", TIMING_HEADER, timing_cells(found, peaks), notes, found.to_dict())


PARTS: dict[str, tuple[Callable[[Setting, Peaks], Section], ...]] = {
    "tags30": (tags_whole, tags_small),
    "minilm": (tags_large,),
    "written": (written_greedy, written_beams),
    "beside": (beside,),
    "memory": (streams,),
    "depth": (depth,),
}
