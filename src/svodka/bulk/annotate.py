"""`svodka annotate`: inputs to a file, safe to kill, or as a stream to whoever asked."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from svodka.annotator import Annotator
from svodka.bulk.blocks import cut_blocks
from svodka.bulk.finish import FORMS, check_output
from svodka.bulk.journal import WorkFiles
from svodka.bulk.options import AnnotateOptions
from svodka.bulk.run import LocalRunner, Monitor, Runner, RunPlan, Summary, run_to_files
from svodka.bulk.worker import BlockWorker
from svodka.errors import ConfigError
from svodka.files import check_apart, check_file, linked, synced, temporary_name
from svodka.inputs.rows import RejectedRow, encode_line
from svodka.inputs.sources import Inputs
from svodka.inputs.streams import Meter, is_url
from svodka.visible import tell, visible


@dataclass(frozen=True)
class FileTarget:
    """Where results and rejects are to lie.

    Attributes:
        output: the results; its name asks for a form, see `finish.FORMS`.
        rejects: what could not be annotated; None: beside the output, and only if there is any.
        overwrite: replace what another or a finished run left there, instead of refusing.
    """

    output: Path
    rejects: Path | None = None
    overwrite: bool = False

    def files(self) -> WorkFiles:
        """All files of the run; a link stays, and the file that it names is written."""
        output = linked(self.output)
        beside = output.with_name(f"{output.name}.rejects.jsonl")
        return WorkFiles(output, beside if self.rejects is None else linked(self.rejects))

    def check(self, inputs: Inputs) -> None:
        """Look at the names before any work starts.

        Raises:
            ConfigError: a form that cannot be written, a place that cannot, or a file that the run itself reads or
                writes otherwise.
        """
        if is_url(str(self.output)):
            raise ConfigError(f"--output {self.output} must be a local path; copy the finished file to its store")
        check_output(self.output)
        files = self.files()
        check_apart(files.by_name(), inputs.local())
        for path in (files.output, files.rejects):
            check_file(path)


def annotate_to_file(inputs: Inputs, options: AnnotateOptions, target: FileTarget, *, monitor: Monitor) -> Summary:
    """Annotate inputs into a file; a run that was stopped goes on.

    Args:
        inputs: what to read.
        options: how to load the model.
        target: where to write.
        monitor: is told how far it has come.

    Raises:
        ConfigError, DataError, StoppedError, SvodkaError: as `run_to_files`; BundleError: as `AnnotateOptions.load`.
    """
    options.check(to_file=True)
    inputs.check()
    target.check(inputs)
    annotator = options.load()
    plan = RunPlan(
        inputs,
        target.files(),
        identity(annotator, options, inputs, target),
        keep_empty_rejects=target.rejects is not None,
    )
    return run_to_files(plan, _runner(annotator, options, inputs), monitor, overwrite=target.overwrite)


def annotate_to_stream(
    inputs: Inputs, options: AnnotateOptions, *, rejects: Path | None, show: Callable[[Iterator[bytes]], None]
) -> int:
    """Annotate inputs for whoever takes the results as they come; nothing of it can be resumed.

    Args:
        inputs: what to read.
        options: how to load the model.
        rejects: file for what could not be annotated; rows are named on standard error too.
        show: takes the results, each a JSON line.

    Returns:
        How many rows could not be annotated.
    """
    options.check(to_file=False)
    inputs.check()
    if rejects:
        check_apart({"--rejects": rejects, "the work file": temporary_name(check_file(rejects))}, inputs.local())
    worker = BlockWorker(options.load(), inputs.fields)
    refused = [0]
    with _reject_writer(rejects) as write:
        show(_results(worker, inputs, write, refused))
    return refused[0]


def identity(annotator: Annotator, options: AnnotateOptions, inputs: Inputs, target: FileTarget) -> Mapping[str, Any]:
    """Everything that decides the results, but for the rows themselves; how it is computed decides last digits."""
    import torch

    import svodka

    return {
        "model": annotator.bundle.fingerprint,
        "summary": annotator.summary.model_dump(mode="json"),
        "engine": annotator.engine,
        "device": annotator.device,
        "entities": options.entities,
        "tag choice": options.choice.to_dict(),
        "language": options.language,
        "svodka": svodka.__version__,
        "torch": torch.__version__,
        "inputs": list(inputs.paths),
        "retry": list(inputs.rejects),
        "fields": dict(inputs.fields),
        "block rows": inputs.block_rows,
        "form": next(suffix for suffix in FORMS if target.output.name.lower().endswith(suffix)),
        "rejects": str(target.files().rejects),
    }


def _runner(annotator: Annotator, options: AnnotateOptions, inputs: Inputs) -> Runner:
    if options.runner == "local":
        return LocalRunner(BlockWorker(annotator, inputs.fields))
    from svodka.bulk.ray_runner import RayRunner

    # What `auto` means is decided here, once: a worker on another kind of processor would choose for itself.
    return RayRunner(replace(options, engine=annotator.engine))


def _results(
    worker: BlockWorker, inputs: Inputs, write: Callable[[bytes], object], refused: list[int]
) -> Iterator[bytes]:
    rows = 0
    for block in cut_blocks(inputs.sources(), Meter()):
        for i, item in enumerate(worker.items(block)):
            if isinstance(item, RejectedRow):
                refused[0] += 1
                tell(visible(f"{item.reject.where}: {item.reject.detail}"))
                write(encode_line(item.to_dict(rows + i)))
            else:
                yield item
        rows += len(block.rows)


@contextmanager
def _reject_writer(path: Path | None) -> Iterator[Callable[[bytes], object]]:
    if path is None:
        yield len
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        with synced(path) as file:
            yield file.write
