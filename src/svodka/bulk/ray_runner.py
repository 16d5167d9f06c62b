"""The same blocks on a Ray cluster: read where there is room, annotated by actors that hold a model each.

A block is a row of the Ray dataset, so that no one joins or divides it; the outcomes come back in order, and the
driver writes them with the journal of a local run. Output and resuming are therefore those of a local run.
"""

import logging
import os
import pickle
from collections.abc import Iterator
from functools import partial
from typing import Any

from svodka.bulk.blocks import Block, source_blocks
from svodka.bulk.options import AnnotateOptions
from svodka.bulk.stop import StopSignal
from svodka.bulk.worker import BlockWorker, Outcome
from svodka.errors import ConfigError, SvodkaError
from svodka.inputs.sources import STDIN, Inputs, Source
from svodka.inputs.streams import Meter

_PAYLOAD = "payload"


class RayRunner:
    """Does the work on the cluster that `RAY_ADDRESS` names, or on one that it starts on this machine."""

    def __init__(self, options: AnnotateOptions) -> None:
        """Prepare a runner; nothing is started yet.

        Raises:
            ConfigError: Ray is not installed.
        """
        try:
            import ray.data  # noqa: F401
        except ImportError:
            raise ConfigError("--runner ray needs Ray: pip install 'svodka[ray]'") from None
        self._options = options

    def outcomes(self, blocks: Iterator[Block], inputs: Inputs, *, stop: StopSignal) -> Iterator[Outcome]:
        """As `Runner.outcomes`; files are read by the cluster, which must see them under the same paths.

        Raises:
            ConfigError: standard input, which no other machine can read.
            SvodkaError: the cluster failed, or the model on every article.
        """
        import ray

        if STDIN in inputs.paths:
            raise ConfigError("--runner ray cannot read standard input, which is on this machine alone; name a file")
        first = next(blocks, None)
        if first is None:
            return
        if not ray.is_initialized():
            ray.init(address=os.environ.get("RAY_ADDRESS"), log_to_driver=False, logging_level=logging.WARNING)
        logging.getLogger("ray.data").setLevel(logging.WARNING)
        rows = self._dataset(inputs, first).iter_rows()
        try:
            yield from (pickle.loads(row[_PAYLOAD]) for row in stop.watched(iter(rows)))
        except ray.exceptions.RayError as error:
            cause = getattr(error, "cause", None)
            raise (
                cause
                if isinstance(cause, SvodkaError)
                else SvodkaError(
                    f"the cluster failed: {error}; mend that and run the same command again: it goes on where it was"
                )
            ) from error

    def _dataset(self, inputs: Inputs, first: Block) -> Any:
        import ray
        from ray.data import ActorPoolStrategy, DataContext

        sources = list(inputs.sources())
        context = DataContext.get_current()
        # Outcomes in the order of their blocks; and no Ray block holds more than one of ours.
        context.execution_options.preserve_order = True
        context.target_max_block_size = 1
        context.enable_progress_bars = False
        gpu = (self._options.device or "cpu").startswith("cuda")
        workers = self._options.workers or _fitting("GPU" if gpu else "CPU")
        blocks = ray.data.read_datasource(_datasource(sources, first), override_num_blocks=len(sources) - first.source)
        return blocks.map_batches(
            _Actor,
            fn_constructor_args=[self._options, inputs.fields],
            batch_size=1,
            compute=ActorPoolStrategy(size=workers),
            num_cpus=0 if gpu else 1,
            num_gpus=1 if gpu else 0,
        )


class _Actor:
    """One model, loaded once, in a process of its own."""

    def __init__(self, options: AnnotateOptions, fields: tuple[tuple[str, str], ...]) -> None:
        self._worker = BlockWorker(options.load(), fields)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        outcomes = [self._worker.outcome(pickle.loads(payload)) for payload in batch[_PAYLOAD]]
        return {_PAYLOAD: [pickle.dumps(outcome) for outcome in outcomes]}


def _fitting(resource: str) -> int:
    """As many actors as the cluster has processors of this kind, one CPU left for reading."""
    import ray

    resources: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
    have = int(resources.get(resource, 0))
    if resource == "GPU" and not have:
        raise ConfigError("--device cuda, but the Ray cluster has no GPU; add one, or leave --device out")
    return have if resource == "GPU" else max(1, have - 1)


def _datasource(sources: list[Source], first: Block) -> Any:
    """Ray's view of what is left to read, from block `first` on: a read task for each source."""
    from ray.data import Datasource, ReadTask
    from ray.data.block import BlockMetadata

    class Blocks(Datasource):
        """Our blocks, pickled, one a row."""

        def estimate_inmemory_data_size(self) -> int | None:
            """Unknown: what is read is held a few blocks at a time."""
            return None

        def get_read_tasks(self, parallelism: int, *_: Any, **__: Any) -> list[ReadTask]:
            """A task for each source that is not done."""
            unknown = BlockMetadata(num_rows=None, size_bytes=None, exec_stats=None)
            return [
                ReadTask(partial(_read, source, i, first.number if i == first.source else 0), unknown)
                for i, source in enumerate(sources)
                if i >= first.source
            ]

    return Blocks()  # type: ignore[no-untyped-call]


def _read(source: Source, i: int, start: int) -> Iterator[Any]:
    import pyarrow as pa

    for block in source_blocks(source, i, Meter()):
        if block.number >= start:
            yield pa.table({_PAYLOAD: [pickle.dumps(block)]})
