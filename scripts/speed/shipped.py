"""The bundle that ships, by each engine: speed, and quality where prepared articles are at hand."""

from collections.abc import Mapping

from speed.compare import compare
from speed.contenders import Spec
from speed.setting import Section, Setting
from speed.tables import TIMING_HEADER, text_note, timing_cells
from svodka.annotator import Annotator
from svodka.bundle import default_bundle
from svodka.evaluation.evaluate import evaluate
from svodka.evaluation.options import EvaluateOptions
from svodka.evaluation.summaries.rouge import SIGNATURES

_ROUGE = "plain"


def shipped(setting: Setting, peaks: Mapping[str, float]) -> Section:
    """Real weights: whole articles, tags with evidence and extractive summaries; the first engine is the base."""
    folder = str(default_bundle())
    specs = [Spec(f"Svodka, {engine}", "svodka", folder, engine=engine) for engine in setting.engines]
    articles = setting.articles[: setting.n]
    found = compare(specs, articles, setting)
    quality = {s.name: _quality(s.engine, setting) for s in specs if s.name not in found.missing}
    told = {row.name: _told(quality[row.name], str(row.agreement or "")) for row in found.rows}
    notes = [
        f"{len(articles)} articles, {setting.rounds} rounds, every token read, `{default_bundle().name}`.",
        text_note(found),
    ]
    if setting.prepared is not None:
        n = len(setting.prepared.articles("validation"))
        notes.append(f"Quality on {n} validation articles, data {setting.prepared.hash[:12]}; {SIGNATURES[_ROUGE]}")
    header = (*TIMING_HEADER[:-1], "quality, and beside the reference engine")
    return Section(
        "The bundle that ships", header, timing_cells(found, peaks, told), notes, found.to_dict() | {"quality": quality}
    )


def _quality(engine: str, setting: Setting) -> dict[str, float]:
    """Micro-F1 and ROUGE-L in percent on the validation split; nothing where the articles are invented."""
    if setting.prepared is None:
        return {}
    annotator = Annotator.load(engine=engine, device=setting.device)
    options = EvaluateOptions(split="validation", baselines=False, rouge=_ROUGE)
    report = evaluate(annotator, setting.prepared, options)
    return {
        "micro-F1": 100 * report["tags"]["model"]["micro_f1"],
        "ROUGE-L": report["summaries"]["systems"]["model"]["rougeL"],
    }


def _told(quality: Mapping[str, float], agreement: str) -> str:
    return "; ".join(filter(None, [", ".join(f"{name} {value:.2f}" for name, value in quality.items()), agreement]))
