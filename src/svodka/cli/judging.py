"""Commands that tell what a model is worth: evaluate, export, compare, drift, inspect."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from svodka.cli.app import DONE_WITH_REJECTS, DRIFTED, app, check_written, code_after, found_inputs
from svodka.cli.options import Device, Fields
from svodka.errors import ConfigError
from svodka.extras import require
from svodka.visible import tell, visible, visible_values

if TYPE_CHECKING:
    from svodka.bundle.files import BundlePaths


_FAILURES = {"some": ("some drift", "strong drift"), "strong": ("strong drift",)}


@app.command()
def evaluate(
    bundle: Annotated[str, typer.Argument(help="Bundle: a folder or a hub id.")],
    data: Annotated[
        str,
        typer.Argument(help="Folder made by `svodka prepare`, or what `annotate` reads; its name is the outlet's."),
    ],
    field: Fields = None,
    split: Annotated[str, typer.Option(help="train, validation or test.")] = "test",
    limit: Annotated[int | None, typer.Option(min=1, help="Score only the first articles.")] = None,
    baselines: Annotated[bool, typer.Option(help="Score the baselines beside the model.")] = True,
    rouge: Annotated[str, typer.Option(help="ROUGE as plain, gazeta or xlsum compute it.")] = "plain",
    evidence: Annotated[int, typer.Option(min=0, help="Try the tags' evidence on so many of the articles.")] = 0,
    engine: Annotated[
        str, typer.Option(help="How the arithmetic runs; the scores of a model are those of torch.")
    ] = "torch",
    device: Device = None,
    tags: Annotated[
        str | None, typer.Option(help="Other tags than the bundle's: a YAML file, or names with commas between them.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Write the report as JSON.")] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write the report as one HTML page, with JSON and CSV beside it.")
    ] = None,
    history: Annotated[
        Path | None, typer.Option(help="history.jsonl of the training run, for a bundle without it.")
    ] = None,
    attach: Annotated[bool, typer.Option(help="Write the scores into the bundle's metrics and card.")] = False,
) -> None:
    """Score a bundle on articles with editors' tags and summaries; of prepared ones beside its baselines."""
    require("evaluate")
    from svodka.cli.reports import show_report
    from svodka.data.gold import Gold
    from svodka.evaluation.options import EvaluateOptions
    from svodka.evaluation.report.write import check_report_path, write_report, write_report_json
    from svodka.inputs.sources import field_map
    from svodka.tagsets import read_tag_set

    options = EvaluateOptions(
        split=split, limit=limit, baselines=baselines, rouge=rouge, evidence=evidence, history=history
    )
    check_report_path(report)
    written = {"--output": output, "--report": report, "the report's JSON": report and report.with_suffix(".json")}
    check_written(written, [history] if history else [])
    if attach and not Path(bundle).is_dir():
        raise ConfigError(f"--attach writes into a bundle's folder, and {bundle} is none here; download it first")
    named = None if tags is None else read_tag_set(tags)
    if named and attach:
        raise ConfigError("--attach writes the scores of the bundle's own tags into it; leave out --tags or --attach")
    gold = Gold.of(data, field_map(field or ()))
    # Loaded only now: torch takes seconds, and a wrong path is told at once.
    from svodka.annotator import Annotator
    from svodka.evaluation.attach import attach_report
    from svodka.evaluation.evaluate import evaluate as run
    from svodka.evaluation.verdict import sentence

    annotator = Annotator.load(bundle, engine=engine, device=device).with_tags(named)
    with gold.open(annotator.bundle.labels, split) as articles:
        found = run(annotator, articles, options, say=tell)
        if attach:
            attach_report(Path(bundle), annotator, articles, found)
    show_report(visible_values(found), [sentence(row) for row in found["below"]])
    if output:
        write_report_json(output, found)
    for path in write_report(found, report) if report else []:
        typer.echo(f"written: {path}")
    if gold.refused:
        raise typer.Exit(DONE_WITH_REJECTS)


@app.command()
def export(
    bundle: Annotated[Path, typer.Argument(help="Folder of the bundle.")],
    data: Annotated[
        str, typer.Argument(help="Folder made by `svodka prepare`, its validation split; or what `annotate` reads.")
    ],
    engine: Annotated[str, typer.Option(help="bf16 or int8.")],
    field: Fields = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Score only the first articles.")] = None,
    timed: Annotated[int, typer.Option(min=1, help="Articles of a round of timing.")] = 48,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of timing.")] = 5,
) -> None:
    """Let `auto` choose an engine of fewer bits on such machines, if it is as good as the model and faster here."""
    require("export")
    from svodka.bundle.files import BundlePaths
    from svodka.cli.folders import show_engine
    from svodka.data.gold import Gold
    from svodka.inputs.sources import field_map
    from svodka.labels import TagVocabulary

    gold = Gold.of(data, field_map(field or ()))
    # Loaded only now: torch takes seconds, and a wrong path is told at once.
    from svodka.evaluation.gate import SPLIT
    from svodka.evaluation.gate import export as run

    with gold.open(TagVocabulary.load(BundlePaths(bundle).labels), SPLIT) as articles:
        show_engine(run(bundle, articles, engine, limit=limit, timed=timed, rounds=rounds))
    if gold.refused:
        raise typer.Exit(DONE_WITH_REJECTS)


@app.command()
def compare(
    first: Annotated[Path, typer.Argument(help="Report as JSON, by `svodka evaluate --output` or `--report`.")],
    second: Annotated[Path, typer.Argument(help="Report of another model on the same articles.")],
    output: Annotated[Path | None, typer.Option(help="Write the differences as JSON.")] = None,
) -> None:
    """Differences of two models' scores on the same articles, with confidence intervals of 95%."""
    require("compare")
    from svodka.cli.reports import show_comparison
    from svodka.evaluation.compare import compare as run
    from svodka.files import read_json, write_json

    check_written({"--output": output}, [first, second])
    found = run(read_json(first), read_json(second))
    show_comparison(visible_values(found))
    if output:
        write_json(output, found)


@app.command()
def drift(
    bundle: Annotated[str, typer.Argument(help="Bundle: a folder or a hub id.")],
    inputs: Annotated[
        list[str], typer.Argument(help="New articles: tables, pages, folders, URLs, or - for JSON lines on stdin.")
    ],
    field: Fields = None,
    device: Device = None,
    output: Annotated[Path | None, typer.Option(help="Write the findings as JSON.")] = None,
    fail_on: Annotated[
        str | None, typer.Option(help="End with exit code 4 on drift so strong: some or strong.")
    ] = None,
) -> None:
    """Tell whether new articles are still like those that a bundle was trained on. Exit code 3 as in `annotate`."""
    require("drift")
    from svodka.cli.reports import show_drift
    from svodka.files import write_json
    from svodka.inputs.articles import read_articles
    from svodka.inputs.reject import Reject

    given = found_inputs(inputs, field)
    check_written({"--output": output}, given.local())
    if fail_on not in (None, *_FAILURES):
        raise ConfigError(f"--fail-on '{fail_on}' is no degree of drift; allowed: {', '.join(_FAILURES)}")
    from svodka.annotator import Annotator
    from svodka.evaluation.drift import drift as run

    annotator, refused = Annotator.load(bundle, device=device), list[Reject]()
    found = run(annotator, read_articles(given, annotator.bundle.labels, refused), say=tell)
    show_drift(visible_values(found))
    if output:
        write_json(output, found)
    code = code_after(len(refused))
    raise typer.Exit(DRIFTED if fail_on and found["verdict"] in _FAILURES[fail_on] else code)


@app.command()
def inspect(
    path: Annotated[Path, typer.Argument(help="A bundle, or a folder made by `svodka prepare`.")],
    verify: Annotated[bool, typer.Option("--verify", help="Of a bundle: check the sha256 of every file.")] = False,
    config: Annotated[bool, typer.Option("--config", help="Of a bundle: print the config it was trained by.")] = False,
) -> None:
    """Tell what a bundle or a prepared folder holds and where it comes from; no file may be missing or cut."""
    from svodka.bundle.files import BundlePaths, check_bundle
    from svodka.bundle.metrics import read_metrics
    from svodka.cli.folders import show_bundle, show_preparation

    paths = BundlePaths(path)
    if paths.manifest.exists():
        manifest = check_bundle(path, hashes=verify)
        metrics = visible_values(read_metrics(paths.metrics))
        show_bundle(visible_values(manifest), metrics, knows=_knows(paths), verified=verify)
        lines = paths.run.read_text(encoding="utf-8").split("\n") if config else ()
        return typer.echo("\n".join(map(visible, lines))) if config else None
    if (path / "manifest.json").exists():
        from svodka.data.store import PreparedData

        return show_preparation(PreparedData.open(path).manifest, path)
    raise ConfigError(f"{path} is neither a bundle (bundle.json) nor a prepared folder (manifest.json)")


def _knows(paths: "BundlePaths") -> dict[str, str]:
    """What a bundle can give: how many tags, how many topics and in which languages."""
    from svodka.bundle.calibration import TopicCalibration
    from svodka.labels import TagVocabulary
    from svodka.topics import LANGUAGES

    labels, topics = TagVocabulary.load(paths.labels), TopicCalibration.load(paths.thresholds)
    hidden = f", {len(labels.house)} of them for its outlet alone" if labels.house else ""
    told = "none" if topics is None else f"{len(topics)}, named in {', '.join(LANGUAGES)}"
    return {"topics": told, "tags": f"{len(labels)}{hidden}"}
