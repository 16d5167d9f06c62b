"""Scores of a report written into the bundle that it is of."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from svodka.annotator import Annotator
from svodka.bundle import update_report
from svodka.bundle.card import model_card, name_and_about
from svodka.bundle.reference import Reference
from svodka.data.store import PreparedData
from svodka.evaluation.drift import learn_reference


def attach_report(target: Path, annotator: Annotator, data: PreparedData, report: Mapping[str, Any]) -> None:
    """Write the scores of a report into the metrics and the card of a saved bundle.

    A bundle that was saved without reference statistics gets them, if `data` are those that it was trained on.
    """
    bundle = annotator.bundle
    scores: dict[str, Any] = {"n": report["n"], "data": report["data"]}
    for part in ("topics", "tags"):
        for system, values in report.get(part, {}).items():
            scores[f"{part}, {system}"] = values
    if "summaries" in report:
        scores["ROUGE signature"] = report["summaries"]["signature"]
        scores["chrF signature"] = report["summaries"]["chrf_signature"]
        for system, values in report["summaries"]["systems"].items():
            scores[f"summaries, {system}"] = values
        for pair in (key for key in report["summaries"] if key.startswith("model - ")):
            scores[f"summaries, {pair}, with 95% interval"] = report["summaries"][pair]
    if "evidence" in report:
        plain = ("articles", "pairs", "share", "share_interval", "fall", "fall_other")
        scores["evidence"] = {k: report["evidence"][k] for k in plain if k in report["evidence"]}
    metrics = {**bundle.metrics, str(report["split"]): scores}
    name, about = name_and_about(bundle.run)
    card = model_card(
        name, about, origin=bundle.origin, metrics=metrics, tags=bundle.labels.names, topics=bundle.topics is not None
    )
    update_report(target, metrics=metrics, card=card, reference=_missing_reference(annotator, data))


def _missing_reference(annotator: Annotator, data: PreparedData) -> Reference | None:
    bundle, held_out = annotator.bundle, data.articles("validation")
    if bundle.reference is not None or bundle.origin.get("data") != data.hash or not held_out:
        return None
    return learn_reference(annotator, data.hash, train=data.articles("train"), held_out=held_out)
