"""A block in, its results and rejects out. A row that makes the model fail is found and set aside."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from svodka.annotator import Annotator
from svodka.article import Annotation, Article
from svodka.bulk.blocks import Block
from svodka.errors import SvodkaError
from svodka.inputs.reject import Reject
from svodka.inputs.rows import Reading, RejectedRow, encode_line, read_row
from svodka.isolation import isolated

_PROBE = Article("Мост через реку открыли после ремонта. Первым по нему проехал автобус.", title="Мост открыт")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a block.

    Attributes:
        rows: how many rows it had.
        lines: results as JSON lines in UTF-8, in the rows' order.
        results: how many.
        rejected: place in the block and row of what was set aside.
        digest: of the block.
    """

    rows: int
    lines: bytes
    results: int
    rejected: tuple[tuple[int, RejectedRow], ...]
    digest: bytes


class BlockWorker:
    """Annotates blocks with one model."""

    def __init__(self, annotator: Annotator, fields: tuple[tuple[str, str], ...] = ()) -> None:
        """Take a model; `fields` names the columns of tables as `Inputs.fields` does."""
        self._annotator, self._reading = annotator, Reading(annotator.bundle.labels, fields)

    def outcome(self, block: Block) -> Outcome:
        """Annotate a block.

        Raises:
            SvodkaError: the model fails on every article, also on one that is known to be good.
        """
        lines, rejected = [], []
        for i, item in enumerate(self.items(block)):
            if isinstance(item, bytes):
                lines.append(item)
            else:
                rejected.append((i, item))
        return Outcome(len(block.rows), b"".join(lines), len(lines), tuple(rejected), block.digest())

    def items(self, block: Block) -> Iterator[bytes | RejectedRow]:
        """For each row of a block in order its result as a JSON line, or the row set aside."""
        found = [read_row(row, self._reading) for row in block.rows]
        annotated = iter(self._annotate([item for item in found if isinstance(item, Article)]))
        for row, item in zip(block.rows, found, strict=True):
            answer = item if isinstance(item, Reject) else _line(next(annotated))
            if isinstance(answer, Exception):
                answer = Reject("failed", row.where, f"{type(answer).__name__}: {answer}")
            yield RejectedRow(row, answer) if isinstance(answer, Reject) else answer

    def _annotate(self, articles: Sequence[Article]) -> list[Annotation | Exception]:
        # Rows are read into articles that are in order; to put them in order once more takes as long as the model.
        answers = isolated(self._scored, articles)
        if any(isinstance(answer, Exception) for answer in answers):
            self._check_health()
        return answers

    def _scored(self, articles: Sequence[Article]) -> list[Annotation]:
        return [found.annotation for found in self._annotator.scored(articles)]

    def _check_health(self) -> None:
        # A device that is gone fails every row; to set them all aside would hide it.
        try:
            self._annotator(_PROBE)
        except Exception as error:
            raise SvodkaError(
                f"the model fails on every article: {type(error).__name__}: {error}; mend that and run the same "
                "command again: it goes on with the block at hand"
            ) from error


def _line(answer: Annotation | Exception) -> bytes | Exception:
    if isinstance(answer, Exception):
        return answer
    try:
        return encode_line(answer.to_dict())
    except (ValueError, RecursionError) as error:
        return error
