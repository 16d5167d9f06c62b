"""The gate that an engine of fewer bits must pass: the same quality as the reference, and faster here."""

import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import svodka
from svodka.annotator import Annotator
from svodka.article import Article
from svodka.bundle import load_bundle, update_engines
from svodka.bundle.engine_records import EngineRecord, with_record
from svodka.data.store import PreparedData
from svodka.errors import BundleError, ConfigError, DataError
from svodka.evaluation.evaluate import evaluate
from svodka.evaluation.options import EvaluateOptions

REFERENCE = "fast"  # the quickest of those that give the model's own results
SPLIT = "validation"  # thresholds were chosen on it too, for every engine alike


def export(
    target: Path, data: PreparedData, engine: str, *, limit: int | None = None, timed: int = 48, rounds: int = 5
) -> EngineRecord:
    """Hold an engine against the reference on the validation split, and note it in the bundle if it is good.

    Args:
        target: the bundle's folder.
        data: prepared articles.
        engine: its name.
        limit: score only the first articles; None takes all.
        timed: articles of a round of timing; rounds: how often both are timed, in turn.

    Raises:
        BundleError: the engine is no better than the reference, told with all numbers; the bundle stays as it was.
        ConfigError: an engine that needs no export.
        DataError: the validation split is empty.
    """
    if engine in ("auto", "torch", REFERENCE):
        raise ConfigError(f"engine '{engine}' gives the model's own results and needs no export")
    articles = data.articles(SPLIT)[:limit]
    if not articles:
        raise DataError(f"the split '{SPLIT}' has no articles to hold an engine against the reference on")
    # Loaded as whoever uses it will: what is rounded where decides the last digits of few bits.
    annotators = {name: Annotator(load_bundle(target, light=True), engine=name) for name in (REFERENCE, engine)}
    record = _measure(annotators, data, articles[:timed], limit=limit, rounds=rounds)
    if record.faults:
        raise BundleError(f"engine '{engine}' is refused for {target}: " + "; ".join(record.faults))
    update_engines(target, with_record(annotators[engine].bundle.engines, record))
    return record


def _measure(
    annotators: dict[str, Annotator], data: PreparedData, timed: Sequence[Article], *, limit: int | None, rounds: int
) -> EngineRecord:
    import torch

    reference, engine = annotators
    scores = {name: _scores(annotator, data, limit) for name, annotator in annotators.items()}
    ratios = ratios_of([_answering(annotator, timed) for annotator in annotators.values()], rounds)
    return EngineRecord(
        engine=engine,
        machine=annotators[engine].machine,
        data=data.hash,
        split=SPLIT,
        n=len(data.articles(SPLIT)[:limit]),
        scores={name: (scores[reference][name], scores[engine][name]) for name in scores[reference]},
        speedup=round(statistics.median(ratios), 3),
        slowest=round(min(ratios), 3),
        fastest=round(max(ratios), 3),
        timed=len(timed),
        rounds=rounds,
        versions={"svodka": svodka.__version__, "torch": torch.__version__},
    )


def ratios_of(
    pair: Sequence[Callable[[], object]], rounds: int, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Time of the first over that of the second, once a round, after one that does not count; they take turns."""
    times: list[list[float]] = []
    for _ in range(rounds + 1):
        taken = []
        for run in pair:
            begin = clock()
            run()
            taken.append(clock() - begin)
        times.append(taken)
    return [first / second for first, second in times[1:]]


def _answering(annotator: Annotator, articles: Sequence[Article]) -> Callable[[], object]:
    return lambda: annotator(articles)


def _scores(annotator: Annotator, data: PreparedData, limit: int | None) -> dict[str, float]:
    report = evaluate(annotator, data, EvaluateOptions(split=SPLIT, limit=limit, baselines=False))
    scores: dict[str, float] = {}
    if "topics" in report:
        scores["topics' micro-F1"] = 100 * report["topics"]["model"]["micro_f1"]
    if "tags" in report:
        scores["micro-F1"] = 100 * report["tags"]["model"]["micro_f1"]
    if "summaries" in report:
        scores["ROUGE-L"] = report["summaries"]["systems"]["model"]["rougeL"]
    return {name: round(score, 3) for name, score in scores.items()}
